import { describe, expect, it } from 'vitest';
import { makeRequest } from '../../../../lib/http/index.ts';
import { MlflowError } from '../../../../lib/http/mlflow/errors.ts';
import {
  bool,
  double,
  enumeration,
  int32,
  int64,
  map,
  message,
  repeated,
  type Shape,
  string,
  zodOf,
} from '../../../../lib/http/mlflow/fields.ts';
import { readInput } from '../../../../lib/http/mlflow/request.ts';

const shape = {
  name: string('required', 'string'),
  run_id: string('string'),
  run_uuid: string('string'),
  step: int64('int'),
  small: int32('int'),
  value: double('float'),
  flag: bool('bool'),
  view_type: enumeration({ ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 }),
  tags: repeated(message({ key: string(), value: string() }), 'array'),
  ids: repeated(string(), 'array'),
  labels: map(),
} as const;

const post = (body: string, type: string | undefined = 'application/json', s: Shape = shape) =>
  readInput(
    s,
    makeRequest({
      method: 'POST',
      path: '/api/2.0/mlflow/x',
      requestId: 'r',
      body,
      ...(type === undefined ? {} : { headers: { 'Content-Type': type } }),
    }),
  );
const send = (value: unknown, s: Shape = shape) => post(JSON.stringify(value), 'application/json', s);
const get = (query: Record<string, string[]>, s: Shape = shape) =>
  readInput(s, makeRequest({ method: 'GET', path: '/x', requestId: 'r', query }));

