import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../bin/cli/progress-line.ts';
import { chooseCandidates } from '../../../bin/local-train/algorithm.ts';
import { parseParams } from '../../../bin/local-train/params.ts';
import { predictFile } from '../../../bin/local-train/predict.ts';
import { reportText } from '../../../bin/local-train/report-text.ts';
import { temporaryFolder, trainingIn } from '../../support/local-train.ts';
import { uniform } from '../../support/random.ts';

const dir = temporaryFolder('shapes');
const { write, trained } = trainingIn(dir, { trees: 10 });

const rowsOf = (count: number, make: (next: () => number, i: number) => unknown[]) => {
  const next = uniform(11);
  return Array.from({ length: count }, (_, i) => make(next, i));
};

describe('columns of a real file', () => {
  it('numbers with texts among them stay numbers, whatever says that there is none', async () => {
    const says = ['?', 'NA', 'n/a', '-', '', 'unknown', '--', 'None'];
    const file = write(
      'size,y',
      rowsOf(300, (next, i) => {
        const size = next() * 10;
        const cell = i % 10 === 0 ? says[(i / 10) % says.length] : size.toFixed(2);
        return [i === 7 ? 'about 5' : cell, size > 5 ? 'big' : 'small'];
      }),
    );
    const { report, said } = await trained(file);
    expect(report).toMatchObject({
      features: 1,
      salvaged: [{ column: 'size', reading: { kind: 'number' } }],
    });
    expect(said).toContain('column "size" is read as numbers');
    expect(said).toContain('"about 5"');
    expect(report.metrics.accuracy).toBeGreaterThan(0.85);
    // A file to predict is read the same way, with texts that training had not.
    const data = write('size', [['9.5'], ['0.5'], ['who knows'], ['-'], ['?']]);
    const out = join(dir, 'p.csv');
    expect(await predictFile({ model: report.out, data, out })).toMatchObject({ rows: 5 });
    const answers = readFileSync(out, 'utf8').split('\n').slice(1, 3);
    expect(answers.map((line) => line.split(',')[0])).toEqual(['big', 'small']);
  });

  it('dates with gaps are dates', async () => {
    const file = write(
      'when,y',
      rowsOf(200, (next, i) => {
        const month = 1 + Math.floor(next() * 12);
        const day = String(1 + Math.floor(next() * 28)).padStart(2, '0');
        return [i % 9 === 0 ? '-' : `2024-${String(month).padStart(2, '0')}-${day}`, month * 2 + next()];
      }),
    );
    const { report, said } = await trained(file);
    expect(report.salvaged).toEqual([{ column: 'when', reading: { kind: 'date' } }]);
    // All of one year: neither the year nor the day of it says anything.
    expect(said).toContain('dates are taken apart into month, day, weekday, days since 1970: "when"');
    expect(report.encodedFeatures).toBe(4);
    expect(report.metrics.r2).toBeGreaterThan(0.5);
  });

  it('moments have an hour, days have none', async () => {
    const file = write(
      't,y',
      rowsOf(300, (next, i) => {
        const hour = Math.floor(next() * 24);
        return [i % 50 ? `2024-03-0${1 + (i % 9)}T${String(hour).padStart(2, '0')}:15:00Z` : '', hour * 2];
      }),
    );
    const { report, said } = await trained(file, { task: 'regression' });
    expect(said).toContain('dates are taken apart into day, weekday, hour, days since 1970: "t"');
    expect(report.metrics.r2).toBeGreaterThan(0.8);
    const data = write('t', [['2025-01-01T20:00:00Z'], ['2025-01-01'], ['?']]);
    const out = join(dir, 'moments.csv');
    expect(await predictFile({ model: report.out, data, out })).toMatchObject({ rows: 3 });
    const [, evening, midnight] = readFileSync(out, 'utf8').split('\n').map(Number);
    expect(evening! - midnight!).toBeGreaterThan(20);
  });

  it('says of cells that are no numbers which marker would make them missing', async () => {
    const file = write(
      'a,y',
      rowsOf(100, (next, i) => [i % 10 ? next() : 'inf', next()]),
    );
    await expect(trained(file)).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      message: expect.stringContaining('10 of 100 rows'),
      remedy: expect.stringContaining('--missing TEXT'),
    });
    expect((await trained(file, { missing: ['inf'] })).report.features).toBe(1);
  });

  it('identifiers past 2^53 are no numbers, and are left out', async () => {
    const file = write(
      'key,x,y',
      rowsOf(100, (next, i) => [`1000000000000${100_000 + i * 977}`, next().toFixed(4), next() * 10]),
    );
    const { report } = await trained(file);
    expect(report.dropped.map(({ column }) => column)).toEqual(['key']);
    expect(report.salvaged).toEqual([]);
  });

  it('a text of many values, known and new ones, trains and predicts', async () => {
    const file = write(
      'code,x,y',
      rowsOf(3_000, (next) => {
        const code = Math.floor(next() * 400);
        return [`c${code}`, next().toFixed(3), code % 2 ? 'odd' : 'even'];
      }),
    );
    const { report } = await trained(file);
    expect(report.features).toBe(2);
    const data = write('code,x', [
      ['c1', '0.5'],
      ['never seen', '0.5'],
      ['', ''],
    ]);
    const done = await predictFile({ model: report.out, data, out: join(dir, 'q.csv') });
    expect(done).toMatchObject({ rows: 3, warnings: 1 });
  });

  it('columns that are empty leave nothing to learn from, and that is said', async () => {
    const file = write(
      'a,b,y',
      rowsOf(60, (_, i) => ['', '?', i % 2 ? 'u' : 'v']),
    );
    await expect(trained(file)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'no column is left to predict "y" from: "a" is empty; "b" is empty',
    });
  });
});

