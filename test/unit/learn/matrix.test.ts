import { describe, expect, it } from 'vitest';
import { getAlgorithm } from '../../../lib/learn/algorithms.ts';
import { alignFeatures, requireComplete, toMatrix } from '../../../lib/learn/matrix.ts';
import { inferTask, toTarget } from '../../../lib/learn/target.ts';
import { getTrainer, trainerNames } from '../../../lib/learn/trainers.ts';
import type { Column, ColumnKind, ColumnSpec, Table } from '../../../lib/table/types.ts';
import { thrownBy } from './support.ts';

const column = (name: string, kind: 'number' | 'integer' | 'boolean' | 'date', values: number[]): Column => ({
  name,
  kind,
  values: Float64Array.from(values),
});
const text = (
  name: string,
  codes: number[],
  categories: string[],
  kind: 'category' | 'text' = 'category',
): Column => ({
  name,
  kind,
  codes: Int32Array.from(codes),
  categories,
});
const table = (...columns: Column[]): Table => ({
  rowCount:
    'values' in columns[0]! ? columns[0].values.length : (columns[0] as { codes: Int32Array }).codes.length,
  columns,
});

describe('toMatrix', () => {
  const area = column('area', 'number', [50, 60]);
  const isNew = column('isNew', 'boolean', [0, 1]);
  const price = column('price', 'integer', [1, 2]);

  it('takes every numeric column but the target, and shares their values', () => {
    const x = toMatrix(table(area, price, isNew), { target: 'price' });
    expect(x.names).toEqual(['area', 'isNew']);
    expect(x.rowCount).toBe(2);
    expect(x.columns[0]).toBe((area as { values: Float64Array }).values);
  });

  it("takes the model's features in the model's order", () => {
    expect(toMatrix(table(area, isNew), { target: 'price', features: ['isNew', 'area'] }).names).toEqual([
      'isNew',
      'area',
    ]);
    const error = thrownBy(() => toMatrix(table(area), { target: 'price', features: ['isNew'] }));
    expect(error).toMatchObject({ code: 'FEATURE_MISMATCH', field: 'isNew' });
  });

  it('names the columns that no step encodes, the first eight of them', () => {
    const many = Array.from({ length: 10 }, (_, i) =>
      text(`t${i}`, [0, 0], ['x'], i % 2 ? 'text' : 'category'),
    );
    const error = thrownBy(() => toMatrix(table(area, ...many), { target: 'price' }));
    expect(error.code).toBe('UNENCODED_COLUMN');
    expect(error.message).toMatch(/"t0", "t1", .*"t7" and 2 more$/);
    expect(error.details!.columns).toHaveLength(10);
    expect(error.remedy).toContain("encode('categorical')");
  });

  it('does not mind a target of text', () => {
    expect(toMatrix(table(area, text('kind', [0, 1], ['a', 'b'])), { target: 'kind' }).names).toEqual([
      'area',
    ]);
  });

  it('refuses a table of the target alone', () => {
    expect(thrownBy(() => toMatrix(table(price), { target: 'price' })).code).toBe('BAD_DEFINITION');
  });

  it('takes a column named __proto__ as any other', () => {
    expect(toMatrix(table(column('__proto__', 'number', [1]), price), { target: 'price' }).names).toEqual([
      '__proto__',
    ]);
  });
});

describe('toMatrix with native categories', () => {
  const area = column('area', 'number', [50, 60, 70]);
  const quarter = text('quarter', [2, -1, 0], ['south', 'never', 'harbour']);
  const street = text('street', [0, 1, 0], ['b', 'a'], 'text');

  it('codes category and text columns into their sorted used names', () => {
    const x = toMatrix(table(area, quarter, street), { target: 'price', categories: 'native' });
    expect(x.names).toEqual(['area', 'quarter', 'street']);
    expect(x.categories).toEqual([undefined, ['harbour', 'south'], ['a', 'b']]);
    expect([...x.columns[1]!]).toEqual([0, Number.NaN, 1]);
    expect([...x.columns[2]!]).toEqual([1, 0, 1]);
    expect(x.columns[0]).toBe((area as { values: Float64Array }).values);
  });

  it('says nothing of categories where all is numeric, and never looks at the target', () => {
    const x = toMatrix(table(area, quarter), { target: 'quarter', categories: 'native' });
    expect(x).not.toHaveProperty('categories');
  });

  it('keeps a column that is missing throughout, with no names', () => {
    const x = toMatrix(table(text('k', [-1, -1], ['a'])), { target: 't', categories: 'native' });
    expect(x.categories).toEqual([[]]);
    expect([...x.columns[0]!]).toEqual([Number.NaN, Number.NaN]);
  });

  it('takes two codes of one name for one category', () => {
    const x = toMatrix(table(text('k', [0, 1, 2], ['a', 'b', 'a'])), { target: 't', categories: 'native' });
    expect(x.categories).toEqual([['a', 'b']]);
    expect([...x.columns[0]!]).toEqual([0, 1, 0]);
  });

  it("codes into a model's categories at prediction: unknown and missing are NaN", () => {
    const categories = [['a', 'harbour', 'south'], undefined];
    const x = toMatrix(table(area, text('quarter', [0, 1, -1], ['south', 'west'])), {
      target: 'price',
      features: ['quarter', 'area'],
      categories,
    });
    expect(x.names).toEqual(['quarter', 'area']);
    expect(x.categories).toBe(categories);
    expect([...x.columns[0]!]).toEqual([2, Number.NaN, Number.NaN]);
    expect([...x.columns[1]!]).toEqual([50, 60, 70]);
  });

  it('refuses numbers where the model has names, and names where it has numbers', () => {
    const error = thrownBy(() =>
      toMatrix(table(area), { target: 't', features: ['area'], categories: [['a']] }),
    );
    expect(error).toMatchObject({ code: 'FEATURE_MISMATCH', field: 'area' });
    const other = thrownBy(() =>
      toMatrix(table(street), { target: 't', features: ['street'], categories: [undefined] }),
    );
    expect(other.code).toBe('UNENCODED_COLUMN');
  });

  it('takes names such as __proto__ and constructor as any other', () => {
    const x = toMatrix(table(text('k', [0, 1], ['constructor', '__proto__'])), {
      target: 't',
      categories: 'native',
    });
    expect(x.categories).toEqual([['__proto__', 'constructor']]);
    const again = toMatrix(table(text('k', [0, 1], ['toString', '__proto__'])), {
      target: 't',
      features: ['k'],
      categories: x.categories,
    });
    expect([...again.columns[0]!]).toEqual([Number.NaN, 0]);
  });
});

