import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../lib/errors/index.ts';
import {
  applyPreprocessing,
  applyRowSteps,
  type CleanStep,
  dateParts,
  dropDuplicates,
  duplicatesAcrossSplits,
  encode,
  type FittedPreprocessing,
  fillMissing,
  findLeakage,
  fitPreprocessing,
  fittedPreprocessingSchema,
  minMaxScale,
  rowsToTable,
  seededRandom,
  standardScale,
  type Table,
  tableSchema,
  tableToRows,
} from '../../../lib/table/index.ts';
import { anyTable } from './arbitrary.ts';

const step: fc.Arbitrary<CleanStep> = fc.constantFrom(
  fillMissing('numeric', { strategy: 'median', indicator: true }),
  fillMissing('all', { strategy: 'mode' }),
  fillMissing('categorical', { strategy: 'constant', value: 'none' }),
  fillMissing('numeric', { strategy: 'constant', value: -1.5 }),
  standardScale('numeric'),
  minMaxScale('numeric'),
  encode('categorical'),
  encode('categorical', { method: 'ordinal' }),
  encode('categorical', { method: 'label' }),
  dateParts('all'),
);

/** Any table with a target beside, and any steps; what cannot be fitted must say so by a code. */
function fitted(table: Table, steps: readonly CleanStep[]): FittedPreprocessing | undefined {
  try {
    return fitPreprocessing(table, steps, { target: 'the target', schema: tableSchema(table) });
  } catch (error) {
    expect(error).toBeInstanceOf(ArboledaError);
    return undefined;
  }
}
const withTarget = anyTable.map((table) => ({
  ...table,
  columns: [
    ...table.columns,
    {
      name: 'the target',
      kind: 'number' as const,
      values: Float64Array.from({ length: table.rowCount }, (_, i) => i),
    },
  ],
}));

describe('fitted preprocessing', () => {
  it('survives JSON and its schema to the last bit, and gives the features that it promises', () => {
    fc.assert(
      fc.property(withTarget, fc.array(step, { maxLength: 5 }), (table, steps) => {
        const made = fitted(table, steps);
        if (made === undefined) return;
        const back = fittedPreprocessingSchema.parse(JSON.parse(JSON.stringify(made)));
        expect(back).toEqual(made);
        const result = applyPreprocessing(made, table);
        expect(applyPreprocessing(back, table)).toEqual(result);
        expect(result.columns.slice(0, -1).map(({ name, kind }) => ({ name, kind }))).toEqual(made.output);
        expect(result.columns.at(-1)).toEqual(table.columns.at(-1));
      }),
      { numRuns: 300 },
    );
  });

  it('reads rows of JSON as the table they come from, wherever it takes them', () => {
    fc.assert(
      fc.property(withTarget, fc.array(step, { maxLength: 4 }), (table, steps) => {
        const made = fitted(table, steps);
        if (made === undefined) return;
        let rows: Table;
        try {
          rows = rowsToTable(made, JSON.parse(JSON.stringify(tableToRows(table)))).table;
        } catch (error) {
          // Only a missing value that no step treats may be refused of what was trained on.
          expect((error as ArboledaError).message).toContain('no step of the pipeline treats');
          return;
        }
        // JSON has no -0.
        const plain = (features: Table) =>
          features.columns.map((column) =>
            'values' in column ? column.values.map((value) => value + 0) : column.codes.length,
          );
        const expected = applyPreprocessing(made, { ...table, columns: table.columns.slice(0, -1) });
        expect(plain(applyPreprocessing(made, rows))).toEqual(plain(expected));
      }),
      { numRuns: 300 },
    );
  });
});

describe('duplicates', () => {
  it('are gone once dropped, and the rows kept are those of a comparison by JSON', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const { table: once, report } = applyRowSteps(table, [dropDuplicates()]);
        const texts = tableToRows(table).map((row) => JSON.stringify(row));
        expect(report.rowsOut).toBe(new Set(texts).size);
        expect(applyRowSteps(once, [dropDuplicates()]).table).toBe(once);
        expect(duplicatesAcrossSplits([table, once])).toBe(once.rowCount);
      }),
    );
  });
});

describe('the leakage guard', () => {
  const classes = fc.integer({ min: 2, max: 6 });
  const size = fc.integer({ min: 100, max: 400 });

  it('is silent on noise of any kind', () => {
    fc.assert(
      fc.property(classes, size, fc.nat(), fc.integer({ min: 1, max: 1000 }), (count, rows, seed, values) => {
        const random = seededRandom(seed);
        const draw = (bound: number) =>
          Float64Array.from({ length: rows }, () => Math.floor(random() * bound));
        const table: Table = {
          rowCount: rows,
          columns: [
            { name: 'noise', kind: 'integer', values: draw(values) },
            { name: 'y', kind: 'integer', values: draw(count) },
          ],
        };
        expect(findLeakage(table, 'y', 'classification')).toEqual([]);
        expect(findLeakage(table, 'y', 'regression')).toEqual([]);
      }),
    );
  });

  it('catches any renaming of the classes', () => {
    fc.assert(
      fc.property(classes, size, fc.nat(), (count, rows, seed) => {
        const random = seededRandom(seed);
        const y = Float64Array.from({ length: rows }, () => Math.floor(random() * count));
        const names = Array.from({ length: count }, () => Math.floor(random() * 1e9));
        const table: Table = {
          rowCount: rows,
          columns: [
            { name: 'copy', kind: 'integer', values: y.map((label) => names[label]!) },
            { name: 'y', kind: 'integer', values: y },
          ],
        };
        expect(findLeakage(table, 'y', 'classification').map(({ columns }) => columns)).toEqual([['copy']]);
      }),
    );
  });
});