describe('few rows and skewed classes', () => {
  it.each([
    ['one row', 'a,y', [[1, 2]], 'CONSTANT_TARGET'],
    ['one class', 'a,y', rowsOf(50, (next) => [next(), 'x']), 'SINGLE_CLASS'],
    [
      'two rows',
      'a,y',
      [
        [1, 2],
        [3, 4],
      ],
      'TOO_FEW_ROWS',
    ],
  ])('%s is refused with what to do', async (_, header, rows, code) => {
    await expect(trained(write(header, rows))).rejects.toMatchObject({
      code,
      remedy: expect.stringMatching(/.{10}/),
    });
  });

  it('three rows make a model, and a warning', async () => {
    const { report, said } = await trained(
      write('a,b,y', [
        [1, 2, 3.5],
        [2, 1, 4.5],
        [3, 5, 9.1],
      ]),
    );
    expect(report).toMatchObject({ trainRows: 2, testRows: 1, task: 'regression' });
    expect(said).toContain('3 rows are few');
  });

  it('training rows of one class alone are refused, whichever rows the seed drew', async () => {
    const file = write('a,y', [
      [1, 'u'],
      [2, 'u'],
      [3, 'u'],
      [4, 'v'],
    ]);
    const codes = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      const code = await trained(file, { seed }).then(
        () => 'trained',
        (error: { code: string }) => error.code,
      );
      codes.add(code);
    }
    expect([...codes].every((code) => ['trained', 'INVALID_INPUT'].includes(code))).toBe(true);
  });

  it('says that accuracy flatters where one class is nearly all', async () => {
    const file = write(
      'a,y',
      rowsOf(400, (next, i) => [next(), i % 40 === 0 ? 'rare' : 'often']),
    );
    const { said } = await trained(file, { params: { classWeight: 'balanced' } });
    expect(said).toContain('warning: "often" is 97.5 % of the rows');
    expect(said).toContain('classWeight=balanced');
  });

  it('counts the classes of hardly any row', async () => {
    const file = write(
      'a,y',
      rowsOf(200, (next, i) => [next(), i < 3 ? `only${i}` : i % 2 ? 'u' : 'v']),
    );
    expect((await trained(file)).said).toMatch(/3 of 5 classes have fewer than 5 rows: "only/);
  });
});

