import { describe, expect, it } from 'vitest';
import { BadDefinitionError } from '../../../../lib/errors/index.ts';
import {
  applyPreprocessing,
  type CleanStep,
  type Column,
  dateParts,
  dropColumns,
  dropDuplicates,
  encode,
  fillMissing,
  fitPreprocessing,
  fittedPreprocessingSchema,
  minMaxScale,
  standardScale,
  type Table,
  tableSchema,
  takeRows,
} from '../../../../lib/table/index.ts';
import { numbers, tableOf, texts, textsOf, thrownBy, valuesOf } from '../support.ts';

const target = numbers('y', [1, 2, 3, 4]);
const withTarget = (...columns: Column[]) => tableOf(...columns, target);
const fitOn = (table: Table, ...steps: CleanStep[]) =>
  fitPreprocessing(table, steps, { target: 'y', schema: tableSchema(table) });
const fitApply = (table: Table, ...steps: CleanStep[]) => applyPreprocessing(fitOn(table, ...steps), table);
const N = Number.NaN;

describe('fillMissing', () => {
  it('fills with the median of the training rows: the middle, or the mean of the two in the middle', () => {
    const step = fillMissing('numeric', { strategy: 'median' });
    const odd = fitOn(withTarget(numbers('x', [10, N, 1, 4])), step);
    expect(odd.steps).toEqual([{ step: 'fill', fills: [{ column: 'x', value: 4 }] }]);
    expect(valuesOf(fitApply(withTarget(numbers('x', [10, 5, 1, N])), step), 'x')).toEqual([10, 5, 1, 5]);
    expect(fitOn(withTarget(numbers('x', [10, 4, 1, 5])), step).steps[0]).toMatchObject({
      fills: [{ value: 4.5 }],
    });
  });

  it('numbers an indicator whose name is taken, by a column, the target or another indicator', () => {
    const gaps = [1, N, 3, 4];
    const step = fillMissing('numeric', { strategy: 'median', indicator: true });
    const train = withTarget(
      numbers('x', gaps),
      numbers('x_missing', gaps),
      numbers('x_missing_2', [1, 2, 3, 4]),
    );
    const fitted = fitOn(train, step);
    expect(fitted.output.map(({ name }) => name)).toEqual([
      ...['x', 'x_missing_3', 'x_missing', 'x_missing_missing', 'x_missing_2'],
    ]);
    expect(valuesOf(applyPreprocessing(fitted, train), 'x_missing_3')).toEqual([0, 1, 0, 0]);
    expect(valuesOf(applyPreprocessing(fitted, train), 'x_missing')).toEqual([1, 3, 3, 4]);
    const asTarget = tableOf(numbers('x', gaps), numbers('x_missing', [1, 2, 3, 4]));
    const beside = fitPreprocessing(asTarget, [step], { target: 'x_missing', schema: tableSchema(asTarget) });
    expect(beside.output.map(({ name }) => name)).toEqual(['x', 'x_missing_2']);
  });

  it('makes an integer column a number where the median is none, in every part alike', () => {
    const train = withTarget(numbers('x', [1, 2, N, N], 'integer'));
    const fitted = fitOn(train, fillMissing('numeric', { strategy: 'median' }));
    expect(fitted.output).toEqual([{ name: 'x', kind: 'number' }]);
    const whole = withTarget(numbers('x', [1, 2, 3, 4], 'integer'));
    expect(applyPreprocessing(fitted, whole).columns[0]!.kind).toBe('number');
  });

  it('fills with the most frequent value, of equals the smallest, whatever the rows’ order', () => {
    const step = fillMissing('all', { strategy: 'mode' });
    const value = (column: Column) =>
      (fitOn(withTarget(column), step).steps[0] as { fills: { value: unknown }[] }).fills[0]!.value;
    expect(value(numbers('x', [3, 2, 3, 2]))).toBe(2);
    expect(value(numbers('x', [N, 9, N, N]))).toBe(9);
    expect(value(texts('x', ['b', 'a', 'b', 'a']))).toBe('a');
    expect(value(texts('x', ['b', 'b', null, 'a'], 'text'))).toBe('b');
  });

  it('fills with a constant, a new category too', () => {
    const table = withTarget(texts('c', ['a', null, 'a', null]), numbers('x', [1, N, N, 2]));
    const filled = fitApply(
      table,
      fillMissing('categorical', { strategy: 'constant', value: 'none' }),
      fillMissing(['x'], { strategy: 'constant', value: -1 }),
    );
    expect(textsOf(filled, 'c')).toEqual(['a', 'none', 'a', 'none']);
    expect(valuesOf(filled, 'x')).toEqual([1, -1, -1, 2]);
  });

  it('adds an indicator for the columns that had missing values in training, and for no others', () => {
    const train = withTarget(numbers('x', [1, N, 3, 4]), numbers('whole', [1, 2, 3, 4]));
    const fitted = fitOn(train, fillMissing('numeric', { strategy: 'median', indicator: true }));
    expect(fitted.output.map(({ name }) => name)).toEqual(['x', 'x_missing', 'whole']);
    expect(valuesOf(applyPreprocessing(fitted, train), 'x_missing')).toEqual([0, 1, 0, 0]);
  });

  it('fails where training has no value to fill with', async () => {
    const error = await thrownBy(() =>
      fitOn(withTarget(numbers('x', [N, N, N, N])), fillMissing('all', { strategy: 'mode' })),
    );
    expect(error).toMatchObject({ code: 'BAD_DATA', details: { column: 'x' } });
  });
});

