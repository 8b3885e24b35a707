import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors/index.ts';
import { exportOnnx, importOnnx, preparationOf } from '../../../../lib/learn/exchange/index.ts';
import {
  type LoadedModel,
  type Model,
  predictRows,
  readModelFile,
  writeModelFile,
} from '../../../../lib/learn/index.ts';
import {
  type CleanStep,
  encode,
  fillMissing,
  fitPreprocessing,
  type RowSchema,
  type Table,
} from '../../../../lib/table/index.ts';
import { treesFile } from './support/graphs.ts';

/** area <= 1 ? (kind is 3 or 7 ? 10 : 20) : 30 */
const yes: number[] = [10];
const seven = { mode: 'BRANCH_EQ' as const, feature: 1, value: 7, yes, no: [20] };
const kinds = { mode: 'BRANCH_EQ' as const, feature: 1, value: 3, yes, no: seven };
const houses = treesFile([{ feature: 0, value: 1, yes: kinds, no: [30] }], { width: 2 });
const labelled = (labels: string[] | number[]) =>
  importOnnx(treesFile([{ value: 0, yes: [0.25, 0.75], no: [1, 0] }], { labels })).model;

/** Through a file and back, as every imported model goes. */
function filed(model: Model, target: string, metadata = {}): LoadedModel {
  const { preprocessing, rowSchema } = preparationOf(model, metadata, target);
  return readModelFile(
    writeModelFile({ name: 'm', model, preprocessing, rowSchema, target, params: {}, seed: 0 }),
  );
}

