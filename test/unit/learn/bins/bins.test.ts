import { describe, expect, it } from 'vitest';
import { BINS_KERNEL, binFeatures, canonicalOrder } from '../../../../lib/learn/bins/index.ts';
import { kernel } from '../../../../lib/learn/bins/kernel.generated.ts';
import { compileKernel, KernelMemory } from '../../../../lib/learn/kernel/host.ts';
import { Team } from '../../../../lib/learn/kernel/team.ts';
import type { FeatureMatrix } from '../../../../lib/learn/types.ts';

const matrix = (
  columns: Record<string, number[]>,
  categories?: FeatureMatrix['categories'],
): FeatureMatrix => ({
  rowCount: Object.values(columns)[0]!.length,
  names: Object.keys(columns),
  columns: Object.values(columns).map((values) => Float64Array.from(values)),
  ...(categories === undefined ? {} : { categories }),
});

/** The same features with the kernel, on that many threads. */
function onKernel(x: FeatureMatrix, threads = 1, weights?: Float64Array) {
  const memory = new KernelMemory();
  const team = new Team({ memory, threads, kernels: { [BINS_KERNEL]: compileKernel(kernel) } });
  try {
    const bins = binFeatures(x, { weights, on: { memory, team } });
    return { ...bins, codes: bins.codes.slice(), codesAt: 0, valuesAt: new Uint32Array(x.names.length) };
  } finally {
    team.close();
  }
}

describe('numeric features', () => {
  it('gives each distinct value a code, and puts edges in the middle', () => {
    const bins = binFeatures(matrix({ a: [3, 1, 2, 1, 10] }));
    expect([...bins.codes]).toEqual([2, 0, 1, 0, 3]);
    expect([...bins.edges[0]!]).toEqual([1.5, 2.5, 6.5]);
    expect([bins.valueBins[0], bins.hasMissing[0]]).toEqual([4, 0]);
  });

  it('gives missing values the code behind the last value', () => {
    const bins = binFeatures(matrix({ a: [NaN, 5, 7, NaN] }));
    expect([...bins.codes]).toEqual([2, 0, 1, 2]);
    expect([bins.valueBins[0], bins.hasMissing[0]]).toEqual([2, 1]);
  });

  it('keeps the sides of an edge apart where no float32 lies between two values', () => {
    const [a, b] = [1, 1 + 2 ** -23];
    const bins = binFeatures(matrix({ a: [a, b] }));
    expect([...bins.codes]).toEqual([0, 1]);
    expect(a <= bins.edges[0]![0]! && b > bins.edges[0]![0]!).toBe(true);
  });

  it('takes -0 and 0 for one value, and infinities for the outermost', () => {
    const bins = binFeatures(matrix({ a: [0, -0, Infinity, -Infinity, 1e300] }));
    expect([...bins.codes]).toEqual([1, 1, 2, 0, 2]);
  });

  it.each([
    [255, 255],
    [256, 256],
    [257, 256],
    [5000, 256],
  ])('%i distinct values have %i codes, 1 fewer for values where some are missing', (distinct, codes) => {
    const values = Array.from({ length: distinct }, (_, i) => (i * 7919) % distinct);
    expect(binFeatures(matrix({ a: values })).valueBins[0]).toBe(codes);
    expect(binFeatures(matrix({ a: [...values, NaN] })).valueBins[0]).toBe(Math.min(codes, 255));
  });

  it('fills quantile bins about evenly, and gives a value that is heavier than its share a bin of its own', () => {
    const values = [
      ...Array.from({ length: 4000 }, () => 0),
      ...Array.from({ length: 4000 }, (_, i) => i + 1),
    ];
    const bins = binFeatures(matrix({ a: values }));
    const counts = new Float64Array(bins.valueBins[0]!);
    for (const code of bins.codes) counts[code]! += 1;
    expect(counts[0]).toBe(4000);
    expect(counts.length).toBe(256);
    expect(Math.max(...counts.subarray(1))).toBeLessThanOrEqual(17);
    expect(Math.min(...counts.subarray(1))).toBeGreaterThanOrEqual(14);
  });

  it('finds quantiles of weight: a weight of 2 is the row twice', () => {
    const values = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001);
    const weights = Float64Array.from(values, (v) => 1 + (v % 2));
    const twice = values.flatMap((v) => (v % 2 === 1 ? [v, v] : [v]));
    expect(binFeatures(matrix({ a: values }), { weights }).edges).toEqual(
      binFeatures(matrix({ a: twice })).edges,
    );
  });
});

