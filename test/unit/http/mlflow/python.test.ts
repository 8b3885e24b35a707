import { describe, expect, it } from 'vitest';
import {
  PyFloat,
  parsePython,
  pyFloat,
  pyJson,
  pyString,
  pyType,
} from '../../../../lib/http/mlflow/python.ts';

/** Expected texts are what CPython 3.11 prints. */
describe('values as Python writes them', () => {
  it.each([
    [5, '5.0'],
    [0.1, '0.1'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.25e-7, '1.25e-07'],
    [-0, '-0.0'],
    [123456789.125, '123456789.125'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('repr(float): %d is %s', (value, text) => {
    expect(pyFloat(value)).toBe(text);
  });

  it.each([
    ['a', "'a'"],
    ["it's", '"it\'s"'],
    ['both \' and "', "'both \\' and \"'"],
    ['a\nb\\c\t', "'a\\nb\\\\c\\t'"],
    ['é', "'é'"],
  ])('repr(str): %j', (value, text) => {
    expect(pyString(value)).toBe(text);
  });

  it('json.dumps with sorted keys, ASCII and no blanks', () => {
    const value = parsePython('{"b": [1, 1.0, 1e2, true, null, "é😀\u007f"], "a": {"y": 2, "x": -3}}');
    expect(pyJson(value)).toBe(
      '{"a":{"x":-3,"y":2},"b":[1,1.0,100.0,true,null,"\\u00e9\\ud83d\\ude00\\u007f"]}',
    );
  });

  it('type(x).__name__', () => {
    const all = [null, undefined, 1, new PyFloat(1), 1.5, 'a', true, [], {}].map(pyType);
    expect(all).toEqual(['NoneType', 'NoneType', 'int', 'float', 'float', 'str', 'bool', 'list', 'dict']);
  });
});
