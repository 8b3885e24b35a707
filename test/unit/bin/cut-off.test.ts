import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, ApiError } from '../../../bin/cli/client.ts';
import { endCutOffRuns } from '../../../bin/cli/cut-off.ts';
import { pushFile } from '../../../bin/cli/push.ts';
import { runCli } from '../../support/cli.ts';

/** A client that answers from a table and remembers what was posted. */
function fakeClient(answers: Record<string, unknown>, refuse?: ApiError) {
  const posted: string[] = [];
  const client = {
    get: async (path: string) => answers[path],
    post: async (path: string) => {
      posted.push(path);
      if (refuse !== undefined) throw refuse;
      return {};
    },
  } as unknown as ApiClient;
  return { client, posted };
}
const refusal = (status: number) => new ApiError(status, { code: 'X', message: 'no', remedy: 'none' });

describe('runs that the last stop cut off', () => {
  const answers = {
    '/pipelines': { pipelines: [{ name: 'housing' }, { name: 'iris' }] },
    '/pipelines/housing': { activeRunId: 'r1' },
    '/pipelines/iris': {},
  };

  it('are cancelled, with how to go on', async () => {
    const { client, posted } = fakeClient(answers);
    const said: string[] = [];
    expect(await endCutOffRuns(client, (line) => said.push(line))).toEqual(['r1']);
    expect(posted).toEqual(['/runs/r1/cancel']);
    expect(said[0]).toContain('npx arboleda retry r1');
  });

  it.each([404, 409])('are left alone where they have ended or are unknown (%i)', async (status) => {
    expect(await endCutOffRuns(fakeClient(answers, refusal(status)).client, () => undefined)).toEqual([]);
  });

  it('are not passed over silently when the API fails', async () => {
    await expect(endCutOffRuns(fakeClient(answers, refusal(500)).client, () => undefined)).rejects.toThrow(
      'no',
    );
  });
});

describe('data push', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'arboleda-push-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const columns = ['area', 'price'].map((name) => ({ name, kind: 'number', nullable: false }));
  const answers = { '/pipelines/homes': { definition: { schema: { columns }, missing: [''] } } };

  it.each([
    ['of other columns', 'rooms,cost\n1,2\n', 'MISSING_COLUMN'],
    ['with a header only', 'area,price\n', 'EMPTY_DATA'],
    ['that is empty', '', 'EMPTY_DATA'],
  ])('refuses a file %s, and uploads nothing', async (_, text, code) => {
    const file = join(dir, 'x.csv');
    writeFileSync(file, text);
    const { client, posted } = fakeClient(answers);
    await expect(pushFile(client, file, 'homes')).rejects.toMatchObject({ code });
    expect(posted).toEqual([]);
  });
});

it('--version stands alone for the program, and belongs to predict after it', async () => {
  const alone = await runCli(['--version']);
  expect(alone.stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const predict = await runCli(['predict', 'housing', '--version', '7', '--row', '{}', '--json']);
  expect(predict.stdout).not.toMatch(/^\d+\.\d+\.\d+\s*$/);
  expect(predict.code).toBe(1);
});
