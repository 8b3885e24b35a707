import { describe, expect, it } from 'vitest';
import {
  applyRowSteps,
  dropColumns,
  dropDuplicates,
  standardScale,
  tableToRows,
} from '../../../../lib/table/index.ts';
import { honestFiles, numbers, REAL, readHonest, tableOf, texts, thrownBy, valuesOf } from '../support.ts';

const table = tableOf(
  numbers('id', [1, 2, 3, 4]),
  numbers('x', [7, 8, 7, Number.NaN]),
  texts('t', ['a', 'b', 'a', null]),
);

describe('applyRowSteps', () => {
  it('drops columns and keeps the first of equal rows, in the order of the steps', () => {
    const after = applyRowSteps(table, [dropColumns(['id']), dropDuplicates()]);
    expect(valuesOf(after.table, 'x')).toEqual([7, 8, Number.NaN]);
    expect(after.report).toEqual({ rowsIn: 4, rowsOut: 3, duplicatesDropped: 1, columnsDropped: ['id'] });
    const before = applyRowSteps(table, [dropDuplicates(), dropColumns(['id'])]);
    expect(before.report).toMatchObject({ rowsOut: 4, duplicatesDropped: 0 });
  });

  it('passes other steps over, and leaves a table alone that needs nothing', () => {
    const { table: same } = applyRowSteps(table, [standardScale('numeric'), dropDuplicates()]);
    expect(same).toBe(table);
  });

  it('may name a column twice, and not one that is not there', async () => {
    const { report } = applyRowSteps(table, [dropColumns(['id', 'x']), dropColumns(['x'])]);
    expect(report.columnsDropped).toEqual(['id', 'x']);
    expect((await thrownBy(() => applyRowSteps(table, [dropColumns(['nope'])]))).code).toBe('UNKNOWN_COLUMN');
  });

  it('finds the rows of the students that stand twice: 44 of the real ones', async () => {
    const file = honestFiles.find(({ path }) => path.startsWith('student-performance/'))!;
    const { table: students } = await readHonest(file);
    const kept = new Set(tableToRows(students).map((row) => JSON.stringify(row))).size;
    const { report } = applyRowSteps(students, [dropDuplicates()]);
    expect(report).toMatchObject({ rowsIn: 666, rowsOut: kept, duplicatesDropped: 666 - kept });
    if (REAL) expect(kept).toBe(622);
    expect(kept).toBeLessThan(666);
  });
});
