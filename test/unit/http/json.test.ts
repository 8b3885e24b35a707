import { describe, expect, it } from 'vitest';
import { InvalidJsonError } from '../../../lib/http/index.ts';
import { parseJson } from '../../../lib/http/json.ts';

const parse = (text: string, depth?: number) => parseJson(Buffer.from(text), depth);

function failure(text: string | Uint8Array): InvalidJsonError {
  try {
    parseJson(typeof text === 'string' ? Buffer.from(text) : text);
  } catch (error) {
    if (error instanceof InvalidJsonError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseJson', () => {
  it('takes any JSON value', () => {
    expect(parse('{"a":[1,2.5,"x",true,null,{"b":{}}]}')).toEqual({
      a: [1, 2.5, 'x', true, null, { b: {} }],
    });
    expect(parse(' 7 ')).toBe(7);
    expect(parse('"ñandú 🌳"')).toBe('ñandú 🌳');
  });

  it('takes a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it.each([
    ['arrays', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['mixed', `${'[{"a":'.repeat(5_000)}1${'}]'.repeat(5_000)}`],
    ['open arrays without an end', '['.repeat(1_000_000)],
  ])('refuses 10,000 levels of %s with a clear error and without a stack overflow', (_, text) => {
    const error = failure(text);
    expect(error.message).toBe('the body nests deeper than 64 levels');
    expect([error.code, error.status]).toEqual(['INVALID_JSON', 400]);
    expect(error.details).toEqual({ maxDepth: 64 });
  });

  it('counts levels exactly', () => {
    expect(parse('[[[]]]', 3)).toEqual([[[]]]);
    expect(() => parse('[[[[]]]]', 3)).toThrow(/deeper than 3/);
    expect(parse('[[],[],[],[]]', 2)).toHaveLength(4);
  });

  it('does not count brackets in strings, nor lose itself in escapes', () => {
    expect(parse(JSON.stringify('['.repeat(100)))).toHaveLength(100);
    expect(parse('["\\"[[[[","\\\\",[]]', 2)).toEqual(['"[[[[', '\\', []]);
    expect(() => parse('["\\\\",[[]]]', 2)).toThrow(/deeper/);
  });

  it.each([
    ['1e400', 'body'],
    ['-1e400', 'body'],
    ['{"a":1e400}', 'a'],
    ['{"rows":[{"area":1},{"area":1e999}]}', 'rows[1].area'],
    [`{"n":1${'0'.repeat(400)}}`, 'n'],
  ])('refuses the infinite number in %s by its field', (text, field) => {
    const error = failure(text);
    expect(error.field).toBe(field);
    expect(error.message).toMatch(/too large for a 64-bit float/);
  });

  it.each(['NaN', 'Infinity', '-Infinity', '{"a":NaN}', "{'a':1}", '{"a":1,}', '', '{', 'undefined'])(
    'refuses %j, which is not JSON',
    (text) => {
      expect(failure(text).message).toMatch(/^the body is not valid JSON/);
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    const error = failure(new Uint8Array([0x22, 0xff, 0xfe, 0x22]));
    expect(error.message).toMatch(/not UTF-8/);
  });

  it.each([
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"rows":[{"__proto__":1}]}', 'rows[0].__proto__'],
    ['{"a":{"\\u005f_proto__":1}}', 'a.__proto__'],
  ])('refuses __proto__ in %s', (text, field) => {
    expect(failure(text).field).toBe(field);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes keys that only look dangerous', () => {
    expect(parse('{"constructor":1,"prototype":2,"toString":3}')).toEqual({
      constructor: 1,
      prototype: 2,
      toString: 3,
    });
  });

  it('does not repeat a whole body in its message', () => {
    expect(failure(`{"secret":"${'x'.repeat(10_000)}"`).message.length).toBeLessThan(300);
  });
});
