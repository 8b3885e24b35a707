import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../../bin/cli/api-types.ts';
import type { ApiClient } from '../../../bin/cli/client.ts';
import { curlCommands } from '../../../bin/cli/curl.ts';
import { editDistance, nearest } from '../../../bin/cli/nearest.ts';
import { nameList } from '../../../bin/cli/options.ts';
import {
  chiefMetrics,
  describeError,
  errorText,
  figure,
  makeOutput,
  metricsText,
  table,
} from '../../../bin/cli/output.ts';
import { finishedText } from '../../../bin/cli/run-text.ts';
import { findTarget } from '../../../bin/cli/target.ts';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { runCli } from '../../support/cli.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-unit-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('nearest', () => {
  it.each([
    ['hosing', 'housing'],
    ['Housing', 'housing'],
    ['student', 'student-performance'],
    ['studnet-performance', 'student-performance'],
  ])('%s means %s', (typed, meant) => {
    expect(nearest(typed, ['student-performance', 'housing'])).toBe(meant);
  });

  it('does not guess from afar', () => {
    expect(nearest('weather', ['student-performance', 'housing'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    // One letter for another is no slip of the finger where it is the whole name.
    expect(nearest('z', ['a', 'b', 'y'])).toBeUndefined();
    expect(nearest('ax', ['id', 'by'])).toBeUndefined();
    expect(nearest('ags', ['age', 'rooms'])).toBe('age');
  });

  it('counts edits', () => {
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });
});

describe('output', () => {
  it('writes JSON alone to stdout with --json, text otherwise', () => {
    const written: string[] = [];
    makeOutput(true, (text) => written.push(text)).result({ a: 1 }, () => 'text');
    makeOutput(false, (text) => written.push(text)).result({ a: 1 }, () => 'text');
    expect(written).toEqual(['{\n  "a": 1\n}\n', 'text\n']);
  });

  it('shows an error with its field and what to do', () => {
    const error = new InvalidInputError('is negative', {
      field: 'rows[3].area',
      remedy: 'Send a positive one.',
    });
    expect(errorText(describeError(error))).toBe(
      'error INVALID_INPUT: is negative (rows[3].area)\n  Send a positive one.\n',
    );
    expect(describeError(new Error('odd'))).toMatchObject({ code: 'INTERNAL_ERROR', message: 'odd' });
  });

  it('draws a table whose empty cells are empty', () => {
    const drawn = table(['a', 'b'], [[1, undefined]]);
    expect(drawn).toContain('a');
    expect(drawn).not.toContain('undefined');
    expect(drawn.includes('\u001b')).toBe(false);
  });

  it.each([
    [0.735912, '0.7359'],
    [46008.4, '46,008'],
    [3, '3'],
    [-1234.6, '-1,235'],
  ])('%f is shown as %s', (value, text) => expect(figure(value)).toBe(text));

  it('joins metrics', () => expect(metricsText({ r2: 0.5, rmse: 20_000 })).toBe('r2 0.5, rmse 20,000'));
});

it('reads lists of names, a comma in a name kept by a backslash', () => {
  expect(nameList('a, b ,,c\\,d')).toEqual(['a', 'b', 'c,d']);
  expect(nameList('?')).toEqual(['?']);
});

it('makes commands that can be pasted, whatever is in the example row', async () => {
  const answers: Record<string, unknown> = {
    '/pipelines': { pipelines: [{ name: 'p', model: 'm' }] },
    '/openapi.json': {
      paths: {
        '/models/m/predict': {
          post: {
            requestBody: {
              content: { 'application/json': { examples: { row: { value: { kind: "it's", area: 3 } } } } },
            },
          },
        },
      },
    },
  };
  const client = { get: async (path: string) => answers[path] } as unknown as ApiClient;
  const [health, predict, runs, ...more] = await curlCommands(client, 'http://x/v1');
  expect(more).toEqual([]);
  expect(health).toBe('curl -s http://x/v1/health');
  expect(predict).toContain(`-d '{"kind":"it'\\''s","area":3}' http://x/v1/models/m/predict`);
  expect(runs).toContain('$(npx arboleda token show)');
  answers['/openapi.json'] = {};
  expect((await curlCommands(client, 'http://x/v1'))[1]).toContain("-d '{}'");
});

it('predicts by a pipeline that has just been run, and by the first where none was', async () => {
  const pipelines = ['a', 'b', 'c'].map((name) => ({ name, model: `model-${name}` }));
  const client = {
    get: async (path: string) => (path === '/pipelines' ? { pipelines } : {}),
  } as unknown as ApiClient;
  const predictOf = async (ran?: string[]) => (await curlCommands(client, 'http://x', ran))[1];
  expect(await predictOf(['c', 'b'])).toContain('/models/model-c/predict');
  expect(await predictOf([])).toContain('/models/model-a/predict');
  expect(await predictOf()).toContain('/models/model-a/predict');
});

describe('which stack', () => {
  it('is the one of the environment, without a slash at its end', async () => {
    const env = { ARBOLEDA_API_URL: 'https://api.example/v1/', ARBOLEDA_TOKEN: 't' };
    expect(await findTarget(undefined, env, dir)).toEqual({
      apiUrl: 'https://api.example/v1',
      token: 't',
      name: 'environment',
    });
  });

  it('needs a token for it', async () => {
    await expect(findTarget(undefined, { ARBOLEDA_API_URL: 'https://x' }, dir)).rejects.toMatchObject({
      code: 'NO_STACK',
      remedy: expect.stringContaining('ARBOLEDA_TOKEN'),
    });
  });

  it('is the named one, by the outputs of its deployment', async () => {
    const outputs = { 'arboleda-prod': { ApiUrl: 'https://prod.example/v1/', AdminTokenSecretArn: 'arn' } };
    writeFileSync(join(dir, 'outputs.json'), JSON.stringify(outputs));
    const env = { ARBOLEDA_TOKEN: 't' };
    expect(await findTarget('arboleda-prod', env, dir)).toMatchObject({
      apiUrl: 'https://prod.example/v1',
      token: 't',
    });
    await expect(findTarget('arboleda-test', env, dir)).rejects.toMatchObject({
      code: 'NO_STACK',
      remedy: expect.stringContaining('cdk deploy arboleda-test'),
    });
  });

  it('is none where nothing is up', async () => {
    await expect(findTarget(undefined, {}, join(dir, 'none'))).rejects.toMatchObject({ code: 'NO_STACK' });
  });
});

describe('the command line as a process', () => {
  const env = { ARBOLEDA_LOCAL_DIR: join(tmpdir(), 'arboleda-nowhere') };

  it('lists its commands', async () => {
    const { code, stdout } = await runCli(['--help'], env);
    expect(code).toBe(0);
    for (const command of ['up', 'start', 'run', 'train', 'token', 'reconcile'])
      expect(stdout).toContain(`  ${command}`);
  });

  it('answers wrong usage with 2, as JSON where asked', async () => {
    const { code, stdout, stderr } = await runCli(['rnus', '--json'], env);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Did you mean runs'),
    });
    expect((await runCli(['run'], env)).code).toBe(2);
    expect((await runCli(['train', '--data', 'x'], env)).code).toBe(2);
    expect((await runCli(['token', 'create', '--role', 'king', '--name', 'x'], env)).code).toBe(2);
    expect((await runCli(['up', '--port', '99999'], env)).code).toBe(2);
    expect((await runCli(['predict', 'm', '--json'], env)).code).toBe(2);
  });

  it('says that nothing is up, with 1', async () => {
    const { code, stdout, stderr } = await runCli(['runs'], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error NO_STACK');
    expect(stderr).toContain('npx arboleda up');
  });

  it('tells a host that does not answer from one that is no Arboleda', async () => {
    const gone = await runCli(['runs', '--json'], {
      ...env,
      ARBOLEDA_API_URL: 'http://127.0.0.1:9',
      ARBOLEDA_TOKEN: 't',
    });
    expect(gone.code).toBe(1);
    expect(JSON.parse(gone.stdout).error.code).toBe('UNREACHABLE');
  });

  it('has nothing to end where nothing is up', async () => {
    const { code, stdout } = await runCli(['down', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ stopped: false, clean: false });
  });
});