describe('algorithms', () => {
  const file = () =>
    write(
      'a,b,c,y',
      rowsOf(300, (next, i) => {
        const [a, b] = [next(), next()];
        return [a, i % 15 === 0 ? '' : b, next() > 0.5 ? 'n' : 's', a + b > 1 ? 'yes' : 'no'];
      }),
    );

  it.each(['random-forest', 'gradient-boosting', 'logistic-regression', 'ml-random-forest'])(
    '%s takes a file with gaps and categories',
    async (algorithm) => {
      const { report } = await trained(file(), { algorithm });
      expect(report.algorithm).toBe(algorithm);
      expect(report.metrics.accuracy).toBeGreaterThan(0.8);
      const done = await predictFile({ model: report.out, data: file(), out: join(dir, 'r.csv') });
      expect(done).toMatchObject({ rows: 300, warnings: 0 });
    },
  );

  it('auto compares three, tells all figures, and keeps the best', async () => {
    const { report, said } = await trained(file(), { algorithm: 'auto' });
    const names = report.compared!.map(({ algorithm }) => algorithm);
    expect([...names].sort()).toEqual(['gradient-boosting', 'logistic-regression', 'random-forest']);
    expect(report.algorithm).toBe(names[0]);
    const scores = report.compared!.map(({ metrics }) => metrics.f1_weighted!);
    expect([...scores].sort((x, y) => y - x)).toEqual(scores);
    expect(said).toContain('is best by f1_weighted on 48 held-out rows');
    expect(reportText(report)).toContain('on held-out training rows');
  });

  it('has the same bytes as one that was asked for by name', async () => {
    const auto = await trained(file(), { algorithm: 'auto' });
    const alone = await trained(file(), { algorithm: auto.report.algorithm });
    expect(alone.report.modelSha256).toBe(auto.report.modelSha256);
  });

  it('does not depend on the threads, and says how many there were', async () => {
    const one = await trained(file(), { threads: 1 });
    const two = await trained(file(), { threads: 2 });
    expect(two.report.modelSha256).toBe(one.report.modelSha256);
    expect(one.report.threads).toEqual([10]);
    // Ten small trees do not pay for starting a second thread.
    expect(two.report.threads).toEqual([10]);
  });

  it('reports the out-of-bag score where it was asked for', async () => {
    const { report } = await trained(file(), { params: { oobScore: true, trees: 50 } });
    expect(report.outOfBag).toMatchObject({ metric: 'accuracy', score: expect.any(Number) });
    expect(report.outOfBag!.score).toBeGreaterThan(0.8);
    expect(reportText(report)).toContain('out-of-bag accuracy');
    expect((await trained(file())).report.outOfBag).toBeUndefined();
  });

  it('stops early on the validation share of the split', async () => {
    const params = { rounds: 400, earlyStoppingRounds: 5, minSamplesLeaf: 5 };
    const early = { algorithm: 'gradient-boosting', params, split: '0.6,0.2,0.2' };
    const { report } = await trained(file(), { ...early, trees: undefined as never });
    expect(report.metrics.accuracy).toBeGreaterThan(0.8);
    expect(report.trainRows).toBe(180);
  });

  it('tells its progress', async () => {
    const told: [string, number][] = [];
    await trained(file(), { onProgress: (algorithm, share) => told.push([algorithm, share]) });
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(([name, share]) => name === 'random-forest' && share >= 0 && share <= 1)).toBe(true);
  });
});

describe('choosing', () => {
  const choose = (options: Parameters<typeof chooseCandidates>[0], task = 'classification' as const) =>
    chooseCandidates(options, task, () => undefined);

  it('is the forest unless told otherwise', () => {
    expect(choose({}).map(({ algorithm }) => algorithm)).toEqual(['random-forest']);
  });

  it('is the linear one of the task where that is asked for', () => {
    expect(choose({ algorithm: 'linear' })[0]!.algorithm).toBe('logistic-regression');
    const numbers = chooseCandidates({ algorithm: 'linear' }, 'regression', () => undefined);
    expect(numbers[0]!.algorithm).toBe('linear-regression');
  });

  it('gives each of several the parameters that it knows', () => {
    const params = { trees: 7, rounds: 9 };
    const chosen = choose({ algorithm: 'random-forest, gradient-boosting,logistic-regression', params });
    expect(chosen.map(({ params: own }) => [own.trees, own.rounds])).toEqual([
      [7, undefined],
      [undefined, 9],
      [undefined, undefined],
    ]);
  });

  it.each([
    [{ algorithm: 'forest' }, 'UNKNOWN_ALGORITHM'],
    [{ algorithm: '' }, 'UNKNOWN_ALGORITHM'],
    [{ algorithm: ',' }, 'UNKNOWN_ALGORITHM'],
    [{ algorithm: 'linear-regression' }, 'BAD_DEFINITION'],
    [{ params: { treees: 3 } }, 'BAD_DEFINITION'],
    [{ params: { trees: -3 } }, 'BAD_DEFINITION'],
    [{ algorithm: 'auto', params: { nobody: 3 } }, 'BAD_DEFINITION'],
    [{ algorithm: 'auto', params: { learningRate: -1 } }, 'BAD_DEFINITION'],
  ])('%j is refused', (options, code) => {
    expect(() => choose(options)).toThrowError(expect.objectContaining({ code }));
  });
});