describe('scaling', () => {
  it('standardises by the mean and the population’s deviation, as scikit-learn does', () => {
    const scaled = valuesOf(fitApply(withTarget(numbers('x', [1, 2, 3, 4])), standardScale('numeric')), 'x');
    // StandardScaler().fit_transform([[1], [2], [3], [4]])
    const expected = [-1.3416407864998738, -0.4472135954999579, 0.4472135954999579, 1.3416407864998738];
    for (const [i, value] of scaled.entries()) expect(value).toBeCloseTo(expected[i]!, 14);
  });

  it('maps the range of training to 0 and 1, and goes on beyond it', () => {
    const train = withTarget(numbers('x', [10, 20, 15, 10]));
    const fitted = fitOn(train, minMaxScale('numeric'));
    expect(valuesOf(applyPreprocessing(fitted, train), 'x')).toEqual([0, 1, 0.5, 0]);
    expect(valuesOf(applyPreprocessing(fitted, tableOf(numbers('x', [30, 0]))), 'x')).toEqual([2, -1]);
  });

  it('makes a constant column 0, though its mean be rounded, and keeps missing values missing', () => {
    const table = withTarget(numbers('c', [0.1, 0.1, 0.1, N]), numbers('x', [1, N, 3, N]));
    for (const step of [standardScale('numeric'), minMaxScale('numeric')]) {
      const scaled = fitApply(table, step);
      expect(valuesOf(scaled, 'c').map((value) => Math.abs(value) < 1e-15 || value)).toEqual([
        true,
        true,
        true,
        N,
      ]);
      expect(valuesOf(scaled, 'x').map(Number.isNaN)).toEqual([false, true, false, true]);
    }
  });

  it('refuses what has no finite scale, rather than write null into JSON', async () => {
    const huge = withTarget(numbers('x', [Number.MAX_VALUE, -Number.MAX_VALUE, 0, 0]));
    const empty = withTarget(numbers('x', [N, N, N, N]));
    for (const table of [huge, empty]) {
      for (const step of [standardScale('numeric'), minMaxScale('numeric')]) {
        expect((await thrownBy(() => fitOn(table, step))).details).toEqual({ column: 'x' });
      }
    }
  });

  it('takes booleans and dates only by name', () => {
    const table = withTarget(numbers('b', [0, 1, 1, 0], 'boolean'), numbers('x', [0, 2, 4, 2]));
    expect(fitOn(table, minMaxScale('all')).steps).toMatchObject([{ scales: [{ column: 'x' }] }]);
    expect(fitOn(table, minMaxScale(['b'])).steps).toMatchObject([{ scales: [{ column: 'b' }] }]);
  });
});

