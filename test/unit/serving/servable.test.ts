import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConvertedModel } from '../../../bin/local-train/import-model.ts';
import { ArboledaError } from '../../../lib/errors/index.ts';
import { MOST_NODES } from '../../../lib/learn/exchange/onnx/plain-tree.ts';
import { HEADER_BYTES, manifestBytesOf } from '../../../lib/learn/file/container.ts';
import {
  type LoadedModel,
  type ModelFileInput,
  readModelFile,
  writeModelFile,
} from '../../../lib/learn/index.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import { DEFAULT_LIMITS } from '../../../lib/serving/index.ts';
import {
  checkServedBytes,
  ModelTooLargeError,
  nodesOf,
  readServable,
  SERVED_LIMITS,
  UnservableModelError,
} from '../../../lib/serving/servable.ts';
import type { ColumnSpec } from '../../../lib/table/index.ts';
import { converted, farFromFile, requestRows } from '../../support/imported.ts';
import { caseNames } from '../learn/exchange/support/cases.ts';

let numbers: ConvertedModel;
let classes: ConvertedModel;
let categories: ConvertedModel;
beforeAll(async () => {
  numbers = await converted('xgboost-regressor', { name: 'sugar' });
  classes = await converted('sklearn-forest', { name: 'iris' });
  categories = await converted('lightgbm-categories', { name: 'kinds' });
});

/** The file again, with something in it changed, hashes and all. */
function changed({ body }: ConvertedModel, change: (file: ModelFileInput) => void): Uint8Array {
  const { manifest, model }: LoadedModel = readModelFile(body);
  const { name, preprocessing, rowSchema, target, params, seed } = structuredClone(manifest);
  const file = { name, model, preprocessing, rowSchema, target, params, seed };
  change(file);
  return writeModelFile(file);
}

