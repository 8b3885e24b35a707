import { describe, expect, it } from 'vitest';
import { checkTarget, duplicatesAcrossSplits } from '../../../../lib/table/index.ts';
import { numbers, tableOf, texts, thrownBy } from '../support.ts';

describe('checkTarget', () => {
  it('lets a target pass that varies', () => {
    expect(() => checkTarget(tableOf(texts('y', ['a', 'b'])), 'y', 'classification')).not.toThrow();
    expect(() => checkTarget(tableOf(numbers('y', [1, 2])), 'y', 'regression')).not.toThrow();
  });

  it('refuses a target that is not there, in the table or in a row', async () => {
    expect(await thrownBy(() => checkTarget(tableOf(numbers('x', [1])), 'y', 'regression'))).toMatchObject({
      code: 'TARGET_MISSING',
      details: { target: 'y', columns: ['x'] },
    });
    const some = tableOf(texts('y', ['a', null, 'b', null]));
    expect(await thrownBy(() => checkTarget(some, 'y', 'classification'))).toMatchObject({
      code: 'TARGET_MISSING',
      details: { missing: 2, rows: 4 },
    });
    const none = tableOf(numbers('y', [Number.NaN]));
    expect((await thrownBy(() => checkTarget(none, 'y', 'regression'))).code).toBe('TARGET_MISSING');
  });

  it('refuses a single class, however many the schema declares', async () => {
    const one = tableOf({ ...texts('y', ['a', 'a']), categories: ['a', 'b', 'c'] });
    expect(await thrownBy(() => checkTarget(one, 'y', 'classification'))).toMatchObject({
      code: 'SINGLE_CLASS',
      status: 422,
    });
    const numeric = tableOf(numbers('y', [1, 1], 'integer'));
    expect((await thrownBy(() => checkTarget(numeric, 'y', 'classification'))).code).toBe('SINGLE_CLASS');
  });

  it('refuses a constant number, and a table without rows', async () => {
    expect((await thrownBy(() => checkTarget(tableOf(numbers('y', [3, 3])), 'y', 'regression'))).code).toBe(
      'CONSTANT_TARGET',
    );
    expect((await thrownBy(() => checkTarget(tableOf(numbers('y', [])), 'y', 'regression'))).code).toBe(
      'CONSTANT_TARGET',
    );
  });
});

describe('duplicatesAcrossSplits', () => {
  const part = (values: number[], words: (string | null)[]) =>
    tableOf(numbers('n', values), texts('t', words));
  const train = part([1, 1, 2], ['a', 'a', null]);
  const test = part([1, 2, 2, 1], ['a', null, 'b', 'a']);

  it('counts rows of later parts that an earlier part has, in list or object', () => {
    expect(duplicatesAcrossSplits([train, test])).toBe(3);
    expect(duplicatesAcrossSplits({ train, test })).toBe(3);
    expect(duplicatesAcrossSplits([test, train])).toBe(3);
  });

  it('does not count what repeats within a part', () => {
    expect(duplicatesAcrossSplits([train])).toBe(0);
    expect(duplicatesAcrossSplits([train, part([9, 9], ['z', 'z'])])).toBe(0);
    expect(duplicatesAcrossSplits([part([], []), train, test])).toBe(3);
  });

  it('refuses parts with other columns', async () => {
    expect((await thrownBy(() => duplicatesAcrossSplits([train, tableOf(numbers('n', [1]))]))).code).toBe(
      'BAD_DEFINITION',
    );
  });
});
