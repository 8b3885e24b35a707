import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseCandidates } from '../../../bin/local-train/algorithm.ts';
import { bestOf, checkMetric, type Scored } from '../../../bin/local-train/compare.ts';
import { reportText } from '../../../bin/local-train/report-text.ts';
import { parseSpace, searchCandidates, triedText } from '../../../bin/local-train/search.ts';
import type { TrainOptions, train } from '../../../bin/local-train/train.ts';
import { getTrainer, kFold, toMatrix, toTarget } from '../../../lib/learn/index.ts';
import { readCsv, seededRandom, splitRows, takeRows } from '../../../lib/table/index.ts';
import { runCli } from '../../support/cli.ts';
import { temporaryFolder, trainingIn } from '../../support/local-train.ts';

const dir = temporaryFolder('search');
const { write, trained } = trainingIn(dir, { params: { trees: 5 } });

/** Numbers to predict: y = 3a - b and noise; four rows a customer, who each add a constant that is nowhere else told. */
const amounts = (rows: number, ofCustomer = 0): string => {
  const random = seededRandom(3);
  const shift = Array.from({ length: rows / 4 }, () => random() - 0.5);
  return write(
    'customer,a,b,y',
    Array.from({ length: rows }, (_, i) => {
      const customer = Math.floor(i / 4);
      const [a, b] = [random(), random()];
      const y = 3 * a - b + 0.1 * random() + ofCustomer * shift[customer]!;
      return [`c${customer}`, a.toFixed(4), b.toFixed(4), y.toFixed(4)];
    }),
  );
};

describe('parseSpace', () => {
  it('reads lists of numbers, words, flags and objects', () => {
    expect(
      parseSpace([
        'maxDepth=4, 8',
        'maxFeatures=sqrt,0.5',
        'bootstrap=true,false',
        'classWeight={"a":2,"b":1}',
      ]),
    ).toEqual({
      maxDepth: [4, 8],
      maxFeatures: ['sqrt', 0.5],
      bootstrap: [true, false],
      classWeight: [{ a: 2, b: 1 }],
    });
    expect(parseSpace(['classWeight=["balanced",{"a":2}]'])).toEqual({ classWeight: ['balanced', { a: 2 }] });
  });

  it('reads ranges: whole numbers, real ones, orders of magnitude', () => {
    expect(parseSpace(['maxLeaves=8..64', 'subsample=0.5..1', 'l2=1e-3..1e2:log'])).toEqual({
      maxLeaves: { range: 'integer', min: 8, max: 64 },
      subsample: { range: 'uniform', min: 0.5, max: 1 },
      l2: { range: 'log-uniform', min: 0.001, max: 100 },
    });
  });

  it.each([
    'trees',
    '=3',
    'a b=3',
    'trees=',
    'trees=1,,2',
    'trees=[]',
    'trees=5..1',
    'trees=5..5',
    'l2=0..1:log',
    'l2=a..b',
    'l2=0..1:exp',
    'l2=1...2',
    '__proto__=1',
  ])('refuses %j', (text) => {
    expect(() => parseSpace([text])).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        field: 'try',
        remedy: expect.stringContaining('--try'),
      }),
    );
  });
  it('refuses a parameter that is given twice', () => {
    expect(() => parseSpace(['trees=1', 'trees=2'])).toThrow(/given before/);
  });
});

