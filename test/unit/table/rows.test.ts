import { describe, expect, it } from 'vitest';
import { BadDefinitionError } from '../../../lib/errors/index.ts';
import { concatTables, takeRows } from '../../../lib/table/index.ts';
import { rowIdentities } from '../../../lib/table/rows.ts';
import { numbers, tableOf, texts, textsOf, thrownBy, valuesOf } from './support.ts';

const table = tableOf(numbers('n', [1, Number.NaN, 3]), texts('t', ['a', null, 'c']));

describe('takeRows', () => {
  it('gives rows in the order of the indices, repeated ones too, dictionaries as they are', () => {
    const taken = takeRows(table, [2, 0, 2, 1]);
    expect(taken.rowCount).toBe(4);
    expect(valuesOf(taken, 'n')).toEqual([3, 1, 3, Number.NaN]);
    expect(textsOf(taken, 't')).toEqual(['c', 'a', 'c', null]);
    expect(takeRows(table, [0]).columns[1]).toMatchObject({ categories: ['a', 'c'] });
  });

  it('leaves the table alone', () => {
    const taken = takeRows(table, [0, 1, 2]);
    (taken.columns[0] as { values: Float64Array }).values[0] = 99;
    expect(valuesOf(table, 'n')[0]).toBe(1);
  });
});

describe('concatTables', () => {
  it('joins rows and dictionaries', () => {
    const joined = concatTables([table, tableOf(numbers('n', [4]), texts('t', ['z'])), table]);
    expect(joined.rowCount).toBe(7);
    expect(valuesOf(joined, 'n')).toEqual([1, Number.NaN, 3, 4, 1, Number.NaN, 3]);
    expect(textsOf(joined, 't')).toEqual(['a', null, 'c', 'z', 'a', null, 'c']);
    expect(concatTables([])).toEqual({ rowCount: 0, columns: [] });
  });

  it.each([
    ['another kind', tableOf(numbers('n', [1], 'integer'), texts('t', ['a']))],
    ['another name', tableOf(numbers('m', [1]), texts('t', ['a']))],
    ['fewer columns', tableOf(numbers('n', [1]))],
    ['more columns', tableOf(numbers('n', [1]), texts('t', ['a']), numbers('x', [1]))],
  ])('refuses %s', async (_, other) => {
    expect(await thrownBy(() => concatTables([table, other]))).toBeInstanceOf(BadDefinitionError);
  });
});

describe('rowIdentities', () => {
  it('are equal for equal rows over all tables, a missing value being equal to a missing value', () => {
    const other = tableOf(numbers('n', [Number.NaN, 3, 1]), texts('t', [null, 'x', 'a']));
    expect(rowIdentities([table, other]).map((ids) => [...ids])).toEqual([
      [0, 1, 2],
      [1, 3, 0],
    ]);
  });

  it('compare strings, not codes, and take -0 for 0', () => {
    const a = tableOf(texts('t', ['p', 'q']), numbers('n', [0, 0]));
    const b = tableOf(texts('t', ['q', 'p']), numbers('n', [-0, -0]));
    expect(rowIdentities([a, b]).map((ids) => [...ids])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('do not confuse a missing string with the string undefined or null', () => {
    const [ids] = rowIdentities([tableOf(texts('t', [null, 'undefined', 'null']))]);
    expect(new Set(ids).size).toBe(3);
  });
});
