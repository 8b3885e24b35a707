import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors/index.ts';
import { localName } from '../../../../lib/tracking/artifacts/path.ts';
import { artifactKey, confineName, confinePath, proxiedPath } from '../../../../lib/tracking/index.ts';

/** What an attacker puts together: separators, dots, escapes of escapes, drives, and plain names. */
const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '/',
    '//',
    '\\',
    '%2e',
    '%2E',
    '%252e',
    '%25',
    '%2f',
    '%5c',
    '%00',
    '#',
    'C:',
    'file:',
    'a',
    ' ',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const attempt = (path: string): string | undefined => {
  try {
    return confinePath(path);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return undefined;
  }
};

describe('confinePath', () => {
  it.each([
    ['a/b.txt', 'a/b.txt'],
    ['a//b/./c/', 'a/b/c'],
    ['', ''],
    ['.', ''],
    ['a%20b', 'a b'],
    ['a%2520b', 'a b'],
    ['100%', '100%'],
    ['a..b/...', 'a..b/...'],
    ['tab\there', 'tab%09here'],
    ['ü%C3%BC', 'üü'],
  ])('makes %j %j', (given, path) => {
    expect(confinePath(given)).toBe(path);
  });

  it.each([
    '..',
    'a/../b',
    '../../etc/passwd',
    '%2e%2e/x',
    '%252e%252e%252fx',
    'a/..%2f..%2fx',
    '/etc/passwd',
    '%2fetc/passwd',
    '..\\..\\x',
    'a%5cb',
    'C:/x',
    'C:\\x',
    './C:/x',
    '.%2ffile:x',
    'file:///etc/passwd',
    'a#/../../x',
    'a%23b',
    'a%00b',
    '\ud800',
    `%${'25'.repeat(12)}2e`,
  ])('refuses %j', (given) => {
    expect(() => confinePath(given)).toThrow('Invalid path');
  });

  it('never leaves the prefix, whatever is sent', () => {
    fc.assert(
      fc.property(hostile, (given) => {
        const path = attempt(given);
        if (path === undefined) return;
        const whole = `ws/artifacts/${path}`;
        expect(posix.normalize(whole).replace(/\/$/, '')).toBe(whole.replace(/\/$/, ''));
        expect(decodeURIComponentSafely(path).split('/')).not.toContain('..');
        expect(path).not.toMatch(/[\\#\0]|^\/|\/$|\/\//);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives its own result again', () => {
    fc.assert(
      fc.property(hostile, (given) => {
        const path = attempt(given);
        if (path !== undefined) expect(confinePath(path)).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds one file however often gateways encoded its path', () => {
    const names = fc.array(fc.stringMatching(/^[a-zA-Z0-9 äß✓+&=_-]{1,8}$/u), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 4 }), (parts, times) => {
        let path = parts.join('/');
        const plain = confinePath(path);
        for (let i = 0; i < times; i++) path = path.split('/').map(encodeURIComponent).join('/');
        expect(confinePath(path)).toBe(plain);
      }),
    );
  });

  it('knows the root from a name', () => {
    for (const root of ['', '.', './', '%2e']) expect(() => confineName(root)).toThrow(InvalidInputError);
    expect(confineName('a/')).toBe('a');
  });
});

describe('places of artifacts', () => {
  it('reads the URIs that clients and experiments have', () => {
    expect(proxiedPath('mlflow-artifacts:/1/abc/artifacts')).toBe('1/abc/artifacts');
    expect(proxiedPath('mlflow-artifacts://host:5000/1/a')).toBe('1/a');
    expect(proxiedPath('https://h/v1/api/2.0/mlflow-artifacts/artifacts/1/a')).toBe('1/a');
    expect(proxiedPath('s3://bucket/1/a')).toBeUndefined();
    expect(proxiedPath('https://h/elsewhere')).toBeUndefined();
    expect(() => proxiedPath('mlflow-artifacts:/../other')).toThrow(InvalidInputError);
  });

  it('refuses a key that is too long for S3, in bytes', () => {
    expect(artifactKey('ws', 'a'.repeat(1_011))).toHaveLength(1_024);
    expect(() => artifactKey('ws', 'ü'.repeat(506))).toThrow(InvalidInputError);
  });

  it("takes a file's name from a path of any system", () => {
    expect(localName('/tmp/x/big.bin')).toBe('big.bin');
    expect(localName('C:\\data\\big.bin')).toBe('big.bin');
    expect(localName('big.bin')).toBe('big.bin');
  });
});

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
