import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../../../lib/learn/explain/explain-rows.ts';
import { labelsOf } from '../../../../lib/learn/explain/labels.ts';
import { featureOrigins, groupContributions } from '../../../../lib/learn/explain/origins.ts';
import { explainRawRows } from '../../../../lib/learn/explain/raw-rows.ts';
import { predictRows } from '../../../../lib/learn/index.ts';
import {
  applyPreprocessing,
  dateParts,
  encode,
  fillMissing,
  fitPreprocessing,
  minMaxScale,
  standardScale,
  type Table,
} from '../../../../lib/table/index.ts';
import { houseFile, load, sampleRows, treeFile } from '../model-fixture.ts';
import { thrownBy } from '../support.ts';

const day = 86_400_000;
const table: Table = {
  rowCount: 4,
  columns: [
    { name: 'area', kind: 'number', values: Float64Array.of(10, Number.NaN, 30, 40) },
    { name: 'city', kind: 'category', codes: Int32Array.of(0, 1, 1, -1), categories: ['Oslo', 'Rome'] },
    { name: 'built', kind: 'date', values: Float64Array.of(0, 40 * day, 400 * day, 900 * day) },
    { name: 'grade', kind: 'category', codes: Int32Array.of(0, 1, 2, -1), categories: ['a', 'b', 'c'] },
    { name: 'price', kind: 'number', values: Float64Array.of(1, 2, 3, 4) },
  ],
};
const schema = {
  columns: table.columns.map(({ name, kind }) => ({ name, kind, nullable: true })),
};
const fitted = fitPreprocessing(
  table,
  [
    fillMissing(['area'], { strategy: 'median', indicator: true }),
    dateParts(['built']),
    standardScale(['area']),
    encode(['city'], { method: 'onehot', unknown: 'ignore' }),
    encode(['grade'], { method: 'ordinal', unknown: 'ignore' }),
  ],
  { target: 'price', schema },
);
const features = applyPreprocessing(fitted, table)
  .columns.map(({ name }) => name)
  .filter((name) => name !== 'price');

describe('featureOrigins', () => {
  it('knows one-hot columns, the one for missing too, indicators and parts of dates', () => {
    const origins = Object.fromEntries(
      features.map((name, j) => [name, featureOrigins(fitted, features)[j]]),
    );
    expect(origins).toMatchObject({
      area: 'area',
      area_missing: 'area',
      'city=Oslo': 'city',
      'city=Rome': 'city',
      'city=(missing)': 'city',
      built_year: 'built',
      built_month: 'built',
      grade: 'grade',
    });
    expect(Object.keys(origins)).toHaveLength(features.length);
    expect(new Set(Object.values(origins))).toEqual(new Set(['area', 'city', 'built', 'grade']));
  });

  it('tells the parts of a date from a column that has the name of one', () => {
    const steps = [
      { step: 'dateParts' as const, columns: ['d', 'e'], parts: ['year' as const], stems: ['d_2', 'e'] },
    ];
    const names = ['d_2_year', 'd_year', 'e_year'];
    expect(featureOrigins({ steps }, names)).toEqual(['d', 'd_year', 'e']);
  });

  it('leaves names that merely look made', () => {
    expect(featureOrigins({ steps: [] }, ['city=Oslo', 'area_missing', 'built_year'])).toEqual([
      'city=Oslo',
      'area_missing',
      'built_year',
    ]);
  });

  it('finds the column behind the indicator of a part', () => {
    const steps = [
      { step: 'dateParts' as const, columns: ['built'], parts: ['year' as const] },
      { step: 'fill' as const, fills: [{ column: 'built_year', value: 1, indicator: 'built_year_missing' }] },
    ];
    expect(featureOrigins({ steps }, ['built_year', 'built_year_missing'])).toEqual(['built', 'built']);
  });

  it('is safe with names of Object.prototype', () => {
    expect(featureOrigins({ steps: [] }, ['__proto__', 'constructor'])).toEqual(['__proto__', 'constructor']);
  });
});