describe('searchCandidates', () => {
  const chosen = (algorithm: string) => chooseCandidates({ algorithm }, 'regression', () => undefined);
  const search = (algorithm: string, tries: string[], more = {}) =>
    searchCandidates(chosen(algorithm), { space: parseSpace(tries), seed: 42, ...more });

  it('has every combination, the other parameters as they were', () => {
    const found = search('random-forest', ['trees=5,10', 'maxDepth=2,3']);
    expect(found.map(({ tried }) => triedText(tried))).toEqual([
      'trees=5 maxDepth=2',
      'trees=5 maxDepth=3',
      'trees=10 maxDepth=2',
      'trees=10 maxDepth=3',
    ]);
    expect(found[3]!.params).toEqual({ ...chosen('random-forest')[0]!.params, trees: 10, maxDepth: 3 });
  });

  it('gives each algorithm what it knows, and one that knows nothing of it once', () => {
    const found = search('random-forest,gradient-boosting,linear-regression', ['trees=5,10', 'rounds=7']);
    expect(found.map(({ algorithm, tried }) => [algorithm, tried])).toEqual([
      ['random-forest', { trees: 5 }],
      ['random-forest', { trees: 10 }],
      ['gradient-boosting', { rounds: 7 }],
      ['linear-regression', undefined],
    ]);
  });

  it('draws from ranges by the seed, within them, as many as asked for', () => {
    const draw = (seed: number) =>
      search('gradient-boosting', ['learningRate=0.01..0.3:log', 'maxLeaves=4..32'], { count: 12, seed });
    const found = draw(1);
    expect(found).toHaveLength(12);
    for (const { params } of found) {
      expect(params.learningRate).toBeGreaterThanOrEqual(0.01);
      expect(params.learningRate).toBeLessThanOrEqual(0.3);
      expect(Number.isInteger(params.maxLeaves)).toBe(true);
    }
    expect(draw(1)).toEqual(found);
    expect(draw(2)).not.toEqual(found);
    expect(search('gradient-boosting', ['learningRate=0.01..0.3:log'])).toHaveLength(20);
  });

  it.each([
    ['a range in a grid', ['maxDepth=1..5'], { method: 'grid' }, 'INVALID_INPUT', 'try'],
    ['nothing to try', [], { method: 'random' }, 'INVALID_INPUT', 'search'],
    ['a number of candidates in a grid', ['maxDepth=1,5'], { count: 3 }, 'INVALID_INPUT', 'candidates'],
    ['a parameter that nobody has', ['depth=1,5'], {}, 'BAD_DEFINITION', 'depth'],
    ['a value that is refused', ['maxDepth=3,-5'], {}, 'BAD_DEFINITION', 'maxDepth'],
    ['a range that is refused at an end', ['maxDepth=0..5'], {}, 'BAD_DEFINITION', 'maxDepth'],
    ['more than can be', ['maxDepth=1..9'], { count: 20_000 }, 'BAD_DEFINITION', 'candidates'],
  ])('refuses %s', (_, tries, more, code, field) => {
    expect(() => search('random-forest', tries as string[], more)).toThrow(
      expect.objectContaining({ code, field, remedy: expect.stringMatching(/.{10}/) }),
    );
  });
});

describe('choosing the best', () => {
  const scored = (...values: number[]): Scored[] =>
    values.map((rmse, i) => ({
      candidate: { algorithm: `a${i}`, params: {}, style: 'native' },
      compared: { algorithm: `a${i}`, metrics: { rmse, r2: -rmse }, trainSeconds: 0 },
    }));
  const order = (metric: string, ...values: number[]) =>
    bestOf(scored(...values), metric).map(({ candidate }) => candidate.algorithm);

  it('goes by the direction of the metric, the first of equals first, no figure last', () => {
    expect(order('rmse', 3, 1, 1, Number.NaN, 2)).toEqual(['a1', 'a2', 'a4', 'a0', 'a3']);
    expect(order('r2', 3, 1, 2)).toEqual(['a1', 'a2', 'a0']);
  });
  it('refuses a metric that nobody has, of the other task, or of no name', () => {
    expect(() => bestOf(scored(1, 2), 'roc_auc')).toThrow(/no candidate has a roc_auc/);
    expect(() => checkMetric('r2', 'classification')).toThrow(/does not judge a classification/);
    expect(() => checkMetric('f1_macro', 'regression')).toThrow(/does not judge/);
    expect(() => checkMetric('auc', 'classification')).toThrow(expect.objectContaining({ field: 'metric' }));
    expect(() => checkMetric('log_loss', 'classification')).not.toThrow();
    expect(() => checkMetric(undefined, 'regression')).not.toThrow();
  });
});

