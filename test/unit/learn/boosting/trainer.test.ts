import { describe, expect, it } from 'vitest';
import { boostingCost } from '../../../../lib/learn/boosting/cost.ts';
import { boostingParamsSchema } from '../../../../lib/learn/boosting/params.ts';
import { roundSample } from '../../../../lib/learn/boosting/sample.ts';
import { getTrainer } from '../../../../lib/learn/index.ts';
import { labels, numbers, thrownBy, uniform } from '../support.ts';
import { boosted, bytesOf, features, meanSquare, peerData } from './support.ts';

const trainer = getTrainer('gradient-boosting');
const { x, values } = peerData(300, 3);
const heldOut = peerData(300, 4);
const validation = { x: heldOut.x, y: numbers(heldOut.values) };

describe('early stopping', () => {
  const params = { rounds: 300, learningRate: 0.5, minSamplesLeaf: 2 };
  const stopped = boosted(x, numbers(values), { ...params, earlyStoppingRounds: 5 }, { validation });
  const kept = stopped.toFile().facts.rounds as number;

  it('keeps the round with the least loss on the rows held out', () => {
    const lossAfter = (rounds: number): number =>
      meanSquare(boosted(x, numbers(values), { ...params, rounds }).predict(heldOut.x), heldOut.values);
    const losses = Array.from({ length: kept + 5 }, (_, r) => lossAfter(r + 1));
    expect(losses.indexOf(Math.min(...losses)) + 1).toBe(kept);
    expect(meanSquare(stopped.predict(heldOut.x), heldOut.values)).toBeCloseTo(losses[kept - 1]!, 9);
  });

  it('says how many were kept', () => {
    expect(stopped.toFile().facts.grown).toBe(kept + 5);
    expect(stopped.notes.join()).toMatch(`kept ${kept} of ${kept + 5} rounds grown (at most 300)`);
    expect(stopped.ensemble!.roots.length).toBe(kept + 1);
  });

  it('reads the rows held out by name and by category', () => {
    const names = ['a', 'b', 'c'];
    const codes = values.map((_, i) => i % 3);
    const own = features([codes], [names]);
    const turned = { ...features([codes.map((c) => 2 - c)]), categories: [['c', 'b', 'a']] };
    const y = numbers(codes.map((c) => c * 5));
    const stoppedBy = (other: typeof own) =>
      bytesOf(
        boosted(own, y, { rounds: 30, earlyStoppingRounds: 3 }, { validation: { x: { ...other }, y } }),
      );
    const sorted = { ...own, columns: own.columns };
    expect(stoppedBy(turned)).toBe(stoppedBy(sorted));
  });

  it('says where there was nothing to stop by', () => {
    const { notes } = boosted(x, numbers(values), { rounds: 3, earlyStoppingRounds: 2 });
    expect(notes).toEqual(['no validation rows were given, so nothing could stop the rounds early']);
  });
});

describe('weights', () => {
  it('of 2 are the row twice: to the last bit where both have the same cells', () => {
    const twice = values.map((_, i) => i % 3 === 0);
    const rows = values.flatMap((_, i) => (twice[i] ? [i, i] : [i]));
    const doubled = features(x.columns.map((column) => rows.map((i) => column[i]!)));
    const weights = Float64Array.from(twice, (two) => (two ? 2 : 1));
    const weighted = boosted(x, numbers(values), { minSamplesLeaf: 1, rounds: 10 }, { weights });
    // For numbers, cells with weights are wide and those without narrow: the grids differ, the trees hardly.
    const plain = boosted(doubled, numbers(rows.map((i) => values[i]!)), { minSamplesLeaf: 1, rounds: 10 });
    expect(Array.from(weighted.predict(x))).toEqual(
      Array.from(plain.predict(x), (v) => expect.closeTo(v, 4)),
    );
    const y = (take: number[]) =>
      labels(
        take.map((i) => Number(values[i]! > 60)),
        ['n', 'y'],
      );
    const params = { minSamplesLeaf: 1, rounds: 5 };
    const a = boosted(x, y(values.map((_, i) => i)), params, { weights });
    expect(bytesOf(a)).toBe(bytesOf(boosted(doubled, y(rows), params)));
  });

  it('balance classes as a record of weights does', () => {
    const y = labels(
      values.map((v) => Number(v > 100)),
      ['few', 'many'],
    );
    const many = values.filter((v) => v > 100).length;
    const n = values.length;
    const record = { few: n / (2 * (n - many)), many: n / (2 * many) };
    const probabilities = (classWeight: unknown) =>
      boosted(x, y, { rounds: 3, classWeight }).predictProbability(x);
    expect(Array.from(probabilities('balanced'))).toEqual(Array.from(probabilities(record)));
    expect(probabilities('balanced')[1]).not.toBe(boosted(x, y, { rounds: 3 }).predictProbability(x)[1]);
  });

  it('must be positive numbers', () => {
    const weights = Float64Array.from(values, () => 0);
    expect(thrownBy(() => boosted(x, numbers(values), {}, { weights })).field).toBe('weights');
  });
});

