import { describe, expect, it } from 'vitest';
import {
  BadDataError,
  errorBody,
  hidingSecretsOf,
  maskedUrl,
  withoutSecrets,
  withoutSecretsIn,
} from '../../../lib/errors/index.ts';

describe('a URL as it may be told', () => {
  it.each([
    ['https://host.example/a/b.csv', 'https://host.example/a/b.csv'],
    ['https://host.example/a?id=12&format=csv#top', 'https://host.example/a?id=12&format=csv#top'],
    ['https://me:pw@host.example/a', 'https://***@host.example/a'],
    ['https://token@host.example', 'https://***@host.example'],
    ['https://host.example/a@b?x=c@d', 'https://host.example/a@b?x=c@d'],
    ['https://host.example/a?token=t&id=12', 'https://host.example/a?token=***&id=12'],
    [
      'https://host.example/a?id=1&api_key=k;sig=s#access_token=t',
      'https://host.example/a?id=1&api_key=***;sig=***#access_token=***',
    ],
    [
      'https://b.s3.amazonaws.com/k?X-Amz-Date=20260101&X-Amz-Credential=A%2Fb&X-Amz-Security-Token=s%3D&X-Amz-Signature=0f',
      'https://b.s3.amazonaws.com/k?X-Amz-Date=20260101&X-Amz-Credential=***&X-Amz-Security-Token=***&X-Amz-Signature=***',
    ],
    ['https://host.example/a?author=me&keyword=oak', 'https://host.example/a?author=me&keyword=oak'],
    ['no URL at all', 'no URL at all'],
  ])('%s', (url, told) => {
    expect(maskedUrl(url)).toBe(told);
  });
});

describe('a text without what is a secret by its form', () => {
  it.each([
    ['GET https://u:p@h.example/x?token=abc failed', 'GET https://***@h.example/x?token=*** failed'],
    ['"https://h.example/?key=1", and more', '"https://h.example/?key=***", and more'],
    ['Authorization: Bearer abcdefghijklmnop0123', 'Authorization: Bearer ***'],
    ['authorization: basic dXNlcjpwYXNzd29yZA==', 'authorization: basic ***'],
    ['x-amz-security-token:FwoGZXIvYXdzEP0123456789', 'x-amz-security-token:***'],
    ['{"client_secret":"s3cr3t-value","id":7}', '{"client_secret":"***","id":7}'],
    ['password=hunter2hunter&x=1', 'password=***&x=1'],
  ])('%s', (text, told) => {
    expect(withoutSecrets(text)).toBe(told);
    expect(withoutSecrets(told)).toBe(told);
  });

  it.each([
    'Send `Authorization: Bearer TOKEN`; `npx arboleda token create` makes one.',
    'Unexpected token \'a\', "abc" is not valid JSON',
    'no such token: reader',
    'the basic idea is that bearer tokens expire',
    'stage train ended with States.Timeout: no cause given',
    'file:///var/task/index.mjs:10:5',
    'models:/houses/Production is no version',
  ])('is the same where there is none: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  // Of a hundred thousand characters: where the time grew with their square, none of these would end.
  it.each([
    'token',
    'token-',
    'x-token-',
    '?',
    '&a',
    '@',
    ':',
    'https://',
    'Bearer ',
    'token" ',
    'secret=',
    'a:/',
  ])('of a hostile text takes no time: %s and so on', (part) => {
    const text = part.repeat(100_000 / part.length);
    for (const one of [
      text,
      `https://${text}`,
      `https://h.example/?${text}`,
      `password=hunter2hunter ${text}`,
    ]) {
      expect(withoutSecrets(one)).not.toContain('hunter2');
    }
  });
});

describe('JSON without secrets', () => {
  it('keeps its form, and all that is no text', () => {
    const at = new Date(0);
    const value = {
      text: 'password=hunter2hunter',
      list: [1, null, true, { deep: 'https://a:b@c.example/' }],
      none: undefined,
      at,
    };
    expect(withoutSecretsIn(value)).toEqual({
      text: 'password=***',
      list: [1, null, true, { deep: 'https://***@c.example/' }],
      none: undefined,
      at,
    });
    expect(withoutSecretsIn(value).at).toBe(at);
  });

  it('is what an error is kept as, its details and remedy too', () => {
    const url = 'https://u:p@h.example/?sig=abc';
    const error = new BadDataError(`at ${url}`, {
      remedy: `see ${url}`,
      field: 'url',
      details: { tried: [url] },
    });
    const told = 'https://***@h.example/?sig=***';
    expect(errorBody(error)).toEqual({
      code: 'BAD_DATA',
      message: `at ${told}`,
      remedy: `see ${told}`,
      field: 'url',
      details: { tried: [told] },
    });
  });
});

describe('what hides the secrets of one URL', () => {
  const hide = hidingSecretsOf(
    new URL('https://me%40home:p%2Fss%20word@h.example/hooks/T0001/B0002?k=abc%2Bdef&n=12&q=one%20two'),
  );
  it.each([
    ['cannot GET /hooks/T0001/B0002?k=abc%2Bdef&n=12', 'cannot GET ***?k=***&n=12'],
    ['k is abc+def', 'k is ***'],
    ['the password p/ss word of me@home', 'the password *** of ***'],
    ['p%2Fss%20word', '***'],
    ['asked for one two, one%20two, one+two', 'asked for ***, ***, one+two'],
    [`Basic ${Buffer.from('me@home:p/ss word').toString('base64')}`, 'Basic ***'],
    ['https://h.example/?token=x and 12 rows', 'https://h.example/?token=*** and 12 rows'],
    ['no more data', 'no more data'],
  ])('%s', (text, told) => {
    expect(hide(text)).toBe(told);
  });

  it('takes the longer of two first, and bears what is no encoding', () => {
    expect(hidingSecretsOf(new URL('https://h.example/?a=abcd&b=abcdefgh'))('abcdefgh abcd')).toBe('*** ***');
    expect(hidingSecretsOf(new URL('https://h.example/?a=%E0%A4%A&b=%zz99'))('%E0%A4%A and %zz99')).toBe(
      '*** and ***',
    );
    expect(hidingSecretsOf(new URL('https://100%25:x@h.example/'))('100% of 100%25')).toBe('*** of ***');
  });

  it('leaves short values alone: they are words and numbers that stand anywhere', () => {
    expect(hidingSecretsOf(new URL('https://h.example/data?group_number=1'))('1 of 10 at /data')).toBe(
      '1 of 10 at /data',
    );
  });
});
