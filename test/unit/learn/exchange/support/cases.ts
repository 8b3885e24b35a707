import { readdirSync, readFileSync } from 'node:fs';
import type { FeatureCategories, FeatureMatrix } from '../../../../../lib/learn/index.ts';

const folder = new URL('../../../../fixtures/learn/exchange/', import.meta.url);

/** Rows and what onnxruntime answered to them; bench/onnx/fixtures.py wrote both. */
export interface Case {
  name: string;
  bytes: Uint8Array;
  rows: (number | null)[][];
  predictions?: number[];
  labels?: (string | number)[];
  classes?: (string | number)[];
  probabilities?: number[][];
}

export function readCase(name: string): Case {
  const facts = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Omit<
    Case,
    'name' | 'bytes'
  >;
  return { name, bytes: new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder))), ...facts };
}

export const caseNames = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx') && !file.startsWith('refused'))
  .map((file) => file.slice(0, -5));

/** Rows of numbers as a model's features; numbers of categorical features become codes by their names. */
export function matrixOf(
  rows: readonly (readonly (number | null)[])[],
  shape: { features: readonly string[]; categories?: FeatureCategories },
): FeatureMatrix {
  const { features, categories } = shape;
  const columns = features.map((_, f) =>
    Float64Array.from(rows, (row) => {
      const value = row[f] ?? Number.NaN;
      const names = categories?.[f];
      if (names === undefined || Number.isNaN(value)) return value;
      const code = names.indexOf(String(value));
      return code < 0 ? Number.NaN : code;
    }),
  );
  return { rowCount: rows.length, names: features, columns, ...(categories ? { categories } : {}) };
}

/** The largest difference of two lists of numbers, relative to the larger of 1 and what is expected. */
export function largestDifference(found: ArrayLike<number>, expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return largest;
}
