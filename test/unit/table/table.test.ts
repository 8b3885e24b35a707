import { describe, expect, it } from 'vitest';
import {
  cellAt,
  findColumn,
  isMissing,
  requireColumn,
  tableSchema,
  tableToRows,
  withoutColumns,
} from '../../../lib/table/index.ts';
import { numbers, tableOf, texts, thrownBy } from './support.ts';

const table = tableOf(
  numbers('n', [1.5, Number.NaN]),
  numbers('b', [1, 0], 'boolean'),
  numbers('d', [0, Number.NaN], 'date'),
  texts('c', ['x', null]),
  texts('t', ['free', 'text'], 'text'),
);

describe('tables', () => {
  it('give rows as JSON knows them', () => {
    expect(tableToRows(table)).toEqual([
      { n: 1.5, b: true, d: '1970-01-01T00:00:00.000Z', c: 'x', t: 'free' },
      { n: null, b: false, d: null, c: null, t: 'text' },
    ]);
    expect(tableToRows(table, 1, 99)).toHaveLength(1);
    expect(cellAt(table.columns[0]!, 0)).toBe(1.5);
  });

  it('say what they hold', () => {
    expect(tableSchema(table)).toEqual({
      columns: [
        { name: 'n', kind: 'number', nullable: true },
        { name: 'b', kind: 'boolean', nullable: false },
        { name: 'd', kind: 'date', nullable: true },
        { name: 'c', kind: 'category', categories: ['x'], nullable: true },
        { name: 't', kind: 'text', nullable: false },
      ],
    });
  });

  it('know their columns by name', async () => {
    expect(findColumn(table, 'nope')).toBeUndefined();
    expect(requireColumn(table, 'c')).toBe(table.columns[3]);
    const error = await thrownBy(() => requireColumn(table, 'nope'));
    expect(error).toMatchObject({ code: 'UNKNOWN_COLUMN', remedy: 'Use one of: n, b, d, c, t.' });
    expect(withoutColumns(table, ['n', 'nope', 'd']).columns.map(({ name }) => name)).toEqual([
      'b',
      'c',
      't',
    ]);
  });

  it('know what is missing', () => {
    expect(table.columns.map((column) => [isMissing(column, 0), isMissing(column, 1)])).toEqual([
      [false, true],
      [false, false],
      [false, true],
      [false, true],
      [false, false],
    ]);
  });
});