describe('training by cross-validation', () => {
  it('tells mean and deviation of one candidate, and trains it on all training rows', async () => {
    const file = amounts(200);
    const { report, said } = await trained(file, { folds: 4, repeats: 3, drop: ['customer'] });
    expect(report.crossValidation).toEqual({ folds: 4, repeats: 3, metric: 'r2' });
    expect(said).toContain('cross-validation: 12 folds of 160 training rows');
    const [only] = report.compared!;
    expect(only!.metrics.r2).toBeGreaterThan(0.8);
    expect(only!.deviation!.r2).toBeGreaterThan(0);
    expect(only!.deviation!.r2).toBeLessThan(0.2);
    expect(reportText(report)).toMatch(/mean ± deviation over 4 folds, 3 times[\s\S]+r2 0\.\d+ ± 0\.\d+/);
    const plain = await trained(file, { drop: ['customer'] });
    expect(report.modelSha256).toBe(plain.report.modelSha256);
    expect(plain.report.crossValidation).toBeUndefined();
  });

  it('has the figures of the folds, counted by hand', async () => {
    const file = amounts(80);
    const over = { algorithm: 'linear-regression', params: {}, folds: 4, drop: ['customer'] };
    const { report } = await trained(file, over);
    const read = await readCsv(createReadStream(file), {
      schema: { columns: ['a', 'b', 'y'].map((name) => ({ name, kind: 'number', nullable: false })) },
    });
    const parts = splitRows(read.table, { train: 0.8, validation: 0, test: 0.2, seed: 42 }, 'y');
    const train = takeRows(read.table, parts.train);
    const errors = kFold(train.rowCount, { folds: 4, seed: 42 }).map((fold) => {
      const [learn, judge] = [takeRows(train, fold.train), takeRows(train, fold.test)];
      const of = (table: typeof train) => toMatrix(table, { target: 'y' });
      const trainer = getTrainer('linear-regression');
      const model = trainer.fit(of(learn), toTarget(learn, 'y', 'regression'), trainer.parseParams({}), {
        seed: 1,
      });
      const truth = toTarget(judge, 'y', 'regression').values;
      const predicted = model.predict(of(judge));
      return Math.sqrt(
        Array.from(truth).reduce((sum, y, i) => sum + (y - predicted[i]!) ** 2, 0) / truth.length,
      );
    });
    const mean = errors.reduce((sum, one) => sum + one, 0) / 4;
    const deviation = Math.sqrt(errors.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 3);
    // Least squares are the same on scaled columns.
    expect(report.compared![0]!.metrics.rmse).toBeCloseTo(mean, 9);
    expect(report.compared![0]!.deviation!.rmse).toBeCloseTo(deviation, 9);
  });

  it('trains the best of a search, the same bytes as by its parameters alone', async () => {
    const file = amounts(240);
    const space = parseSpace(['maxDepth=1,6', 'minSamplesLeaf=1,40']);
    const { report, said } = await trained(file, { space, drop: ['customer'], threads: 2 });
    expect(report.crossValidation).toMatchObject({ folds: 5, repeats: 1 });
    expect(report.compared).toHaveLength(4);
    expect(report.compared![0]!.tried).toEqual({ maxDepth: 6, minSamplesLeaf: 1 });
    expect(report.params).toMatchObject({ maxDepth: 6, minSamplesLeaf: 1, trees: 5 });
    const scores = report.compared!.map(({ metrics }) => metrics.r2!);
    expect([...scores].sort((x, y) => y - x)).toEqual(scores);
    expect(said).toContain('(maxDepth=6 minSamplesLeaf=1) is best by the mean r2 of 5 folds');
    expect(reportText(report)).toContain('maxDepth=1 minSamplesLeaf=40');
    const alone = await trained(file, { params: { ...report.params }, drop: ['customer'], threads: 1 });
    expect(alone.report.modelSha256).toBe(report.modelSha256);
    const again = await trained(file, { space, drop: ['customer'], threads: 1 });
    const figures = (one: typeof report) =>
      one.compared!.map(({ metrics, deviation }) => [metrics, deviation]);
    expect(figures(again.report)).toEqual(figures(report));
  });

  it('keeps the rows of a group together, and the column out of the features', async () => {
    const file = amounts(400, 4);
    // With the name among the features and rows of one customer on both sides, the forest learns who is who.
    const loose = await trained(file, { folds: 5, params: { trees: 20 }, algorithm: 'random-forest' });
    const tight = await trained(file, { folds: 5, params: { trees: 20 }, group: 'customer' });
    expect(tight.report.crossValidation).toMatchObject({ group: 'customer' });
    expect(tight.report.dropped).toContainEqual({ column: 'customer', reason: 'groups the rows' });
    expect(tight.report.features).toBe(2);
    expect(tight.report.trainRows % 4).toBe(0);
    expect(tight.report.compared![0]!.metrics.r2).toBeLessThan(loose.report.compared![0]!.metrics.r2!);
    expect(reportText(tight.report)).toContain('by customer');
  });

  it('judges classes by the metric that was asked for, and stops early on the validation share', async () => {
    const random = seededRandom(5);
    const rows = Array.from({ length: 300 }, () => {
      const [a, b] = [random(), random()];
      return [
        a.toFixed(4),
        random() < 0.1 ? '' : b.toFixed(4),
        ['n', 's'][Math.floor(random() * 2)],
        a + b > 1,
      ];
    });
    const { report } = await trained(write('a,b,c,y', rows), {
      algorithm: 'auto',
      params: { trees: 5, rounds: 30, earlyStoppingRounds: 3 },
      folds: 3,
      metric: 'log_loss',
      split: '0.6,0.2,0.2',
    });
    const losses = report.compared!.map(({ metrics }) => metrics.log_loss!);
    expect(losses).toHaveLength(3);
    expect([...losses].sort((x, y) => x - y)).toEqual(losses);
    expect(report.algorithm).toBe(report.compared![0]!.algorithm);
  });

  it('leaves out a candidate that cannot take the data, and says why', async () => {
    const space = parseSpace(['maxFeatures=1,3']);
    const { report, said } = await trained(amounts(80), { space, drop: ['customer'] });
    expect(report.compared!.map(({ tried }) => tried)).toEqual([{ maxFeatures: 1 }]);
    expect(said).toContain('random-forest (maxFeatures=3) is left out: random-forest: maxFeatures is 3');
    const none = trained(amounts(80), { space: parseSpace(['maxFeatures=7']), drop: ['customer'] });
    await expect(none).rejects.toMatchObject({ code: 'BAD_DEFINITION', field: 'maxFeatures' });
  });

  it('judges what is left of too few rows for a metric, one candidate without it', async () => {
    const three = write('a,y', [
      [1, 1.5],
      [2, 2.5],
      [3, 9.5],
    ]);
    const { report } = await trained(three, { folds: 2 });
    expect(Object.keys(report.compared![0]!.metrics)).toEqual(['rmse', 'mae']);
    const both = { folds: 2, algorithm: 'random-forest,gradient-boosting' };
    await expect(trained(three, both)).rejects.toMatchObject({ field: 'metric', remedy: /rmse, mae/ });
    expect((await trained(three, { ...both, metric: 'rmse' })).report.compared).toHaveLength(2);
  });

  it.each<[string, Partial<TrainOptions>, string]>([
    ['more folds than rows', { folds: 65 }, 'folds'],
    ['more folds than groups', { folds: 30, group: 'customer' }, 'group'],
    ['a group that is not there', { group: 'custommer' }, 'group'],
    ['the target as group', { group: 'y' }, 'group'],
    ['a metric of classes', { folds: 3, metric: 'accuracy' }, 'metric'],
    ['a search for nothing', { search: 'grid' }, 'search'],
  ])('refuses %s', async (_, over, field) => {
    await expect(trained(amounts(80), over)).rejects.toMatchObject({ field, remedy: /.{10}/ });
  });

  it('is a command', async () => {
    const words = ['--target', 'y', '--out', join(dir, 'cli'), '--group', 'customer', '--trees', '3'];
    const file = amounts(80);
    const done = await runCli([
      'train',
      '--data',
      file,
      ...words,
      '--try',
      'maxDepth=1..6',
      '--candidates',
      '3',
      '--folds',
      '2',
      '--json',
    ]);
    expect(done.code).toBe(0);
    const report = JSON.parse(done.stdout);
    expect(report).toMatchObject({
      crossValidation: { folds: 2, repeats: 1, metric: 'r2', group: 'customer' },
    });
    expect(report.compared).toHaveLength(3);
    const wrong = await runCli(['train', '--data', file, ...words, '--folds', '1']);
    expect(wrong.code).not.toBe(0);
  });
});
