import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { judgeBounds } from '../../../lib/table/cells.ts';
import { exampleRow, inputColumns } from '../../../lib/table/example-row.ts';
import type { ColumnSpec } from '../../../lib/table/index.ts';

const exampleOf = (column: Partial<ColumnSpec>): unknown =>
  exampleRow({
    target: 'y',
    rowSchema: { columns: [{ name: 'x', kind: 'number', nullable: false, ...column }] },
  }).x;

describe('an example of a column', () => {
  it.each<[Partial<ColumnSpec>, unknown]>([
    [{}, 1],
    [{ minimum: 4 }, 4],
    [{ maximum: -4 }, -4],
    [{ minimum: 0, maximum: 10 }, 5],
    [{ exclusiveMinimum: 5 }, 6],
    [{ exclusiveMaximum: -5 }, -6],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ kind: 'integer', minimum: 2.5 }, 3],
    [{ kind: 'integer', maximum: 2.5 }, 2],
    [{ kind: 'integer', minimum: 6.5, maximum: 7.5 }, 7],
    [{ kind: 'boolean' }, true],
    [{ kind: 'text' }, 'text'],
    [{ kind: 'text', numericCategories: true }, 1],
    [{ kind: 'category', categories: ['b', 'a'] }, 'b'],
  ])('%j', (column, value) => expect(exampleOf(column)).toBe(value));

  it('keeps every bound that leaves a number, inclusive or not', () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const given = fc.record({ a: bound, width: fc.double({ min: 1.5, max: 1e5, noNaN: true }) });
    fc.assert(
      fc.property(
        given,
        fc.constantFrom('number' as const, 'integer' as const),
        fc.integer({ min: 0, max: 8 }),
        ({ a, width }, kind, which) => {
          const low = [{}, { minimum: a }, { exclusiveMinimum: a }][which % 3]!;
          const high = [{}, { maximum: a + width }, { exclusiveMaximum: a + width }][Math.floor(which / 3)]!;
          const spec: ColumnSpec = { name: 'x', kind, nullable: false, ...low, ...high };
          const value = exampleOf(spec) as number;
          expect(judgeBounds(spec, value)).toBeUndefined();
          if (kind === 'integer') expect(Number.isInteger(value)).toBe(true);
        },
      ),
    );
  });

  it('leaves out the target and what the model does not read', () => {
    const columns = ['a', 'b', 'y'].map((name): ColumnSpec => ({ name, kind: 'number', nullable: true }));
    const model = { target: 'y', rowSchema: { columns } };
    expect(inputColumns(model).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(exampleRow({ ...model, input: ['b'] })).toEqual({ b: 1 });
  });
});