describe('labelsOf', () => {
  it('gives scaled numbers in their own units', () => {
    // Filled with the median 30, the mean is 27.5.
    const label = labelsOf(fitted, 'area');
    expect(label(0)).toBeCloseTo(27.5, 12);
    const scaled = applyPreprocessing(fitted, table).columns.find(({ name }) => name === 'area')!;
    if ('values' in scaled) expect(label(scaled.values[3]!)).toBeCloseTo(40, 12);
  });

  it('undoes several scalings in turn', () => {
    const twice = fitPreprocessing(
      table,
      [
        fillMissing(['area'], { strategy: 'median' }),
        fillMissing(['city', 'grade'], { strategy: 'mode' }),
        standardScale(['area']),
        minMaxScale(['area']),
        dateParts(['built']),
        encode('categorical', { method: 'onehot' }),
      ],
      { target: 'price', schema },
    );
    expect(labelsOf(twice, 'area')(0)).toBeCloseTo(10, 12);
    expect(labelsOf(twice, 'area')(1)).toBeCloseTo(40, 12);
  });

  it('gives codes by name, missing and unknown ones too', () => {
    const label = labelsOf(fitted, 'grade');
    expect([0, 2, 3, -1].map(label)).toEqual(['a', 'c', '(missing)', '(other)']);
  });

  it('leaves others', () => {
    expect(labelsOf(fitted, 'built_year')(1971)).toBe(1971);
  });
});

describe('groupContributions', () => {
  const explanation: Explanation = {
    rowCount: 2,
    features: ['a', 'c=x', 'b', 'c=y'],
    outputs: 2,
    classes: ['no', 'yes'],
    score: 'margin',
    base: Float64Array.of(1, -1),
    contributions: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 30, 40, 50, 60, 70, 80),
  };

  it('sums what is of one origin, in the order of first mention', () => {
    const grouped = groupContributions(explanation, ['a', 'c', 'b', 'c']);
    expect(grouped.features).toEqual(['a', 'c', 'b']);
    expect([...grouped.contributions]).toEqual([1, 2, 10, 12, 5, 6, 10, 20, 100, 120, 50, 60]);
    expect([...grouped.base]).toEqual([1, -1]);
  });

  it('changes nothing where each is its own origin', () => {
    const same = groupContributions(explanation, explanation.features);
    expect([...same.contributions]).toEqual([...explanation.contributions]);
    expect(same.features).toEqual(explanation.features);
  });
});

describe('explainRawRows', () => {
  it('explains raw rows by the names of the row, and sums to the prediction', async () => {
    const loaded = await load(houseFile());
    const { explanation, warnings } = explainRawRows(loaded, sampleRows(loaded));
    expect(explanation.features).toEqual(['area', 'rooms', 'age', 'quarter'].sort(byPlace(explanation)));
    const { predictions, warnings: theirs } = predictRows(loaded, sampleRows(loaded));
    expect(warnings).toEqual(theirs);
    for (const [i, { prediction }] of predictions.entries()) {
      const parts = explanation.contributions.subarray(i * 4, i * 4 + 4);
      const sum = parts.reduce((total, part) => total + part, explanation.base[0]!);
      expect(sum / (prediction as number)).toBeCloseTo(1, 10);
    }
  });

  it('a larger area makes a house dearer, the harbour too', async () => {
    const loaded = await load(houseFile());
    const row = { area: 139, rooms: 3, quarter: 'harbour', age: 12 };
    const { explanation } = explainRawRows(loaded, [row]);
    const of = (name: string) => explanation.contributions[explanation.features.indexOf(name)]!;
    expect(of('area')).toBeGreaterThan(20_000);
    expect(of('quarter')).toBeGreaterThan(10_000);
  });

  it('explains boosting and classes', async () => {
    const loaded = await load(treeFile('gradient-boosting', { rounds: 5, minSamplesLeaf: 2 }));
    const { explanation } = explainRawRows(loaded, sampleRows(loaded));
    expect(explanation.features).toEqual(expect.arrayContaining(['height', 'leaf']));
    expect(explanation.features).toHaveLength(2);
    expect(explanation.classes).toEqual(loaded.model.classes);
    const { predictions } = predictRows(loaded, sampleRows(loaded));
    const scores = explanation.classes.map(
      (_, k) => explanation.base[k]! + explanation.contributions[k]! + explanation.contributions[3 + k]!,
    );
    const exps = scores.map(Math.exp);
    const sum = exps.reduce((total, value) => total + value, 0);
    for (const [k, name] of explanation.classes.entries()) {
      expect(exps[k]! / sum).toBeCloseTo(predictions[0]!.probabilities![name]!, 6);
    }
  });

  it('takes no rows', async () => {
    const { explanation } = explainRawRows(await load(houseFile()), []);
    expect(explanation.rowCount).toBe(0);
    expect(explanation.base).toHaveLength(1);
  });

  it('refuses a row that is not one, naming the field', async () => {
    const loaded = await load(houseFile());
    const error = thrownBy(() => explainRawRows(loaded, [{ area: 'large' }]));
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.field).toContain('area');
  });
});

/** Sorts names as the explanation has them: the order of features is the model's own. */
function byPlace({ features: order }: Explanation) {
  return (a: string, b: string): number => order.indexOf(a) - order.indexOf(b);
}