describe('rows of a model from elsewhere', () => {
  const { model } = importOnnx(houses, { features: ['area', 'kind'] });
  const rows = preparationOf(model, {}, 'price');

  it('are its features as they are, each of which may be missing', () => {
    expect(rows.restored).toBe(false);
    expect(rows.rowSchema.columns).toEqual([
      { name: 'area', kind: 'number', nullable: true },
      { name: 'kind', kind: 'category', categories: ['3', '7'], numericCategories: true, nullable: true },
      { name: 'price', kind: 'number', nullable: false },
    ]);
    expect(rows.preprocessing).toMatchObject({
      input: ['area', 'kind'],
      steps: [],
      target: 'price',
      rows: 0,
    });
  });

  it('are predicted: categories as numbers or texts, gaps as null or left out, unknown ones with a warning', () => {
    const { predictions, warnings } = predictRows(filed(model, 'price'), [
      { area: 0, kind: 3 },
      { area: 0, kind: '7' },
      { area: 2, kind: null },
      { area: null, kind: 7 },
      { area: 0 },
      { area: 0, kind: 99 },
    ]);
    expect(predictions.map(({ prediction }) => prediction)).toEqual([10, 10, 30, 30, 20, 20]);
    expect(warnings.map(({ row }) => row)).toContain(5);
  });

  it.each([
    ['two', { area: 'two', kind: 3 }, 'area'],
    ['another column', { area: 1, kind: 3, flour: 1 }, 'flour'],
  ])('are refused where they hold %s', (_, row, field) => {
    expect(() => predictRows(filed(model, 'price'), [row])).toThrow(field);
  });

  it('need a target: named, or told by the file', () => {
    for (const target of [undefined, '']) {
      let thrown: unknown;
      try {
        preparationOf(model, {}, target);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(InvalidInputError);
      expect((thrown as InvalidInputError).remedy).toContain('--target');
    }
    expect(preparationOf(model, { target: 'rent' }).target).toBe('rent');
    expect(preparationOf(model, { target: 'rent' }, 'price').target).toBe('price');
    expect(() => preparationOf(model, {}, 'area')).toThrow('"area" is a feature of the model');
  });

  it('classes of numbers are answered as numbers, names as names', () => {
    const answer = (labels: string[] | number[]) =>
      predictRows(filed(labelled(labels), 'y'), [{ f0: 0 }, { f0: 1 }]).predictions.map(
        ({ prediction }) => prediction,
      );
    expect(answer([4, 11])).toEqual([11, 4]);
    expect(answer(['no', 'yes'])).toEqual(['yes', 'no']);
    // One of them has no plain number, so none is.
    expect(answer(['01', '2'])).toEqual(['2', '01']);
  });
});

describe('a model that was exported here', () => {
  const table: Table = {
    rowCount: 4,
    columns: [
      { name: 'area', kind: 'number', values: Float64Array.of(1, Number.NaN, 3, 4) },
      { name: 'town', kind: 'category', codes: Int32Array.of(0, 1, 0, 1), categories: ['Graz', 'Łódź'] },
      { name: 'flat', kind: 'integer', values: Float64Array.of(0, 1, 1, 0) },
    ],
  };
  const schema: RowSchema = {
    columns: [
      { name: 'area', kind: 'number', nullable: true },
      { name: 'town', kind: 'category', nullable: false },
      { name: 'flat', kind: 'integer', nullable: false },
    ],
  };
  const steps: CleanStep[] = [
    fillMissing('numeric', { strategy: 'median' }),
    encode(['town'], { method: 'onehot' }),
  ];
  const preprocessing = fitPreprocessing(table, steps, { target: 'flat', schema });
  const features = preprocessing.output.map(({ name }) => name).filter((name) => name !== 'flat');
  const plain = importOnnx(
    treesFile([{ value: 2, yes: [0.25, 0.75], no: [1, 0] }], { labels: [0, 1], width: features.length }),
    {
      features,
    },
  ).model;
  const bytes = exportOnnx(plain, { target: 'flat', preprocessing, rowSchema: schema });

  it('brings its preparation along: raw rows are filled and encoded as in training', () => {
    const { model, metadata } = importOnnx(bytes);
    const rows = preparationOf(model, metadata);
    expect(rows).toEqual({ target: 'flat', preprocessing, rowSchema: schema, restored: true });
    const { predictions } = predictRows(filed(model, 'flat', metadata), [
      { area: 1, town: 'Graz' },
      { area: null, town: 'Łódź' },
    ]);
    // The median of 1, 3 and 4 is 3, which is more than 2.
    expect(predictions.map(({ prediction }) => prediction)).toEqual([1, 0]);
  });

  it('under other names for its classes: the target holds those from now on', () => {
    const { model, metadata } = importOnnx(bytes, { classes: ['house', 'flat'] });
    const rows = preparationOf(model, metadata);
    expect(rows.restored).toBe(true);
    expect(rows.rowSchema.columns.at(-1)).toEqual({
      name: 'flat',
      kind: 'category',
      categories: ['flat', 'house'],
      nullable: false,
    });
    const { predictions } = predictRows(filed(model, 'flat', metadata), [{ area: 1, town: 'Graz' }]);
    expect(predictions).toEqual([{ prediction: 'flat', probabilities: { flat: 0.75, house: 0.25 } }]);
  });

  it.each<
    [string, (target: { columns: { name: string; kind: string; categories?: string[] }[] }) => void, boolean]
  >([
    ['a text', ({ columns }) => void Object.assign(columns[2]!, { kind: 'text' }), true],
    [
      'a truth value, whose classes are others',
      ({ columns }) => void Object.assign(columns[2]!, { kind: 'boolean' }),
      false,
    ],
    [
      'a category of these names',
      ({ columns }) => void Object.assign(columns[2]!, { kind: 'category', categories: ['0', '1'] }),
      true,
    ],
    [
      'a category of other names',
      ({ columns }) => void Object.assign(columns[2]!, { kind: 'category', categories: ['x'] }),
      false,
    ],
  ])('a target that was declared as %s', (_, change, kept) => {
    const rowSchema = structuredClone(schema) as never;
    change(rowSchema);
    const { model, metadata } = importOnnx(exportOnnx(plain, { target: 'flat', preprocessing, rowSchema }));
    const target = preparationOf(model, metadata).rowSchema.columns[2];
    const given = (rowSchema as RowSchema).columns[2];
    expect(target).toEqual(
      kept ? given : expect.objectContaining({ kind: 'category', categories: ['0', '1'] }),
    );
  });

  it.each<[string, (metadata: Record<string, unknown>) => void]>([
    ['another target', (metadata) => Object.assign(metadata, { target: 'price' })],
    ['no schema', (metadata) => void delete metadata.rowSchema],
    [
      'a schema without the target',
      (metadata) => Object.assign(metadata, { rowSchema: { columns: schema.columns.slice(0, 2) } }),
    ],
    [
      'steps of another kind',
      (metadata) =>
        Object.assign(metadata, { preprocessing: { ...preprocessing, steps: [{ step: 'eval' }] } }),
    ],
    ['no steps', (metadata) => void delete metadata.preprocessing],
    [
      'steps that make other features',
      (metadata) => Object.assign(metadata, { preprocessing: { ...preprocessing, output: [] } }),
    ],
  ])('with %s, its rows are plain features', (_, change) => {
    const { model, metadata } = importOnnx(bytes);
    change(metadata as Record<string, unknown>);
    const rows = preparationOf(model, metadata);
    expect(rows.restored).toBe(false);
    expect(rows.preprocessing.input).toEqual(features);
  });

  it('for a target that was a column of the rows before, they are plain features', () => {
    const { model, metadata } = importOnnx(bytes);
    expect(preparationOf(model, metadata, 'town')).toMatchObject({ target: 'town', restored: false });
  });

  it('under other names for its features they are plain too', () => {
    const { model, metadata } = importOnnx(bytes, { features: ['a', 'b', 'c'].slice(0, features.length) });
    expect(preparationOf(model, metadata).restored).toBe(false);
  });
});
