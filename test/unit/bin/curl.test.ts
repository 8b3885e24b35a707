import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import type { ApiClient } from '../../../bin/cli/client.ts';
import { curlCommands, predictCurl } from '../../../bin/cli/curl.ts';

/** What curl is given when the command is pasted into a shell. */
function pasted(command: string): string[] {
  const shell = `npx() { printf 'arb_secret'; }; curl() { for one in "$@"; do printf '%s\\0' "$one"; done; }; ${command}`;
  const found = execFileSync('sh', ['-c', shell], { encoding: 'utf8' });
  return found.split('\0').slice(0, -1);
}

const API = 'https://host/v1';

describe('the curl command of a prediction', () => {
  it('gives the row as it is and the model in the path, whatever a shell would make of them', () => {
    // No NUL, which no argument can hold.
    const text = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((one) => one.isWellFormed() && !one.includes('\0'));
    const hostile = fc.oneof(
      text,
      fc.constantFrom("'", "'; exit 1 #", '$(exit 1)', '`exit 1`', '\\', '!!', '"', 'a\nb', '%s', '-d'),
    );
    fc.assert(
      fc.property(
        hostile.filter((one) => one !== ''),
        fc.dictionary(hostile, fc.oneof(hostile, fc.integer(), fc.boolean())),
        (model, row) => {
          const given = pasted(predictCurl(API, model, row));
          expect(given.slice(0, 6)).toEqual([
            '-s',
            '-H',
            'Authorization: Bearer arb_secret',
            '-H',
            'Content-Type: application/json',
            '-d',
          ]);
          expect(given).toHaveLength(8);
          expect(JSON.parse(given[6]!)).toEqual(JSON.parse(JSON.stringify(row)));
          const [, name] = /^https:\/\/host\/v1\/models\/([^/?#]+)\/predict$/.exec(given[7]!)!;
          expect(decodeURIComponent(name!)).toBe(model);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('names a version where one is asked for', () => {
    expect(pasted(predictCurl(API, 'housing', { a: 1 }, '12')).at(-1)).toBe(
      `${API}/models/housing/predict?version=12`,
    );
  });
});

describe('the commands that a start ends with', () => {
  const client = (answers: Record<string, unknown>) =>
    ({ get: async (path: string) => answers[path] }) as unknown as ApiClient;
  const pipelines = [
    { name: 'first', model: 'one' },
    { name: 'second', model: 'two' },
  ];
  const documented = (model: string, row: object) => ({
    paths: {
      [`/models/${model}/predict`]: {
        post: { requestBody: { content: { 'application/json': { examples: { row: { value: row } } } } } },
      },
    },
  });

  it('are health, a prediction by what was run, with a row of its own document, and the runs', async () => {
    const api = client({ '/pipelines': { pipelines }, '/openapi.json': documented('two', { area: 3 }) });
    const commands = (await curlCommands(api, API, ['second'])).map(pasted);
    expect(commands.map((one) => one.at(-1))).toEqual([
      `${API}/health`,
      `${API}/models/two/predict`,
      `${API}/runs?limit=5`,
    ]);
    expect(JSON.parse(commands[1]!.at(-2)!)).toEqual({ area: 3 });
    // Health is open to anyone: no token leaves for it.
    expect(commands[0]!.join()).not.toContain('Bearer');
  });

  it('predict by the first pipeline where none was run or the one that was is no more, with an empty row before there is a model', async () => {
    const api = client({ '/pipelines': { pipelines }, '/openapi.json': {} });
    for (const ran of [[], ['gone']]) {
      const [, predict] = (await curlCommands(api, API, ran)).map(pasted);
      expect([predict!.at(-2), predict!.at(-1)]).toEqual(['{}', `${API}/models/one/predict`]);
    }
    expect(await curlCommands(client({ '/pipelines': { pipelines: [] } }), API)).toHaveLength(2);
  });
});
