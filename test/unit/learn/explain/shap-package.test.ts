import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import { treeShap } from '../../../../lib/learn/explain/tree-shap.ts';
import { columnsOf, farthest } from './shap-support.ts';

const folder = new URL('../../../fixtures/learn/explain/', import.meta.url);

/** A file that make.py wrote. */
interface ShapCase {
  made: string;
  ensemble: Omit<PlainEnsemble, 'trees'> & {
    trees: (Omit<PlainTree, 'categories'> & { categories?: (number[] | null)[] })[];
  };
  rows: (number | null)[][];
  base: number[];
  values: number[][][];
  raw: number[][];
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file): [string, ShapCase] => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
  ]);

/** JSON has no undefined. */
const withCategories = (plain: ShapCase['ensemble']): PlainEnsemble => ({
  ...plain,
  trees: plain.trees.map(({ categories, ...tree }) =>
    categories ? { ...tree, categories: categories.map((codes) => codes ?? undefined) } : tree,
  ),
});

describe('against the Python package shap', () => {
  it('has cases of scikit-learn, LightGBM and XGBoost', () => {
    expect(cases.map(([name]) => name).sort()).toEqual([
      'lightgbm-binary',
      'lightgbm-mixed',
      'lightgbm-multiclass',
      'sklearn-classification',
      'sklearn-regression',
      'xgboost-binary',
    ]);
  });

  it.each(cases)('%s', (name, { ensemble, rows, base, values, raw }) => {
    const filled = rows.map((row) => row.map((value) => value ?? Number.NaN));
    const ours = treeShap(buildEnsemble(withCategories(ensemble)), {
      rowCount: rows.length,
      columns: columnsOf(filled, ensemble.featureCount),
    });
    const theirs = Float64Array.from(values.flat(2));
    const largest = Math.max(...theirs.map(Math.abs));
    const off = farthest(ours.contributions, theirs);
    console.log(
      `${name}: largest value ${largest.toPrecision(3)}, largest difference ${off.toExponential(1)}`,
    );
    // Their leaves are doubles (XGBoost: all is float32), ours float32.
    expect(off).toBeLessThan(1e-6 * largest);
    expect(farthest(ours.base, base)).toBeLessThan(1e-6 * Math.max(...raw.flat().map(Math.abs)));
    expect(largest).toBeGreaterThan(0.01);
  });
});