describe('alignFeatures', () => {
  const x = {
    rowCount: 2,
    names: ['n', 'k'],
    columns: [Float64Array.of(1, 2), Float64Array.of(0, 1)],
    categories: [undefined, ['a', 'b']],
  };

  it('gives the matrix itself where it fits', () => {
    expect(alignFeatures(x, { features: ['n', 'k'], categories: [undefined, ['a', 'b']] })).toBe(x);
    expect(alignFeatures(x, { features: x.names, categories: x.categories })).toBe(x);
  });

  it('puts columns into the order of the model, and codes into its categories', () => {
    const found = alignFeatures(x, { features: ['k', 'n'], categories: [['b', 'c'], undefined] });
    expect(found.names).toEqual(['k', 'n']);
    expect(found.categories).toEqual([['b', 'c'], undefined]);
    expect([...found.columns[0]!]).toEqual([Number.NaN, 0]);
    expect(found.columns[1]).toBe(x.columns[0]);
    expect([...x.columns[1]!]).toEqual([0, 1]);
  });

  it('keeps what is missing, and takes a code beyond the names for missing', () => {
    const odd = { ...x, columns: [x.columns[0]!, Float64Array.of(Number.NaN, 7)] };
    const found = alignFeatures(odd, { features: x.names, categories: [undefined, ['b', 'a']] });
    expect([...found.columns[1]!]).toEqual([Number.NaN, Number.NaN]);
  });

  it.each([
    ['a column less', { features: ['n'] }],
    ['a column more', { features: ['n', 'k', 'm'] }],
    ['another column', { features: ['n', 'm'] }],
    ['numbers for names', { features: ['n', 'k'], categories: [['a'], ['a', 'b']] }],
    ['names for numbers', { features: ['n', 'k'] }],
  ])('refuses %s', (_, shape) => {
    expect(thrownBy(() => alignFeatures(x, shape)).code).toBe('FEATURE_MISMATCH');
  });
});

describe('toTarget', () => {
  it('sorts the classes by code unit, and keeps only those present', () => {
    const found = toTarget(table(text('k', [2, 0, 2, 3], ['b', 'never', 'a', 'É'])), 'k', 'classification');
    expect(found).toEqual({
      task: 'classification',
      classes: ['a', 'b', 'É'],
      values: Int32Array.of(0, 1, 0, 2),
    });
  });

  it('sorts numbers by value, and takes -0 for 0', () => {
    const found = toTarget(table(column('k', 'integer', [10, 9, -0, 0, 2])), 'k', 'classification');
    expect(found).toMatchObject({ classes: ['0', '2', '9', '10'], values: Int32Array.of(3, 2, 0, 0, 1) });
  });

  it('names booleans false and true', () => {
    const found = toTarget(table(column('k', 'boolean', [1, 0, 1])), 'k', 'classification');
    expect(found).toMatchObject({ classes: ['false', 'true'], values: Int32Array.of(1, 0, 1) });
  });

  it("indexes into a model's classes, and names a class that it does not have", () => {
    const rows = table(text('k', [0, 1], ['b', 'a']));
    expect(toTarget(rows, 'k', 'classification', ['a', 'b', 'c'])).toMatchObject({
      classes: ['a', 'b', 'c'],
      values: Int32Array.of(1, 0),
    });
    const error = thrownBy(() => toTarget(rows, 'k', 'classification', ['b', 'c']));
    expect(error).toMatchObject({ code: 'BAD_TARGET', field: 'k', details: { class: 'a' } });
  });

  it('gives numbers for a regression', () => {
    expect(toTarget(table(column('k', 'number', [1.5, 2])), 'k', 'regression')).toEqual({
      task: 'regression',
      values: Float64Array.of(1.5, 2),
    });
  });

  it('refuses an absent column, missing values, infinities, and text as numbers', () => {
    expect(thrownBy(() => toTarget(table(column('a', 'number', [1])), 'k', 'regression')).code).toBe(
      'BAD_TARGET',
    );
    expect(
      thrownBy(() => toTarget(table(column('k', 'number', [1, Number.NaN, Infinity])), 'k', 'regression'))
        .details,
    ).toEqual({ missing: 2 });
    expect(thrownBy(() => toTarget(table(text('k', [0, -1], ['a'])), 'k', 'classification')).details).toEqual(
      { missing: 1 },
    );
    expect(thrownBy(() => toTarget(table(text('k', [0], ['a'])), 'k', 'regression')).message).toContain(
      'holds text',
    );
  });
});