/** The text of the refusal; the code is always the same. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(MlflowError);
    expect((error as MlflowError).errorCode).toBe('INVALID_PARAMETER_VALUE');
    expect((error as MlflowError).status).toBe(400);
    return (error as MlflowError).message;
  }
  throw new Error('nothing was refused');
}

const DOCS = ' See the API docs for more information about request parameters.';

describe('what is taken', () => {
  it('reads every type, passes unknown fields over, and gives lists where there is none', () => {
    expect(
      send({ name: 'a', unknown: { deep: [1] }, step: 3, value: 1.5, flag: true, view_type: 'ALL' }),
    ).toEqual({
      name: 'a',
      step: 3,
      value: 1.5,
      flag: true,
      view_type: 'ALL',
      tags: [],
      ids: [],
    });
  });

  it.each([
    ['7', 7],
    ['-7', -7],
    ['+7', 7],
    ['7.0', 7],
    ['1e3', 1000],
    ['9007199254740993', 9007199254740992],
    [7, 7],
    [9.223372036854776e18, 9.223372036854776e18],
    [-0, 0],
  ])('takes %j as a whole number', (sent, read) => {
    expect(send({ name: 'a', step: sent })).toMatchObject({ step: read });
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['1.5', 1.5],
    [' 2 ', 2],
    ['1e-3', 0.001],
    [true, 1],
  ])('takes %j as a double', (sent, read) => {
    expect(send({ name: 'a', value: sent })).toMatchObject({ value: read });
  });

  it('takes the bare NaN and Infinity that Python writes, and leaves texts that look like them', () => {
    expect(post('{"name": "NaN \\" Infinity", "value": NaN}')).toMatchObject({
      name: 'NaN " Infinity',
      value: Number.NaN,
    });
    expect(post('{"name": "a", "value": -Infinity}')).toMatchObject({ value: Number.NEGATIVE_INFINITY });
  });

  it('takes an enum by number, and an unknown name as absent', () => {
    expect(send({ name: 'a', view_type: 2 })).toMatchObject({ view_type: 'DELETED_ONLY' });
    expect(send({ name: 'a', view_type: '3' })).toMatchObject({ view_type: 'ALL' });
    expect(send({ name: 'a', view_type: 'NONE' })).not.toHaveProperty('view_type');
  });

  it('takes camelCase, messages and maps; null is absent', () => {
    const sent = {
      name: 'a',
      runUuid: 'u',
      viewType: 'ALL',
      step: null,
      tags: [{ key: 'k', more: 1 }],
      labels: { a: 'b' },
    };
    expect(send(sent)).toEqual({
      name: 'a',
      run_uuid: 'u',
      view_type: 'ALL',
      tags: [{ key: 'k' }],
      ids: [],
      labels: { a: 'b' },
    });
  });

  it('takes an object that was encoded twice', () => {
    expect(send(JSON.stringify({ name: 'twice' }))).toMatchObject({ name: 'twice' });
  });

  it('reads a query: lists from one value, booleans from text, names of the proto only', () => {
    expect(get({ name: ['a', 'b'], ids: ['1'], flag: ['TRUE'], step: ['5'], runId: ['x'] })).toEqual({
      name: 'a',
      ids: ['1'],
      flag: true,
      step: 5,
      tags: [],
    });
  });

  it('reads the body of a GET without a query, as of any method but POST and PUT without asking for its type', () => {
    const bare = makeRequest({ method: 'GET', path: '/x', requestId: 'r', body: '{"name":"g"}' });
    expect(readInput(shape, bare)).toMatchObject({ name: 'g' });
    const removal = makeRequest({ method: 'DELETE', path: '/x', requestId: 'r', body: '{"name":"d"}' });
    expect(readInput(shape, removal)).toMatchObject({ name: 'd' });
  });

  it('is not led astray by names of Object.prototype', () => {
    const odd = { toString: string(), constructor: string() };
    expect(post('{"__proto__": {"constructor": "x"}}', 'application/json', odd)).toEqual({});
  });
});

describe("what is refused, in MLflow's words", () => {
  it.each(['{}', '', '{bad', '[]', '5', '"text"', '{"name": ""}', '{"name": null}', '{"Name": "a"}'])(
    'a missing name: %s',
    (body) => {
      expect(refusal(() => post(body))).toBe(`Missing value for required parameter 'name'.${DOCS}`);
    },
  );

  it.each([
    ['{"name": 5}', "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'."],
    ['{"name": 5.0}', "Invalid value 5.0 for parameter 'name' supplied:  Hint: Value was of type 'float'."],
    ['{"name": true}', "Invalid value true for parameter 'name' supplied:  Hint: Value was of type 'bool'."],
    [
      '{"name": ["é", {"b": 1e20, "a": 1}]}',
      'Invalid value ["\\u00e9",{"a":1,"b":1e+20}] for parameter \'name\' supplied:  Hint: Value was of type \'list\'.',
    ],
    [
      '{"name": "a", "step": "x"}',
      "Invalid value \"x\" for parameter 'step' supplied:  Hint: Value was of type 'str'.",
    ],
    [
      '{"name": "a", "tags": {"k": "v"}}',
      'Invalid value {"k":"v"} for parameter \'tags\' supplied:  Hint: Value was of type \'dict\'.',
    ],
    // Where MLflow drops the field and all after it without a word.
    [
      '{"name": "a", "step": 1.5}',
      "Invalid value 1.5 for parameter 'step' supplied:  Hint: Value was of type 'float'.",
    ],
    [
      '{"name": "a", "small": 2147483648}',
      "Invalid value 2147483648 for parameter 'small' supplied:  Hint: Value was of type 'int'.",
    ],
    [
      '{"name": "a", "viewType": 9}',
      "Invalid value 9 for parameter 'view_type' supplied:  Hint: Value was of type 'int'.",
    ],
    [
      '{"name": "a", "ids": ["x", null]}',
      "Invalid value [\"x\",null] for parameter 'ids' supplied:  Hint: Value was of type 'list'.",
    ],
    [
      '{"name": "a", "labels": {"a": 1}}',
      "Invalid value {\"a\":1} for parameter 'labels' supplied:  Hint: Value was of type 'dict'.",
    ],
    [
      '{"name": "a", "value": "nan"}',
      "Invalid value \"nan\" for parameter 'value' supplied:  Hint: Value was of type 'str'.",
    ],
  ])('%s', (body, text) => {
    expect(refusal(() => post(body))).toBe(text + DOCS);
  });

  it('a body whose type is missing or not JSON', () => {
    const bare = () =>
      readInput(shape, makeRequest({ method: 'POST', path: '/x', requestId: 'r', body: '{}' }));
    expect(refusal(bare)).toBe('Bad Request. Content-Type header is missing.');
    expect(refusal(() => post('{}', 'text/plain'))).toBe(
      "Bad Request. Content-Type must be one of ['application/json'].",
    );
    expect(post('{"name":"a"}', 'application/json; charset=utf-8')).toMatchObject({ name: 'a' });
  });

  it('a field under both its spellings, in messages too', () => {
    expect(refusal(() => send({ name: 'a', run_id: 'x', runId: 'y' }))).toBe(
      "Request specifies both 'run_id' and 'runId'; provide only one of them.",
    );
    const nested = { list: repeated(message({ run_id: string() })) };
    expect(refusal(() => send({ list: [{ run_id: 'x', runId: 'y' }] }, nested))).toMatch(/both 'run_id'/);
  });

  it('a boolean of a query that is none', () => {
    expect(refusal(() => get({ name: ['a'], flag: ['1'] }))).toBe(
      "Invalid boolean value: 1, must be 'true' or 'false'.",
    );
  });

  it('takes run_uuid where run_id is required', () => {
    const run = { run_id: string('required', 'string'), run_uuid: string('string') };
    expect(send({ run_uuid: 'u' }, run)).toEqual({ run_uuid: 'u' });
    expect(refusal(() => send({}, run))).toMatch(/^Missing value for required parameter 'run_id'/);
  });

  it('entries without a key, and what a check of its own says', () => {
    const odd = {
      params: repeated(message({ key: string() }), 'array', 'keys'),
      max: int64({ holds: (value) => Number(value) <= 10, message: 'at most 10.' }),
    };
    expect(refusal(() => send({ params: [{ value: 'v' }] }, odd))).toBe(
      `Invalid value [{"value":"v"}] for parameter 'params' supplied:  Hint: Value was of type 'list'.${DOCS}`,
    );
    expect(refusal(() => send({ max: 11 }, odd))).toBe(`at most 10.${DOCS}`);
    expect(send({ max: '10' }, odd)).toEqual({ params: [], max: 10 });
  });

  it('a body that nests too deep, before any parser sees it', () => {
    expect(() => post(`{"name": ${'['.repeat(100_000)}`)).toThrow(/nests deeper than 64/);
  });
});

describe('the schema of the document', () => {
  it('has what is required and the types', () => {
    const schema = zodOf(shape);
    expect(
      schema.safeParse({ name: 'a', tags: [{ key: 'k' }], view_type: 'ALL', value: 'NaN' }).success,
    ).toBe(true);
    expect(schema.safeParse({}).success).toBe(false);
    expect(schema.safeParse({ name: '' }).success).toBe(false);
    // As the parser: null is as absent, an unknown word of an enum is passed over, numbers may be text.
    const loose = { name: 'a', view_type: 'NONE', tags: null, value: '1e3' };
    expect(schema.safeParse(loose).success).toBe(true);
    expect(schema.safeParse({ name: 'a', value: 'one' }).success).toBe(false);
  });

  it('requires a list, and takes an empty text in it, as the parser does', () => {
    const runs = { run_ids: repeated(string('required')), other: repeated(string(), 'required') };
    const sent = { run_ids: [''], other: [''] };
    expect(zodOf(runs).safeParse(sent).success).toBe(true);
    expect(send(sent, runs)).toEqual(sent);
    expect(zodOf(runs).safeParse({ run_ids: [''] }).success).toBe(false);
    expect(() => send({ run_ids: [''] }, runs)).toThrow(/required parameter 'other'/);
  });
});
