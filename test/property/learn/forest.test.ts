import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, Target } from '../../../lib/learn/index.ts';
import { grownText, hashOf } from '../../unit/learn/forest/support.ts';
import { uniform } from '../../unit/learn/support.ts';

/** Kinds of columns, each with what makes it hard. */
type Column = 'binary' | 'constant' | 'empty' | 'gaps' | 'categories' | 'many categories' | 255 | 256 | 257;
const column = fc.constantFrom<Column>(
  ...(['binary', 'constant', 'empty', 'gaps', 'categories', 'many categories', 255, 256, 257] as const),
);

const shape = fc.record({
  rows: fc.constantFrom(1, 2, 3, 9, 40, 300, 900),
  columns: fc.array(column, { minLength: 1, maxLength: 5 }),
  /** 0: numbers. */
  classes: fc.constantFrom(0, 0, 0, 1, 2, 3, 8, 9, 300),
  weighted: fc.constantFrom('no', 'whole', 'odd'),
  seed: fc.nat(1e9),
});
type Made = typeof shape extends fc.Arbitrary<infer T> ? T : never;
type Shape = { [K in keyof Made]: Made[K] extends number ? number : Made[K] };

function dataOf({ rows, columns, classes, weighted, seed }: Shape) {
  const random = uniform(seed);
  const below = (n: number) => Math.floor(random() * n);
  const one: Record<string, () => number> = {
    binary: () => below(2),
    constant: () => 5,
    empty: () => Number.NaN,
    gaps: () => (below(4) === 0 ? Number.NaN : below(50)),
    categories: () => (below(9) === 0 ? Number.NaN : below(6)),
    'many categories': () => below(300),
  };
  const counts: Record<string, number> = { categories: 6, 'many categories': 300 };
  const x: FeatureMatrix = {
    rowCount: rows,
    names: columns.map((_, j) => `f${j}`),
    columns: columns.map((kind) =>
      Float64Array.from({ length: rows }, one[kind] ?? ((_, i = below(1e9)) => i % Number(kind))),
    ),
    categories: columns.map((kind) =>
      counts[kind]
        ? Array.from({ length: counts[kind] }, (_, c) => `c${String(c).padStart(3, '0')}`)
        : undefined,
    ),
  };
  const names = Array.from({ length: classes }, (_, c) => String(c).padStart(3, '0'));
  const y: Target =
    classes > 0
      ? {
          task: 'classification',
          classes: names,
          values: Int32Array.from({ length: rows }, () => below(classes)),
        }
      : {
          task: 'regression',
          values: Float64Array.from({ length: rows }, () => (below(3) === 0 ? 3 : random() * 99 - 40)),
        };
  const weight = weighted === 'whole' ? () => 1 + below(3) : () => 0.01 + random() * 9;
  const weights = weighted === 'no' ? {} : { weights: Float64Array.from({ length: rows }, weight) };
  return { x, y, weights };
}

const params = fc.record(
  {
    maxFeatures: fc.constantFrom('all', 'sqrt', 1, 0.6),
    minSamplesLeaf: fc.constantFrom(1, 1, 2, 5),
    maxDepth: fc.constantFrom(1, 3, 9),
    bootstrap: fc.boolean(),
    entropy: fc.boolean(),
    balanced: fc.boolean(),
  },
  { requiredKeys: ['bootstrap', 'entropy', 'balanced'] },
);

function parsed({ entropy, balanced, ...rest }: Record<string, unknown>, classes: number, trees = 2) {
  const ofClasses = {
    ...(entropy ? { criterion: 'entropy' } : {}),
    ...(balanced ? { classWeight: 'balanced' } : {}),
  };
  return randomForest.parseParams({
    ...rest,
    ...(classes > 0 ? ofClasses : {}),
    trees,
    oobScore: rest.bootstrap,
  });
}