describe('inferTask', () => {
  const task = (kind: ColumnKind, more: Partial<ColumnSpec> = {}) =>
    inferTask({ columns: [{ name: 'k', kind, nullable: false, ...more }] }, 'k');

  it('takes categories, text and booleans for classes, numbers and dates for numbers', () => {
    expect([task('category'), task('text'), task('boolean')]).toEqual(Array(3).fill('classification'));
    expect([task('number'), task('date'), task('integer')]).toEqual(Array(3).fill('regression'));
  });

  it('takes an integer of few values, bounded by the schema, for classes', () => {
    expect(task('integer', { minimum: 0, maximum: 1 })).toBe('classification');
    expect(task('integer', { minimum: 0, maximum: 9 })).toBe('classification');
    expect(task('integer', { minimum: 0, maximum: 10 })).toBe('regression');
    expect(task('integer', { minimum: 0 })).toBe('regression');
    expect(task('number', { minimum: 0, maximum: 1 })).toBe('regression');
  });

  it('refuses a target that the schema lacks', () => {
    expect(thrownBy(() => inferTask({ columns: [] }, 'k'))).toMatchObject({ code: 'BAD_TARGET', field: 'k' });
  });
});

describe('getTrainer', () => {
  it('finds each by its own name', () => {
    expect(trainerNames).toEqual([
      'gradient-boosting',
      'linear-regression',
      'logistic-regression',
      'ml-random-forest',
      'random-forest',
    ]);
    for (const name of trainerNames) expect(getTrainer(name).algorithm).toBe(name);
  });

  it('has of each what its models are read by, with the same facts', () => {
    for (const name of [...trainerNames, 'imported-ensemble']) {
      const { algorithm, tasks, nativeCategories, nativeMissing } = getTrainer(name);
      expect(getAlgorithm(name)).toMatchObject({ algorithm, tasks });
      expect([getAlgorithm(name).nativeCategories, getAlgorithm(name).nativeMissing]).toEqual([
        nativeCategories,
        nativeMissing,
      ]);
    }
  });

  it.each(['xgboost', '__proto__', 'constructor', ''])('refuses %j and lists the names', (name) => {
    const error = thrownBy(() => getTrainer(name));
    expect(error.code).toBe('UNKNOWN_ALGORITHM');
    expect(error.remedy).toContain(trainerNames.join(', '));
    expect(thrownBy(() => getAlgorithm(name))).toMatchObject({ code: error.code, remedy: error.remedy });
  });
});

describe('requireComplete', () => {
  const named = (names: string[], columns: number[][]) => ({
    rowCount: columns[0]!.length,
    names,
    columns: columns.map((values) => Float64Array.from(values)),
  });

  it('takes every finite number, the largest and smallest and both zeros among them', () => {
    const x = named(
      ['a', 'b'],
      [
        [Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324],
        [0, -0, 1],
      ],
    );
    expect(() => requireComplete(x, 'linear-regression')).not.toThrow();
    expect(() => requireComplete(named([], [[]]), 'linear-regression')).not.toThrow();
  });

  it.each([
    ['a missing value', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
  ])('names the columns that hold %s, in whichever row', (_, bad) => {
    const x = named(
      ['first', 'whole', 'last'],
      [
        [bad, 1, 1],
        [1, 1, 1],
        [1, 1, bad],
      ],
    );
    const error = thrownBy(() => requireComplete(x, 'linear-regression'));
    expect(error.message).toBe(
      'linear-regression takes no missing or infinite value, and these columns have some: "first", "last"',
    );
    expect(error.remedy).toContain(`fillMissing(["first", "last"], { strategy: 'median' })`);
    expect(error.details).toEqual({ columns: ['first', 'last'] });
  });

  it('lists eight of many columns, and proposes to fill all numbers', () => {
    const names = Array.from({ length: 150 }, (_, j) => `c${j}`);
    const error = thrownBy(() =>
      requireComplete(
        named(
          names,
          names.map(() => [Number.NaN]),
        ),
        'x',
      ),
    );
    expect(error.message).toMatch(/"c7" and 142 more$/);
    expect(error.remedy).toContain("fillMissing('numeric',");
    expect(error.details!.columns).toHaveLength(100);
  });
});
