import { describe, expect, it } from 'vitest';
import type { FeatureMatrix, Target } from '../../../../lib/learn/types.ts';
import { uniform } from '../support.ts';
import { grownText, mixedData, paramsOf } from './support.ts';

// Enough rows x columns (2^17) that small nodes read their codes row by row, and columns of which most no longer differ
// a few splits down: what the kernel then leaves out may change nothing.
const rows = 1_600;
const random = uniform(21);
const { x: six, number, y } = { ...mixedData(rows), ...targets() };

function targets() {
  const { x } = mixedData(rows);
  const values = x.columns[0]!.map((value, i) => value + (x.columns[4]![i]! > 0.5 ? 1 : 0));
  return { number: { task: 'regression', values } as Target, y: classesOf(values, 3) };
}

function classesOf(values: Float64Array, count: number): Target {
  return {
    task: 'classification',
    classes: Array.from({ length: count }, (_, c) => `c${c}`),
    values: Int32Array.from(values, (value, i) => (Math.floor(value * 5) + (i % 7 === 0 ? 1 : 0)) % count),
  };
}

/** Rare flags, columns that are one value throughout, numbers with few values, some missing, and rare categories. */
function wide(): FeatureMatrix {
  const kinds = ['no', 'up', 'down', 'steady'];
  const more = Array.from({ length: 84 }, (_, f) =>
    Float64Array.from({ length: rows }, () => {
      const drawn = random();
      if (f % 6 === 0) return drawn < 0.01 * (f / 6) ? 1 : 0;
      if (f % 6 === 1) return 3;
      if (f % 6 === 2) return Math.floor(drawn * 5);
      if (f % 6 === 3) return drawn < 0.98 ? Number.NaN : 1;
      if (f % 6 === 4) return drawn < 0.97 ? 0 : Math.floor(drawn * 400) % 4;
      return drawn;
    }),
  );
  return {
    rowCount: rows,
    names: [...six.names, ...more.map((_, f) => `g${f}`)],
    columns: [...six.columns, ...more],
    categories: [...six.categories!, ...more.map((_, f) => (f % 6 === 4 ? kinds : undefined))],
  };
}

const settings: [string, Record<string, unknown>][] = [
  ['full depth', {}],
  ['one column a split', { maxFeatures: 1 }],
  ['larger leaves', { minSamplesLeaf: 4 }],
  ['shallow', { maxDepth: 4, maxFeatures: 20 }],
];

describe('many columns, of which most do not differ in a small node', () => {
  const x = wide();

  it('are enough to be read row by row', () => {
    expect(x.rowCount * x.columns.length).toBeGreaterThan(2 ** 17);
  });

  it.each(settings)('grow the same bits in the kernel and in its twin: %s', (_, params) => {
    const asked = paramsOf({ trees: 2, bootstrap: true, maxFeatures: 'sqrt', oobScore: true, ...params });
    for (const target of [y, number, classesOf(number.values as Float64Array, 12)]) {
      const [kernel, twin] = [false, true].map((plain) => grownText(x, target, asked, { seed: 5, plain }));
      expect(kernel).toBe(twin);
    }
  });

  it('grow the same bits by entropy', () => {
    const asked = paramsOf({ criterion: 'entropy', maxFeatures: 'sqrt' });
    const [kernel, twin] = [false, true].map((plain) => grownText(x, y, asked, { seed: 6, plain }));
    expect(kernel).toBe(twin);
  });

  it('are still told apart far below the depth to which the kernel remembers', () => {
    // A flag is up in one row of class a, so every split takes one row off: the tree is as deep as there are flags.
    const flags = Array.from({ length: 250 }, (_, f) =>
      Float64Array.from({ length: 600 }, (_, i) => (i === f ? 1 : 0)),
    );
    const flagged = { rowCount: 600, names: flags.map((_, f) => `f${f}`), columns: flags };
    const values = Int32Array.from({ length: 600 }, (_, i) => (i < 250 ? 0 : 1));
    const classes: Target = { task: 'classification', classes: ['a', 'b'], values };
    const texts = [false, true].map((plain) =>
      grownText(flagged, classes, paramsOf({ maxFeatures: 'sqrt' }), { seed: 7, plain }),
    );
    expect(texts[0]).toBe(texts[1]);
  });
});