describe('parseParams', () => {
  it('reads numbers, flags, words and objects', () => {
    expect(
      parseParams(['trees=200', 'maxFeatures=sqrt', 'oobScore=true', 'classWeight={"a=b":2}', 'x= 0.5 ']),
    ).toEqual({ trees: 200, maxFeatures: 'sqrt', oobScore: true, classWeight: { 'a=b': 2 }, x: 0.5 });
  });
  it.each([[['trees']], [['=3']], [['a b=3']], [['trees=1', 'trees=2']], [['__proto__=1']]])(
    'refuses %j',
    (given) => {
      expect(() => parseParams(given)).toThrowError(expect.objectContaining({ field: 'param' }));
    },
  );
});

describe('predicting in batches', () => {
  it('has one line a row in the order of the file, over the edges of batches', async () => {
    const { report } = await trained(
      write(
        'a,y',
        rowsOf(200, (next) => {
          const a = next() * 100;
          return [a.toFixed(3), (a * 2 + next()).toFixed(3)];
        }),
      ),
    );
    const rows = Array.from({ length: 45_003 }, (_, i) => [(i % 100) + 0.5]);
    const out = join(dir, 'batches.csv');
    expect(await predictFile({ model: report.out, data: write('a', rows), out })).toMatchObject({
      rows: 45_003,
    });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(45_004);
    for (const i of [100, 19_999, 20_000, 20_001, 40_000, 45_002]) {
      expect(lines[1 + i], `row ${i}`).toBe(lines[1 + (i % 100)]);
    }
    expect(new Set(lines.slice(1, 101)).size).toBeGreaterThan(10);
  });

  it('leaves no output behind where a row is bad', async () => {
    const { report } = await trained(
      write(
        'a,y',
        rowsOf(100, (next) => [next(), next()]),
      ),
    );
    const rows = [...Array.from({ length: 25_000 }, () => [1]), ['not a number']];
    const out = join(dir, 'never.csv');
    await expect(predictFile({ model: report.out, data: write('a', rows), out })).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      remedy: expect.stringContaining('a cell without a value is empty'),
    });
    expect([existsSync(out), existsSync(`${out}.part`)]).toEqual([false, false]);
  });
});

describe('the progress line', () => {
  const drawn = (isTTY: boolean) => {
    const texts: string[] = [];
    return { texts, line: progressLine({ isTTY, write: (text) => texts.push(text) }) };
  };
  it('is redrawn in place, only where it changed, and goes away', () => {
    const { texts, line } = drawn(true);
    line.show('forest', 0.5);
    line.show('forest', 0.501);
    line.clear();
    line.clear();
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('50 %');
    expect(texts[0]!.startsWith('\r')).toBe(true);
    expect(texts[1]).toBe('\r\u001b[2K');
  });
  it('is silent where there is no terminal', () => {
    const { texts, line } = drawn(false);
    line.show('forest', 0.5);
    line.clear();
    expect(texts).toEqual([]);
    progressLine(undefined).show('forest', 1);
  });
});

describe('names that are taken', () => {
  const dated = (count: number) =>
    rowsOf(count, (next, i) => {
      const month = 1 + (i % 12);
      const day = 1 + Math.floor(next() * 28);
      const date = `20${10 + (i % 7)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
      return [date, Math.floor(next() * 50), i % 2 ? 'a' : 'b', month * 10 + next()];
    });

  it.each(['gradient-boosting', 'linear-regression'])('by parts of a date: %s', async (algorithm) => {
    const file = write('when,when_year,when_month,y', dated(1_100));
    const { report, said } = await trained(file, { algorithm });
    expect(said).toContain(
      'the parts of "when" are named "when_2_year" and so on: "when_year" or another of those names is taken',
    );
    // The month says it all; a linear model gets it as a column each.
    expect(report.metrics.r2).toBeGreaterThan(0.99);
    const data = write('when,when_year,when_month', [
      ['2012-03-05', 17, 'b'],
      ['2012-11-05', 17, 'b'],
    ]);
    const out = join(dir, `${algorithm}.csv`);
    await predictFile({ model: report.out, data, out });
    const answers = readFileSync(out, 'utf8').trim().split('\n').slice(1);
    expect(answers.map((line) => Math.round(Number(line.split(',')[0]) / 10))).toEqual([3, 11]);
  });

  it('by the indicator of a gap', async () => {
    const file = write(
      'size,size_missing,y',
      rowsOf(300, (next, i) => {
        const size = next() * 10;
        return i % 4 === 0 ? ['', i % 3, 20 + next()] : [size, i % 3, size];
      }),
    );
    const { report } = await trained(file, { algorithm: 'linear-regression' });
    expect(report.metrics.r2).toBeGreaterThan(0.98);
  });
});