describe('a run as a person reads it', () => {
  const run = {
    runId: 'a'.repeat(32),
    status: 'FINISHED',
    pipeline: 'housing',
    experimentId: '1',
    attempt: 1,
    startTime: '2026-01-01T00:00:00.000Z',
    metrics: { r2: 0.7, validation_r2: 0.6, mae: 28_406, log_loss: 1 },
    params: { trees: '25' },
    tags: {},
    lineage: { sourceSha256: 'b'.repeat(64), codeVersions: { train: 'c'.repeat(64) } },
    stages: [],
    artifacts: [{ path: 'reports/x.svg', size: 3 }],
  } as unknown as RunDetail;

  it('has one line a value, and hashes that fit a line', () => {
    const text = finishedText(run, true);
    const made = { ...run, tags: { ...run.tags, 'data.rows': '2000', 'data.synthetic': 'true' } };
    expect(finishedText(made)).toContain('\ndata       2,000 rows, synthetic\n');
    expect(text).toContain('params\n  trees  25\n');
    expect(text).toContain(
      'lineage\n  sourceSha256        bbbbbbbbbbbb...\n  codeVersions.train  cccccccccccc...\n',
    );
    expect(text).toContain('artifacts\n  reports/x.svg (3 bytes)');
    expect(text).not.toContain('tags');
  });

  it('shows in lists the metrics that a pipeline is judged by', () => {
    expect(chiefMetrics(run.metrics)).toBe('r2 0.7, mae 28,406');
    expect(metricsText(run.metrics)).toBe('r2 0.7, mae 28,406, log_loss 1');
  });
});
