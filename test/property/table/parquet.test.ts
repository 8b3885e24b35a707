import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatTables, profileTable, readParquet, takeRows, writeParquet } from '../../../lib/table/index.ts';
import { anyTable } from './arbitrary.ts';

describe('any table', () => {
  it('comes back from Parquet as it was, and its bytes are always the same', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        const bytes = writeParquet(table);
        expect(await readParquet(bytes)).toEqual(table);
        expect(Buffer.compare(writeParquet(table), bytes)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('is the join of its parts', () => {
    fc.assert(
      fc.property(anyTable, fc.nat(30), (table, at) => {
        const all = Array.from({ length: table.rowCount }, (_, i) => i);
        const joined = concatTables([takeRows(table, all.slice(0, at)), takeRows(table, all.slice(at))]);
        expect(joined).toEqual(table);
      }),
    );
  });

  it('has a profile that is JSON and counts every row', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const profile = profileTable(table);
        expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
        for (const column of profile.columns) {
          expect(column.count + column.missing).toBe(table.rowCount);
          const counted =
            'histogram' in column
              ? column.histogram.counts.reduce((sum, count) => sum + count, 0)
              : column.other + column.categories.reduce((sum, { count }) => sum + count, 0);
          expect(counted).toBe(column.count);
        }
      }),
    );
  });
});