describe('categorical features', () => {
  it('takes the place of a name for its code, and the place behind the last for what is missing', () => {
    const bins = binFeatures(matrix({ c: [1, 0, NaN, 1] }, [['blue', 'red']]));
    expect([...bins.codes]).toEqual([1, 0, 2, 1]);
    expect(bins.categories).toEqual([['blue', 'red']]);
    expect([bins.categorical[0], bins.categoryCounts[0], bins.hasMissing[0], bins.notes]).toEqual([
      1,
      2,
      1,
      [],
    ]);
  });

  it('keeps the 254 heaviest of more, in their order, and says what became of the others', () => {
    const names = Array.from({ length: 300 }, (_, i) => `n${String(i).padStart(3, '0')}`);
    const column = names.flatMap((_, i) => (i < 46 ? [i] : [i, i]));
    const bins = binFeatures(matrix({ c: column }, [names]));
    expect(bins.categories![0]).toEqual(names.slice(46));
    expect(bins.codes[0]).toBe(254);
    expect([bins.valueBins[0], bins.hasMissing[0]]).toEqual([254, 1]);
    expect(bins.notes).toEqual([
      '"c" has 300 categories: the 254 most frequent count each for itself, the other 46 together, with what is missing or unknown',
    ]);
  });

  it('answers a column without any category', () => {
    const bins = binFeatures(matrix({ c: [NaN, NaN] }, [[]]));
    expect([...bins.codes]).toEqual([1, 1]);
    expect([bins.valueBins[0], bins.hasMissing[0]]).toEqual([1, 1]);
  });
});

describe('the kernel', () => {
  const rows = 3000;
  const noise = (i: number, k: number) => Math.sin(i * 12.9898 + k * 78.233) * 43758.5453;
  const wide = matrix(
    Object.fromEntries(
      Array.from({ length: 9 }, (_, k) => [
        `f${k}`,
        Array.from({ length: rows }, (_, i) => {
          if (k === 8) return NaN;
          const v = noise(i, k) % [1, 2, 300, 1e-3, 1e9, 7, 255, 256][k]!;
          if (k % 2 === 1 && i % 11 === 0) return NaN;
          return k > 4 ? Math.round(v) : v;
        }),
      ]),
    ),
  );

  it.each([1, 2, 4])('makes the same codes and edges as plain TypeScript on %i threads', (threads) => {
    expect(onKernel(wide, threads)).toEqual(binFeatures(wide));
  });

  it('makes the same with weights', () => {
    const weights = Float64Array.from({ length: rows }, (_, i) => 0.1 + (i % 13));
    expect(onKernel(wide, 2, weights)).toEqual(binFeatures(wide, { weights }));
    expect(onKernel(wide, 1, weights).edges).not.toEqual(onKernel(wide).edges);
  });

  it('takes the same sample of more rows than edges are found on', () => {
    const many = matrix({ a: Array.from({ length: 150_001 }, (_, i) => noise(i, 3)) });
    expect(onKernel(many)).toEqual(binFeatures(many));
  });

  it.each([1, 2, 3])('answers %i rows', (n) => {
    const few = matrix({ a: [2, 1, 3].slice(0, n), b: [NaN, NaN, NaN].slice(0, n) });
    expect(onKernel(few)).toEqual(binFeatures(few));
  });
});

it('orders features by name, and shares their columns', () => {
  const x = matrix({ b: [1], a: [2], B: [0] }, [undefined, undefined, ['x']]);
  const sorted = canonicalOrder(x);
  expect(sorted.names).toEqual(['B', 'a', 'b']);
  expect(sorted.categories).toEqual([['x'], undefined, undefined]);
  expect(sorted.columns[2]).toBe(x.columns[0]);
});