describe('samples', () => {
  const rules = { seed: 7, rows: 1000, features: 10, subsample: 0.3, colsample: 0.5 };

  it('take each row once, as many as asked, by seed and round alone', () => {
    const sample = roundSample(rules, 4)!;
    expect(sample.count).toBe(300);
    expect(Array.from(sample.rows).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    const drawn = sample.rows.slice(0, 300);
    expect(Array.from(drawn)).toEqual(Array.from(drawn).sort((a, b) => a - b));
    expect(sample.features.reduce((a, b) => a + b, 0)).toBe(5);
    expect(roundSample(rules, 4)).toEqual(sample);
    expect(roundSample(rules, 5)!.rows).not.toEqual(sample.rows);
    expect(roundSample({ ...rules, seed: 8 }, 4)!.rows).not.toEqual(sample.rows);
  });

  it('are none where all is asked for', () => {
    expect(roundSample({ ...rules, subsample: 1, colsample: 1 }, 0)).toBeUndefined();
  });

  it('draw every row as likely', () => {
    const counts = new Float64Array(1000);
    for (let round = 0; round < 400; round++) {
      for (const row of roundSample(rules, round)!.rows.subarray(0, 300)) counts[row]!++;
    }
    // 120 expected, standard deviation 9.2.
    expect(Math.min(...counts)).toBeGreaterThan(80);
    expect(Math.max(...counts)).toBeLessThan(160);
  });

  it('of columns: a tree asks no other', () => {
    const next = uniform(1);
    const wide = features(Array.from({ length: 8 }, () => Array.from({ length: 200 }, next)));
    const y = numbers(Array.from(wide.columns[0]!, (v, i) => v + wide.columns[1]![i]!));
    const asked = roundSample(
      { ...rules, seed: 1, rows: 200, features: 8, subsample: 1, colsample: 0.25 },
      0,
    )!;
    const importance = boosted(wide, y, { rounds: 1, colsample: 0.25, minSamplesLeaf: 2 }).importance();
    for (const [f, may] of asked.features.entries()) if (may === 0) expect(importance[f]).toBe(0);
    expect(importance.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});

describe('the trainer', () => {
  it('comes back from its file', () => {
    const model = trainer.fit(x, numbers(values), trainer.parseParams({ rounds: 5 }), { seed: 1 });
    const back = trainer.fromFile(model.toFile(), {
      task: 'regression',
      features: model.features,
      classes: [],
    });
    expect(Array.from(back.predict(x))).toEqual(Array.from(model.predict(x)));
    expect(Array.from(back.importance())).toEqual(Array.from(model.importance()));
  });

  it('tells its progress round by round, and what the threads did', () => {
    const shares: number[] = [];
    let pieces: readonly number[] = [];
    const options = {
      onProgress: (share: number) => shares.push(share),
      onThreads: (p: readonly number[]) => (pieces = p),
    };
    boosted(x, numbers(values), { rounds: 4 }, { ...options, threads: 2, allThreads: true });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
    expect(pieces).toHaveLength(2);
  });

  it.each([
    ['rounds', { rounds: 0 }],
    ['learningRate', { learningRate: 0 }],
    ['maxLeaves', { maxLeaves: 1 }],
    ['subsample', { subsample: 0 }],
    ['trees', { trees: 10 }],
  ])('refuses a wrong %s by name', (field, params) => {
    expect(thrownBy(() => trainer.parseParams(params)).field).toBe(field);
  });

  it('refuses weights of classes for numbers, and one class alone', () => {
    expect(thrownBy(() => boosted(x, numbers(values), { classWeight: 'balanced' })).field).toBe(
      'classWeight',
    );
    const y = labels(
      values.map(() => 1),
      ['a', 'b'],
    );
    expect(thrownBy(() => boosted(x, y)).code).toBe('BAD_TARGET');
  });

  it('refuses what no function can do, and says what would fit', () => {
    const params = trainer.parseParams({});
    const large = thrownBy(() => trainer.checkSize(16_000_000, 100, params, 'regression'));
    expect(large.code).toBe('TRAINING_TOO_LARGE');
    expect(large.remedy).toMatch(/sample of about \d+ rows/);
    const slow = thrownBy(() => trainer.checkSize(2_000_000, 50, trainer.parseParams({ rounds: 10_000 })));
    expect(slow.remedy).toMatch(/rounds: \d+/);
    expect(() => trainer.checkSize(1_000_000, 54, params, 'classification')).not.toThrow();
  });

  it('costs more for more of anything', () => {
    const params = boostingParamsSchema.parse({});
    const base = boostingCost(1e5, 50, params, 'regression');
    const more = [
      boostingCost(2e5, 50, params, 'regression'),
      boostingCost(1e5, 100, params, 'regression'),
      boostingCost(1e5, 50, { ...params, rounds: 200 }, 'regression'),
      boostingCost(1e5, 50, params, 'classification', 7),
    ];
    for (const cost of more) expect(cost.seconds).toBeGreaterThan(1.5 * base.seconds);
    for (const cost of more) expect(cost.bytes).toBeGreaterThan(base.bytes);
  });
});