describe('encode', () => {
  const train = withTarget(texts('c', ['b', 'a', 'b', 'c']));

  it('makes a 0/1 column for each value seen in training, sorted, and zeros for others', () => {
    const fitted = fitOn(train, encode('categorical'));
    expect(fitted.output).toEqual(['c=a', 'c=b', 'c=c'].map((name) => ({ name, kind: 'boolean' })));
    const other = applyPreprocessing(fitted, tableOf(texts('c', ['c', 'z', null])));
    expect(other.columns.map((column) => valuesOf(other, column.name))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  it('leaves out declared categories that no training row has', () => {
    const declared = { ...texts('c', ['b', 'a', 'b', 'b']), categories: ['b', 'a', 'never'] };
    expect(fitOn(withTarget(declared), encode('categorical')).output.map(({ name }) => name)).toEqual([
      'c=a',
      'c=b',
    ]);
  });

  it('makes "missing" a value of its own where training had it', () => {
    const table = withTarget(texts('c', ['b', null, 'b', 'a']));
    expect(valuesOf(fitApply(table, encode('categorical')), 'c=(missing)')).toEqual([0, 1, 0, 0]);
    expect(valuesOf(fitApply(table, encode('categorical', { method: 'label' })), 'c')).toEqual([1, 2, 1, 0]);
  });

  it('orders by the given order, else the schema’s; labels by name', () => {
    const grades = {
      ...texts('g', ['Good', 'Vg', 'Average', 'Good']),
      categories: ['Good', 'Vg', 'Average'],
    };
    const table = withTarget(grades);
    const codes = (step: CleanStep) => valuesOf(fitApply(table, step), 'g');
    const order = { g: ['Average', 'Good', 'Vg', 'Excellent'] };
    expect(codes(encode(['g'], { method: 'ordinal', order }))).toEqual([1, 2, 0, 1]);
    expect(codes(encode(['g'], { method: 'ordinal' }))).toEqual([0, 1, 2, 0]);
    expect(codes(encode(['g'], { method: 'label' }))).toEqual([1, 2, 0, 1]);
  });

  it('codes an unknown value as -1, or refuses it when told so', async () => {
    const unseen = tableOf(texts('c', ['a', 'z']));
    const ignoring = fitOn(train, encode('categorical', { method: 'label' }));
    expect(valuesOf(applyPreprocessing(ignoring, unseen), 'c')).toEqual([0, -1]);
    const strict = fitOn(train, encode('categorical', { unknown: 'error' }));
    const error = await thrownBy(() => applyPreprocessing(strict, unseen));
    expect(error).toMatchObject({ code: 'UNKNOWN_CATEGORY', details: { column: 'c', category: 'z' } });
  });

  it('encodes integers and booleans by name, numbers in order of size', () => {
    const table = withTarget(
      numbers('code', [10, 9, 10, 100], 'integer'),
      numbers('flag', [1, 0, 1, 1], 'boolean'),
    );
    const names = fitOn(table, encode(['code', 'flag'])).output.map(({ name }) => name);
    expect(names).toEqual(['code=9', 'code=10', 'code=100', 'flag=false', 'flag=true']);
    expect(fitOn(table, encode('all')).output.map(({ name }) => name)).toEqual(['code', 'flag']);
  });

  it('refuses 4,000 categories with advice, and encodes them as ordinals', async () => {
    const count = 4000;
    const many = tableOf(
      texts(
        'c',
        Array.from({ length: count }, (_, i) => `c${i}`),
      ),
      numbers(
        'y',
        Array.from({ length: count }, (_, i) => i),
      ),
    );
    const error = await thrownBy(() => fitOn(many, encode('categorical')));
    expect(error).toMatchObject({ code: 'TOO_MANY_CATEGORIES', details: { columns: 4000, limit: 1000 } });
    expect(error.remedy).toContain("method: 'ordinal'");
    expect(fitOn(many, encode('categorical', { maxColumns: 4000 })).output).toHaveLength(4000);
    expect(fitOn(many, encode('categorical', { method: 'ordinal' })).output).toHaveLength(1);
  });

  it('is not misled by values and columns named as members of objects are', () => {
    const names = ['__proto__', 'constructor', 'toString', '__proto__'];
    const encoded = fitApply(withTarget(texts('constructor', names)), encode('categorical'));
    expect(valuesOf(encoded, 'constructor=__proto__')).toEqual([1, 0, 0, 1]);
    const order = JSON.parse('{"constructor": ["toString", "constructor", "__proto__"]}');
    const ordinal = fitApply(
      withTarget(texts('constructor', names)),
      encode(['constructor'], { method: 'ordinal', order }),
    );
    expect(valuesOf(ordinal, 'constructor')).toEqual([2, 1, 0, 2]);
    expect(
      fitOn(withTarget(texts('constructor', names)), encode('all', { method: 'ordinal', order: {} })).output,
    ).toHaveLength(1);
  });

  it('refuses an order that lacks a value', async () => {
    const error = await thrownBy(() =>
      fitOn(train, encode(['c'], { method: 'ordinal', order: { c: ['a', 'b'] } })),
    );
    expect(error).toBeInstanceOf(BadDefinitionError);
    expect(error.message).toContain('"c"');
  });
});

describe('dateParts', () => {
  it('takes dates apart in UTC', () => {
    const day = Date.UTC(2024, 11, 31, 23, 30);
    const table = withTarget(numbers('d', [day, 0, N, Date.UTC(2023, 11, 31)], 'date'));
    const parts = fitApply(table, dateParts('all', ['year', 'month', 'day', 'weekday', 'hour', 'dayOfYear']));
    expect(parts.columns.slice(0, -1).map(({ name }) => valuesOf(parts, name))).toEqual([
      [2024, 1970, N, 2023],
      [12, 1, N, 12],
      [31, 1, N, 31],
      [2, 4, N, 0],
      [23, 0, N, 0],
      [366, 1, N, 365],
    ]);
    expect(fitOn(table, dateParts(['d'])).output.map(({ name }) => name)).toEqual([
      'd_year',
      'd_month',
      'd_day',
      'd_weekday',
    ]);
  });

  const days = [0, 1, 2, 3].map((year) => Date.UTC(2020 + year, 5, 7));
  const namesOf = (table: Table, ...steps: CleanStep[]) =>
    fitOn(table, ...steps).output.map(({ name }) => name);

  it('begins the parts with a numbered name where one of them is the name of another column', () => {
    const table = withTarget(
      numbers('d', days, 'date'),
      numbers('d_month', [7, 7, 8, 8]),
      numbers('d_2_day', days),
    );
    const fitted = fitOn(table, dateParts('all', ['year', 'month', 'day']));
    expect(fitted.output.map(({ name }) => name)).toEqual([
      ...['d_3_year', 'd_3_month', 'd_3_day', 'd_month', 'd_2_day'],
    ]);
    const read = fittedPreprocessingSchema.parse(JSON.parse(JSON.stringify(fitted)));
    const parts = applyPreprocessing(read, table);
    expect(valuesOf(parts, 'd_3_year')).toEqual([2020, 2021, 2022, 2023]);
    expect(valuesOf(parts, 'd_3_month')).toEqual([6, 6, 6, 6]);
    expect(valuesOf(parts, 'd_month')).toEqual([7, 7, 8, 8]);
  });

  it('does so for dates of one step whose parts would meet, and for the target', () => {
    const two = withTarget(
      numbers('d', days, 'date'),
      numbers('d_year', days, 'date'),
      numbers('e', days, 'date'),
    );
    expect(namesOf(two, dateParts('all', ['year']))).toEqual(['d_2_year', 'd_year_year', 'e_year']);
    const table = tableOf(numbers('d', days, 'date'), numbers('d_year', [1, 2, 3, 4]));
    const fitted = fitPreprocessing(table, [dateParts('all', ['year'])], {
      target: 'd_year',
      schema: tableSchema(table),
    });
    expect(fitted.output.map(({ name }) => name)).toEqual(['d_2_year']);
  });

  it('writes stems only where they are not the columns themselves, and refuses too few of them', () => {
    const fitted = fitOn(withTarget(numbers('d', days, 'date')), dateParts('all'));
    expect(fitted.steps).toEqual([
      { step: 'dateParts', columns: ['d'], parts: ['year', 'month', 'day', 'weekday'] },
    ]);
    const wrong = { ...fitted, steps: [{ ...fitted.steps[0]!, stems: [] }] };
    expect(fittedPreprocessingSchema.safeParse(wrong).error!.issues[0]!.path).toEqual(['steps', 0, 'stems']);
  });
});

describe('fitPreprocessing', () => {
  const table = withTarget(
    numbers('x', [1, 2, N, 4]),
    texts('c', ['a', 'b', 'a', 'a']),
    numbers('id', [7, 8, 9, 6]),
  );
  const steps = [
    dropColumns(['id']),
    dropDuplicates(),
    fillMissing('numeric', { strategy: 'median', indicator: true }),
    standardScale('numeric'),
    encode('categorical'),
  ];

  it('learns from the training rows alone', () => {
    const train = takeRows(table, [0, 1]);
    const fitted = fitOn(train, fillMissing('numeric', { strategy: 'median' }));
    expect(fitted.rows).toBe(2);
    expect(valuesOf(applyPreprocessing(fitted, table), 'x')).toEqual([1, 2, 1.5, 4]);
  });

  it('never touches or selects the target, and keeps it last', () => {
    const result = fitApply(
      withTarget(numbers('x', [1, 2, 3, 4])),
      standardScale('all'),
      minMaxScale('numeric'),
    );
    expect(result.columns.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(valuesOf(result, 'y')).toEqual([1, 2, 3, 4]);
  });

  it('applies the steps one on the other', () => {
    const fitted = fitOn(table, ...steps);
    expect(fitted.output.map(({ name }) => name)).toEqual(['x', 'x_missing', 'c=a', 'c=b']);
    expect(fitted.input).toEqual(['x', 'c']);
    const result = applyPreprocessing(fitted, table);
    expect(valuesOf(result, 'x').reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
    expect(valuesOf(result, 'x_missing')).toEqual([0, 0, 1, 0]);
  });

  it('is JSON: read back it applies the same, to the bit', () => {
    const fitted = fitOn(table, ...steps);
    const back = fittedPreprocessingSchema.parse(JSON.parse(JSON.stringify(fitted)));
    expect(back).toEqual(fitted);
    expect(applyPreprocessing(back, table)).toEqual(applyPreprocessing(fitted, table));
  });

  it('goes by names: the order of the columns, dropped ones and a missing target do not matter', () => {
    const fitted = fitOn(table, ...steps);
    const expected = applyPreprocessing(fitted, table);
    const reversed = { ...table, columns: [...table.columns].reverse() };
    expect(applyPreprocessing(fitted, reversed)).toEqual(expected);
    const bare = { ...table, columns: table.columns.filter(({ name }) => name === 'x' || name === 'c') };
    expect(applyPreprocessing(fitted, bare).columns).toEqual(expected.columns.slice(0, -1));
    expect(fitPreprocessing(bare, steps, { target: 'y', schema: tableSchema(table) })).toEqual(fitted);
  });

  it.each<[string, CleanStep[], string]>([
    ['the target to scale', [standardScale(['y'])], 'names the target'],
    ['the target to drop', [dropColumns(['y'])], 'names the target'],
    ['a column that is not there', [standardScale(['nope'])], 'no column named "nope"'],
    ['a column to drop that is not declared', [dropColumns(['nope'])], 'does not declare'],
    [
      'a column that an earlier step dropped',
      [dropColumns(['x']), standardScale(['x'])],
      'no column named "x"',
    ],
    ['text to scale', [standardScale(['c'])], 'cannot treat "c"'],
    ['a median of text', [fillMissing(['c'], { strategy: 'median' })], 'cannot treat "c"'],
    ['a number for text', [fillMissing(['c'], { strategy: 'constant', value: 1 })], 'cannot treat "c"'],
    ['dates that are none', [dateParts(['x'])], 'cannot treat "x"'],
    ['every feature dropped', [dropColumns(['x', 'c', 'id'])], 'no feature is left'],
  ])('refuses %s', async (_, wrong, message) => {
    const error = await thrownBy(() => fitOn(table, ...wrong));
    expect(error).toBeInstanceOf(BadDefinitionError);
    expect(error.message).toContain(message);
  });

  it('refuses two columns of one name', async () => {
    const clash = withTarget(texts('a', ['b', 'c', 'b', 'b']), numbers('a=b', [1, 2, 3, 4]));
    expect((await thrownBy(() => fitOn(clash, encode('categorical')))).message).toContain('"a=b"');
  });

  it('refuses a table that is not the schema’s', async () => {
    const schema = tableSchema(table);
    const context = { target: 'y', schema };
    const more = tableOf(...table.columns, numbers('more', [1, 2, 3, 4]));
    const other = tableOf(texts('x', ['1', '2', '3', '4']), ...table.columns.slice(1));
    const fewer = tableOf(...table.columns.slice(1));
    for (const wrong of [more, other, fewer]) {
      expect(await thrownBy(() => fitPreprocessing(wrong, [], context))).toBeInstanceOf(BadDefinitionError);
    }
    expect((await thrownBy(() => applyPreprocessing(fitOn(table), fewer))).code).toBe('UNKNOWN_COLUMN');
  });

  it('does not load what is no fitted preprocessing', () => {
    const fitted = fitOn(table, ...steps);
    for (const broken of [
      { ...fitted, version: 2 },
      { ...fitted, format: 'other' },
      {
        ...fitted,
        steps: [{ step: 'scale', method: 'standard', scales: [{ column: 'x', offset: 0, scale: 0 }] }],
      },
      {
        ...fitted,
        steps: [{ step: 'scale', method: 'standard', scales: [{ column: 'x', offset: null, scale: 1 }] }],
      },
      { ...fitted, steps: [{ step: 'eval', code: 'process.exit()' }] },
    ]) {
      expect(fittedPreprocessingSchema.safeParse(broken).success).toBe(false);
    }
  });
});