describe('the kernel', () => {
  it('grows the same bits as its plain twin, on any shape', () => {
    fc.assert(
      fc.property(shape, params, (given, chosen) => {
        const { x, y, weights } = dataOf(given);
        const asked = parsed(chosen, given.classes);
        const options = { seed: given.seed, ...weights };
        expect(grownText(x, y, asked, options)).toBe(grownText(x, y, asked, { ...options, plain: true }));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    { rows: 1, columns: [257], classes: 0 },
    { rows: 1, columns: ['empty'], classes: 2 },
    { rows: 900, columns: ['empty', 'constant'], classes: 0 },
    { rows: 900, columns: [255, 256, 257], classes: 0 },
    { rows: 900, columns: [257, 'gaps', 'binary'], classes: 2 },
    { rows: 300, columns: ['many categories', 'categories'], classes: 300 },
    { rows: 900, columns: ['many categories', 'gaps', 'binary'], classes: 7 },
    { rows: 900, columns: ['many categories', 'gaps', 256], classes: 0 },
  ] as Shape[])('does so on %j', (given) => {
    const { x, y } = dataOf({ ...given, weighted: 'no', seed: 5 });
    for (const maxFeatures of ['all', 1] as const) {
      const asked = randomForest.parseParams({ trees: 3, maxFeatures, oobScore: true });
      expect(grownText(x, y, asked, { seed: 3 })).toBe(grownText(x, y, asked, { seed: 3, plain: true }));
    }
  });
});

describe('a forest', () => {
  it('predicts numbers within the hull of its targets', () => {
    fc.assert(
      fc.property(shape, params, (given, chosen) => {
        const { x, y, weights } = dataOf({ ...given, classes: 0 });
        const model = randomForest.fit(x, y, parsed(chosen, 0, 5), { seed: 1, ...weights });
        const other = dataOf({ ...given, seed: given.seed + 1 }).x;
        const [least, greatest] = [Math.min(...y.values), Math.max(...y.values)];
        for (const value of [...model.predict(x), ...model.predict(other)]) {
          expect(value >= least && value <= greatest).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives probabilities that sum to 1, and importances that do or are all zero', () => {
    fc.assert(
      fc.property(shape, params, (given, chosen) => {
        const classes = Math.max(1, given.classes);
        const { x, y, weights } = dataOf({ ...given, classes });
        const model = randomForest.fit(x, y, parsed(chosen, classes, 5), { seed: 1, ...weights });
        const probabilities = model.predictProbability(x);
        for (let i = 0; i < x.rowCount; i++) {
          const own = probabilities.subarray(i * classes, (i + 1) * classes);
          expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
        }
        const total = model.importance().reduce((sum, share) => sum + share, 0);
        expect(total === 0 || Math.abs(total - 1) < 1e-9).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('has the same bytes in whatever order columns come, and importances that go with their columns', () => {
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), (given, stream) => {
        const { x, y } = dataOf(given);
        const order = x.names.map((_, j) => [stream.next().value!, j] as const).sort((a, b) => a[0] - b[0]);
        const moved = order.map(([, j]) => j);
        const permuted: FeatureMatrix = {
          rowCount: x.rowCount,
          names: moved.map((j) => x.names[j]!),
          columns: moved.map((j) => x.columns[j]!),
          categories: moved.map((j) => x.categories![j]),
        };
        const asked = randomForest.parseParams({ trees: 3 });
        const [a, b] = [x, permuted].map((matrix) => randomForest.fit(matrix, y, asked, { seed: 8 }));
        expect(hashOf(b!)).toBe(hashOf(a!));
        const of = (model: typeof a) =>
          Object.fromEntries(model!.features.map((name, j) => [name, model!.importance()[j]]));
        expect(of(b)).toEqual(of(a));
      }),
      { numRuns: 30 },
    );
  });

  it('takes a row twice for a row of weight 2, without bootstrap', () => {
    fc.assert(
      fc.property(shape, fc.boolean(), (given, entropy) => {
        const { x, y } = dataOf({ ...given, rows: Math.min(given.rows, 40), weighted: 'no' });
        const twice = Array.from({ length: x.rowCount }, (_, i) => (i % 3 === 0 ? [i, i] : [i])).flat();
        const doubled: FeatureMatrix = {
          ...x,
          rowCount: twice.length,
          columns: x.columns.map((own) => Float64Array.from(twice, (i) => own[i]!)),
        };
        const pick = (values: Target['values']) => twice.map((i) => values[i]!);
        const doubledY: Target =
          y.task === 'classification'
            ? { ...y, values: Int32Array.from(pick(y.values)) }
            : { ...y, values: Float64Array.from(pick(y.values)) };
        const weights = Float64Array.from({ length: x.rowCount }, (_, i) => (i % 3 === 0 ? 2 : 1));
        const asked = parsed({ bootstrap: false, entropy }, given.classes, 2);
        const a = randomForest.fit(x, y, asked, { seed: 4, weights }).ensemble!;
        const b = randomForest.fit(doubled, doubledY, asked, { seed: 4 }).ensemble!;
        expect(b.nodes).toEqual(a.nodes);
        expect(b.sets).toEqual(a.sets);
        expect(b.leaves).toEqual(a.leaves);
      }),
      { numRuns: 60 },
    );
  });
});