const columnsOf = (file: ModelFileInput) => file.rowSchema.columns as ColumnSpec[];
const thrownBy = (act: () => unknown): ArboledaError => {
  try {
    act();
  } catch (error) {
    if (error instanceof ArboledaError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
};

describe('a model that converters wrote', () => {
  it.each(caseNames)('%s is servable, and answers as its file does', async (name) => {
    const { body, report } = await converted(name, { name });
    const loaded = readServable(body, name);
    const { predictions } = predictRows(loaded, requestRows(name, report.features));
    expect(farFromFile(name, predictions)).toBeLessThan(1e-6);
  });

  it('is read with its facts', () => {
    const loaded = readServable(numbers.body, 'sugar');
    expect(loaded.model.algorithm).toBe('imported-ensemble');
    expect(nodesOf(loaded)).toBe(loaded.model.ensemble!.nodes.length / 2);
  });
});

describe('size', () => {
  it('has bounds that a function can hold beside its cache, and an import keeps to them', () => {
    const function_ = 1024 * 1024 * 1024;
    const process_ = 150 * 1024 * 1024;
    expect(3 * SERVED_LIMITS.bytes + DEFAULT_LIMITS.maxBytes).toBeLessThanOrEqual(function_);
    expect(2 * SERVED_LIMITS.bytes + DEFAULT_LIMITS.maxBytes + process_).toBeLessThan(function_);
    expect(SERVED_LIMITS.nodes * 16).toBeLessThanOrEqual(SERVED_LIMITS.bytes);
    expect(MOST_NODES).toBe(SERVED_LIMITS.nodes);
  });

  it('of the file is asked before anything is read', () => {
    const limits = { ...SERVED_LIMITS, bytes: numbers.body.length - 1 };
    const error = thrownBy(() => readServable(numbers.body, 'sugar', limits));
    expect(error).toBeInstanceOf(ModelTooLargeError);
    expect(error).toMatchObject({ code: 'MODEL_TOO_LARGE', status: 413 });
    expect(error.details).toEqual({ found: numbers.body.length, limit: numbers.body.length - 1 });
    expect(error.remedy).toMatch(/fewer or shallower trees.*predict --model/);
    expect(() =>
      readServable(numbers.body, 'sugar', { ...limits, bytes: numbers.body.length }),
    ).not.toThrow();
  });

  it('of the manifest is asked before it is parsed, or its hash compared', () => {
    const body = numbers.body.slice();
    body[HEADER_BYTES + 5]! ^= 1;
    const limits = { ...SERVED_LIMITS, manifestBytes: manifestBytesOf(body) - 1 };
    expect(thrownBy(() => readServable(body, 'sugar', limits)).code).toBe('MODEL_TOO_LARGE');
    expect(thrownBy(() => readServable(body, 'sugar')).code).toBe('INTEGRITY');
  });

  it('of what is no model file, or claims more than it holds, is not the reason given', () => {
    const body = numbers.body.slice();
    new DataView(body.buffer).setUint32(8, 0xffffffff, true);
    expect(thrownBy(() => readServable(body, 'sugar')).code).toBe('INTEGRITY');
    const other = new Uint8Array(SERVED_LIMITS.manifestBytes + 100).fill(0x40);
    expect(manifestBytesOf(other)).toBe(0);
    expect(thrownBy(() => readServable(other, 'sugar')).message).toContain('not a model file');
  });

  it('in nodes is counted over all trees', () => {
    const nodes = nodesOf(readServable(numbers.body, 'sugar'));
    expect(() => readServable(numbers.body, 'sugar', { ...SERVED_LIMITS, nodes })).not.toThrow();
    const error = thrownBy(() => readServable(numbers.body, 'sugar', { ...SERVED_LIMITS, nodes: nodes - 1 }));
    expect(error.message).toContain(`${nodes} nodes`);
  });

  it.each([
    [128 * 1024 * 1024, false],
    [128 * 1024 * 1024 + 1, true],
  ])('%i bytes: refused is %s', (bytes, refused) => {
    if (refused) expect(() => checkServedBytes(bytes)).toThrow(ModelTooLargeError);
    else expect(() => checkServedBytes(bytes)).not.toThrow();
  });
});

describe('a damaged file is refused', () => {
  it('wherever a byte is changed, and wherever it is cut', () => {
    const { body } = numbers;
    for (let at = 0; at < body.length; at += Math.ceil(body.length / 60)) {
      const other = body.slice();
      other[at]! ^= 0x41;
      const error = thrownBy(() => readServable(other, 'sugar'));
      expect(error.code, `byte ${at}`).toBe('INTEGRITY');
      expect(thrownBy(() => readServable(body.subarray(0, at), 'sugar')).code, `cut at ${at}`).toBe(
        'INTEGRITY',
      );
    }
  });

  it('with what a caller can do, not what an operator would', () => {
    const error = thrownBy(() => readServable(new Uint8Array(100), 'x'));
    expect([error.code, error.status]).toEqual(['INTEGRITY', 422]);
    expect(error.remedy).toContain('model import');
  });
});

describe('a sound file that cannot be served is refused by what is wrong', () => {
  const cases: [string, () => ConvertedModel, (file: ModelFileInput) => void, RegExp][] = [
    [
      'another name',
      () => numbers,
      (file) => {
        file.name = 'salt';
      },
      /model named "salt", not "sugar"/,
    ],
    [
      'a column that the row schema lacks',
      () => numbers,
      (file) => {
        file.rowSchema = { columns: columnsOf(file).slice(1) };
      },
      /reads a column "f0" that its row schema lacks/,
    ],
    [
      'two columns alike',
      () => numbers,
      (file) => {
        file.rowSchema = { columns: [...columnsOf(file), columnsOf(file)[0]!] };
      },
      /two columns alike/,
    ],
    [
      'its own target as a column',
      () => numbers,
      (file) => {
        file.preprocessing.input.push('y');
      },
      /reads its own target "y"/,
    ],
    [
      'a column that JSON cannot bring',
      () => numbers,
      (file) => {
        const columns = columnsOf(file);
        file.rowSchema = { columns: [...columns, { name: '__proto__', kind: 'number', nullable: true }] };
      },
      /__proto__/,
    ],
    [
      'text in the schema where the steps read numbers',
      () => numbers,
      (file) => {
        columnsOf(file)[0]!.kind = 'text';
      },
      /cannot answer a row of its own schema: rows\[0\]\.f0 must be a finite number/,
    ],
    [
      'classes that are no numbers, of a target of numbers',
      () => numbersWithNames,
      (file) => {
        const target = columnsOf(file).find(({ name }) => name === 'y')!;
        target.kind = 'number';
        target.categories = undefined as never;
      },
      /no value of its target "y"/,
    ],
    [
      'steps that make no such feature',
      () => numbers,
      (file) => {
        file.preprocessing.steps.push({ step: 'drop', columns: ['f0'] });
      },
      /cannot answer a row of its own schema/,
    ],
  ];
  let numbersWithNames: ConvertedModel;
  beforeAll(async () => {
    numbersWithNames = await converted('sklearn-forest', { name: 'sugar', classes: ['a', 'b', 'c'] });
  });

  it.each(cases)('%s', (_, made, change, message) => {
    const body = changed(made(), (file) => {
      file.name = 'sugar';
      change(file);
    });
    // The file itself is sound: its hashes are right.
    expect(() => readModelFile(body)).not.toThrow();
    const error = thrownBy(() => readServable(body, 'sugar'));
    expect(error).toBeInstanceOf(UnservableModelError);
    expect(error).toMatchObject({ status: 422, code: 'UNSERVABLE_MODEL' });
    expect(error.message).toMatch(message);
    expect(error.remedy.length).toBeGreaterThan(20);
  });
});

describe('what looks odd and can be served', () => {
  it('classes that are numbers, names of any language, categories', () => {
    expect(readServable(classes.body, 'iris').model.classes).toEqual(['3', '8', '13']);
    expect(readServable(categories.body, 'kinds').model.categories?.[0]).toContain('33');
  });

  it.each<[string, Partial<ColumnSpec>]>([
    ['bounds above', { maximum: -3 }],
    ['bounds below', { minimum: 2.5 }],
    ['open bounds', { exclusiveMinimum: 5 }],
    ['whole numbers between', { kind: 'integer', minimum: 6.5, maximum: 7.5 }],
    ['no gaps', { nullable: false }],
    ['a default', { default: 3 }],
  ])('a column with %s', (_, over) => {
    const body = changed(numbers, (file) => {
      for (const columns of [columnsOf(file), file.preprocessing.schema.columns])
        Object.assign(columns[0]!, over);
      file.preprocessing.output[0]!.kind = over.kind ?? 'number';
    });
    expect(() => readServable(body, 'sugar')).not.toThrow();
  });

  it('an encoder that refuses what training did not see', async () => {
    // f0 is the place of a text that has no categories in the schema.
    const body = changed(numbers, (file) => {
      const text = { name: 'f0', kind: 'text' as const, nullable: false };
      file.preprocessing.schema.columns[0] = text;
      columnsOf(file)[0] = text;
      file.preprocessing.output[0]!.kind = 'integer';
      const encodings = [{ column: 'f0', categories: ['Graz', 'Łódź'], missing: false }];
      file.preprocessing.steps.push({ step: 'encode', method: 'ordinal', unknown: 'error', encodings });
    });
    expect(() => readServable(body, 'sugar')).not.toThrow();
  });

  it('is the same bytes as were given', () => {
    const before = createHash('sha256').update(numbers.body).digest('hex');
    readServable(numbers.body, 'sugar');
    expect(createHash('sha256').update(numbers.body).digest('hex')).toBe(before);
  });
});
