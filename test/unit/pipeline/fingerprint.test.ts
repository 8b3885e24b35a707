import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson, hashOf, schemaFingerprint, sha256 } from '../../../lib/pipeline/definition/index.ts';

describe('canonicalJson', () => {
  it('sorts keys at every depth, so that equal values have equal text', () => {
    expect(canonicalJson({ b: 1, a: { d: [1, 2], c: null } })).toBe('{"a":{"c":null,"d":[1,2]},"b":1}');
    expect(canonicalJson({ a: { c: null, d: [1, 2] }, b: 1 })).toBe(
      canonicalJson({ b: 1, a: { d: [1, 2], c: null } }),
    );
  });

  it('leaves undefined members out and writes functions by their text', () => {
    expect(canonicalJson({ a: undefined, b: 2 })).toBe('{"b":2}');
    const one = (x: number) => x + 1;
    const two = (x: number) => x + 2;
    expect(hashOf({ make: one })).not.toBe(hashOf({ make: two }));
  });

  it('cuts cycles instead of recursing for ever', () => {
    const loop: Record<string, unknown> = { name: 'loop' };
    loop.self = loop;
    expect(canonicalJson(loop)).toBe('{"name":"loop","self":"cycle"}');
  });

  it('keeps a key named __proto__ as a key', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
  });
});

describe('sha256', () => {
  it('is the SHA-256 of FIPS 180-4', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('schemaFingerprint', () => {
  const row = (low: number) => z.object({ area: z.number().min(low), kind: z.enum(['a', 'b']) });

  it('is equal for equal schemas and differs when a bound, a category or a refinement differs', () => {
    expect(hashOf(schemaFingerprint(row(0)))).toBe(hashOf(schemaFingerprint(row(0))));
    expect(hashOf(schemaFingerprint(row(0)))).not.toBe(hashOf(schemaFingerprint(row(1))));
    const other = z.object({ area: z.number().min(0), kind: z.enum(['a', 'c']) });
    expect(hashOf(schemaFingerprint(row(0)))).not.toBe(hashOf(schemaFingerprint(other)));
  });

  it('sees the text of a refinement', () => {
    const even = z.object({ n: z.number().refine((n) => n % 2 === 0) });
    const odd = z.object({ n: z.number().refine((n) => n % 2 === 1) });
    expect(hashOf(schemaFingerprint(even))).not.toBe(hashOf(schemaFingerprint(odd)));
  });
});
