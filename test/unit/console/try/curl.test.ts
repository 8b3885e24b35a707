import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import { curlText } from '../../../../console/pages/try/curl.ts';

const SHELL = 'curl() { for word in "$@"; do printf "%s\\0" "$word"; done; }; TOKEN=secret;\n';

/** The words that curl would be given by a shell. */
const words = (text: string): string[] =>
  execFileSync('bash', ['-c', SHELL + text], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('the curl command', () => {
  it('asks what the form asks, and holds no token', () => {
    const text = curlText({ base: 'https://h/v1', model: 'housing', row: { area: 120 } });
    expect(text).toBe(
      [
        "curl 'https://h/v1/models/housing/predict' \\",
        '  -H "Authorization: Bearer $TOKEN" \\',
        "  -H 'Content-Type: application/json' \\",
        `  -d '{"area":120}'`,
      ].join('\n'),
    );
    const asked = curlText({ base: 'https://h', model: 'a b', version: '3', row: {}, explain: true });
    expect(words(asked)[0]).toBe('https://h/models/a%20b/predict?version=3&explain=true');
  });

  it('is taken by a shell word by word, whatever the row holds', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((value) => !value.includes('\0') && value.isWellFormed());
    const nasty = fc.constantFrom(
      "o'clock",
      '$(touch /tmp/x)',
      '`id`',
      '"; exit 1 #',
      'a\nb',
      '\\',
      '!!',
      '',
    );
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, nasty)), fc.oneof(text, nasty), (row, model) => {
        const given = words(curlText({ base: 'https://h', model, row }));
        expect(given).toEqual([
          `https://h/models/${encodeURIComponent(model)}/predict`,
          '-H',
          'Authorization: Bearer secret',
          '-H',
          'Content-Type: application/json',
          '-d',
          JSON.stringify(row),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});
