import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { judgeBounds } from '../../../lib/table/cells.ts';
import { profileTable } from '../../../lib/table/index.ts';
import { sampleRows } from '../../../lib/table/sample-rows.ts';
import type { ColumnSpec, Table } from '../../../lib/table/types.ts';

const spec = (name: string, kind: ColumnSpec['kind'], more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name,
  kind,
  nullable: false,
  ...more,
});
const columns = [
  spec('area', 'number', { exclusiveMinimum: 0 }),
  spec('rooms', 'integer'),
  spec('garden', 'boolean'),
  spec('zone', 'category', { categories: ['A', 'B', 'C'] }),
  spec('sold', 'date'),
  spec('price', 'number'),
];
const DAY = 86_400_000;
const table: Table = {
  rowCount: 100,
  columns: [
    { name: 'area', kind: 'number', values: Float64Array.from({ length: 100 }, (_, i) => 40.123456 + i) },
    { name: 'rooms', kind: 'integer', values: Float64Array.from({ length: 100 }, (_, i) => 1 + (i % 5)) },
    { name: 'garden', kind: 'boolean', values: Float64Array.from({ length: 100 }, (_, i) => +(i < 25)) },
    {
      name: 'zone',
      kind: 'category',
      categories: ['A', 'B', 'C'],
      codes: Int32Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : i < 99 ? 0 : -1)),
    },
    { name: 'sold', kind: 'date', values: Float64Array.from({ length: 100 }, (_, i) => i * DAY) },
  ],
};
const model = { target: 'price', rowSchema: { columns }, profile: profileTable(table) };
const drawn = (count: number, seed = 1) => sampleRows(model, { count, seed });

describe('rows to try', () => {
  it('have the columns of a request, each a value of its kind as people write it', () => {
    for (const row of drawn(40)) {
      expect(Object.keys(row)).toEqual(['area', 'rooms', 'garden', 'zone', 'sold']);
      expect(String(row.area).length).toBeLessThanOrEqual(9);
      expect(Number.isInteger(row.rooms)).toBe(true);
      expect(typeof row.garden).toBe('boolean');
      expect(['A', 'B']).toContain(row.zone);
      expect(new Date(row.sold as string).toISOString()).toBe(row.sold);
    }
  });

  it('follow the training rows: shares of classes, quartiles of numbers', () => {
    const rows = drawn(4000);
    const share = (test: (row: Record<string, unknown>) => boolean) => rows.filter(test).length / rows.length;
    expect(share(({ garden }) => garden === true)).toBeCloseTo(0.25, 1);
    expect(share(({ zone }) => zone === 'B')).toBeCloseTo(80 / 99, 1);
    expect(share(({ area }) => (area as number) < 64.9)).toBeCloseTo(0.25, 1);
    expect(share(({ area }) => (area as number) < 114.4)).toBeCloseTo(0.75, 1);
    expect(new Set(rows.map(({ rooms }) => rooms))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it('are the same for a seed, and others for another', () => {
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(3, 2));
    expect(new Set(drawn(12).map((row) => JSON.stringify(row))).size).toBe(12);
  });

  it('are the typical row where there is no profile, or none of a column', () => {
    const { profile: _, ...bare } = model;
    const [row] = sampleRows(bare, { count: 1, seed: 1 });
    expect(row).toEqual({ area: 1, rooms: 1, garden: true, zone: 'A', sold: '2026-01-31T00:00:00.000Z' });
    const empty = {
      ...table,
      columns: table.columns
        .slice(0, 1)
        .map((one) => ({ ...one, values: new Float64Array(100).fill(Number.NaN) })),
    };
    const unseen = { ...model, profile: profileTable(empty as Table) };
    expect(sampleRows(unseen, { count: 1, seed: 1 })[0]?.area).toBe(1);
  });

  it('never leave what training saw, whatever its numbers: rounding included', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 30 }), fc.integer(), (values, seed) => {
        const [minimum, maximum] = [Math.min(...values), Math.max(...values)];
        const column = spec('x', 'number', { minimum, maximum });
        const profile = profileTable({
          rowCount: values.length,
          columns: [{ name: 'x', kind: 'number', values: Float64Array.from(values) }],
        });
        const rowSchema = { columns: [column] };
        for (const { x } of sampleRows({ target: 'y', rowSchema, profile }, { count: 5, seed })) {
          expect(judgeBounds(column, x as number)).toBeUndefined();
        }
      }),
    );
  });
});
