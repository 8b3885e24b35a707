import { describe, expect, it } from 'vitest';
import { isResident, kernelScores, kernelTakes } from '../../../../lib/learn/ensemble/kernel-score.ts';
import { plainScorer } from '../../../../lib/learn/ensemble/score.ts';
import { scorerOf } from '../../../../lib/learn/ensemble/scorer.ts';
import { fillSlots, slotBuffer } from '../../../../lib/learn/ensemble/slots.ts';
import { randomEnsemble, randomRows, slowScores, wishes } from './random-ensemble.ts';

describe.each(wishes)('scores of %s', (_, wish) => {
  const ensemble = randomEnsemble({ ...wish, seed: 11 });

  it('are those of the decoded nodes, row by row', () => {
    const x = randomRows(ensemble, 50, 5);
    expect(plainScorer(ensemble)(x)).toEqual(slowScores(ensemble, x));
  });

  it.each([1, 7, 8, 9, 400])('are the same bits from the kernel, on %i rows', (rows) => {
    expect(kernelTakes(ensemble)).toBe(true);
    for (const holes of [true, false]) {
      const x = randomRows(ensemble, rows, rows, holes);
      expect(kernelScores(ensemble, x)).toEqual(plainScorer(ensemble)(x));
    }
  });

  it('are the same alone and in a batch', () => {
    const x = randomRows(ensemble, 300, 8);
    const all = scorerOf(ensemble)(x);
    const k = ensemble.outputs;
    for (const i of [0, 1, 255, 299]) {
      const alone = { ...x, rowCount: 1, columns: x.columns.map((column) => column.slice(i, i + 1)) };
      expect(scorerOf(ensemble)(alone)).toEqual(all.slice(i * k, (i + 1) * k));
    }
  });

  it('of no rows are none', () => {
    expect(scorerOf(ensemble)(randomRows(ensemble, 0, 1))).toEqual(new Float64Array());
    expect(kernelScores(ensemble, randomRows(ensemble, 0, 1))).toEqual(new Float64Array());
  });
});

describe('the kernel', () => {
  const [first, second] = [1, 2].map((seed) => randomEnsemble({ ...wishes[0]![1], seed }));
  const x = randomRows(first!, 500, 3);

  it('holds one ensemble at a time, and takes turns', () => {
    const [a, b] = [slowScores(first!, x), slowScores(second!, x)];
    expect(a).not.toEqual(b);
    for (let turn = 0; turn < 3; turn++) {
      expect(kernelScores(first!, x)).toEqual(a);
      expect([isResident(first!), isResident(second!)]).toEqual([true, false]);
      expect(kernelScores(second!, x)).toEqual(b);
    }
  });

  it('holds a larger one after a smaller one, and the smaller one again', () => {
    const large = randomEnsemble({ ...wishes[0]![1], seed: 9, trees: 300, splits: 400 });
    const rows = randomRows(large, 40, 2);
    expect(kernelScores(first!, x)).toEqual(slowScores(first!, x));
    expect(kernelScores(large, rows)).toEqual(slowScores(large, rows));
    expect(kernelScores(first!, x)).toEqual(slowScores(first!, x));
  });

  it('takes over from plain TypeScript after many calls of one row, with the same bits', () => {
    const ensemble = randomEnsemble({ ...wishes[5]![1], seed: 21 });
    const [score, plain] = [scorerOf(ensemble), plainScorer(ensemble)];
    const rows = Array.from({ length: 50 }, (_, i) => randomRows(ensemble, 1, i));
    expect(score(rows[0]!)).toEqual(plain(rows[0]!));
    expect(isResident(ensemble)).toBe(false);
    for (let i = 1; i < 2_100; i++) score(rows[i % 50]!);
    expect(isResident(ensemble)).toBe(true);
    for (const row of rows) expect(score(row)).toEqual(plain(row));
    // Another model in the one memory, and back again.
    scorerOf(first!)(x);
    expect(isResident(ensemble)).toBe(false);
    for (const row of rows) expect(score(row)).toEqual(plain(row));
  });

  it('takes more rows than it has room for at once', () => {
    const wide = randomEnsemble({
      ...{ seed: 4, features: 600, trees: 5, splits: 20, outputs: 1, leaves: 'value', aggregate: 'mean' },
    });
    // 600 features are 4,800 bytes a row: 4 MB have room for 109 blocks of eight rows.
    const rows = randomRows(wide, 2_000, 6);
    expect(kernelScores(wide, rows)).toEqual(plainScorer(wide)(rows));
    const complete = randomRows(wide, 2_000, 6, false);
    expect(kernelScores(wide, complete)).toEqual(plainScorer(wide)(complete));
  });
});

describe('slots', () => {
  it('hold each number twice, and a code where some feature has categories', () => {
    const ensemble = randomEnsemble({ ...wishes[5]![1], seed: 1 });
    const buffer = slotBuffer(ensemble, 2);
    expect(buffer.width).toBe(12);
    const nan = Number.NaN;
    const columns = [
      [1.1, nan],
      [2, 3],
      [nan, 254],
      [-5, 7],
    ].map((column) => Float64Array.from(column));
    fillSlots(ensemble, { rowCount: 2, names: [], columns }, 0, 2, buffer);
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect([...buffer.numbers.subarray(0, 8)]).toEqual([
      Math.fround(1.1),
      Math.fround(1.1),
      2,
      2,
      low,
      high,
      -5,
      -5,
    ]);
    expect([...buffer.codes.subarray(9, 11)]).toEqual([2, 255]);
    expect([...buffer.numbers.subarray(12, 14)]).toEqual([low, high]);
    // 3 is no code of three categories, so it is unknown; 254 is the last of 255.
    expect([...buffer.codes.subarray(21, 23)]).toEqual([3, 254]);
  });
});
