import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { ApiClient } from '../../bin/cli/client.ts';
import { runningEmulator } from '../../bin/local/emulator.ts';
import { freePort } from '../../bin/local/port.ts';
import { pause } from '../../bin/local/stay.ts';
import { up } from '../../bin/local/up.ts';
import { runCli } from '../support/cli.ts';

/** A stack of its own, as a user has it: with persistence, started and ended by the command line. */
let dir: string;
let port: number;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-persist-'));
  port = await freePort();
});
afterAll(async () => {
  await cli('down');
  rmSync(dir, { recursive: true, force: true });
});

const cli = (...args: string[]) => runCli(args, { ARBOLEDA_LOCAL_DIR: dir });

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
async function json(...args: string[]): Promise<any> {
  const done = await cli(...args, '--json');
  if (done.code !== 0) throw new Error(`${args.join(' ')} ended ${done.code}\n${done.stdout}${done.stderr}`);
  return JSON.parse(done.stdout);
}

const api = (): ApiClient =>
  new ApiClient({
    ...JSON.parse(readFileSync(join(dir, 'local.json'), 'utf8')),
    name: 'test',
    token: JSON.parse(readFileSync(join(dir, 'local.json'), 'utf8')).adminToken,
  });

/** The run's record ends a moment before its execution, whose last act is the snapshot that a kill is mended from. */
async function executionEnds(runId: string): Promise<void> {
  const { endpoint, outputs, region } = JSON.parse(readFileSync(join(dir, 'local.json'), 'utf8'));
  const client = new SFNClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const executionArn = `${outputs.StateMachineArn.replace(':stateMachine:', ':execution:')}:${runId}`;
  for (let i = 0; i < 100; i++) {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return;
    await pause(100);
  }
  throw new Error(`the execution of ${runId} does not end`);
}

describe('the local stack over its ends', () => {
  let first: RunDetail;

  it('starts, deploys and runs', async () => {
    const up = await json('up', '--port', String(port));
    expect(up).toMatchObject({ deployed: true, reused: false, endpoint: `http://127.0.0.1:${port}` });
    expect(JSON.stringify(up)).not.toContain(api().target.token);
    first = await json('run', 'housing', '--wait');
    expect(first).toMatchObject({ status: 'FINISHED', tags: { 'data.rows': '2930' } });
  });

  it('finds itself running', async () => {
    expect(await json('up')).toMatchObject({ deployed: false, reused: true });
  });

  it('takes an update of the app in place, and keeps what there is', async () => {
    const variables = async (): Promise<Record<string, string>> => {
      const answer = await fetch(
        `http://127.0.0.1:${port}/2015-03-31/functions/arboleda-dev-plan/configuration`,
      );
      return ((await answer.json()) as { Environment: { Variables: Record<string, string> } }).Environment
        .Variables;
    };
    expect(await variables()).not.toHaveProperty('ARBOLEDA_TRACE_CALLS');
    const updated = await up({ dir, context: { traceCalls: '1' }, say: () => undefined });
    expect(updated).toMatchObject({ deployed: true, emulator: { reused: true } });
    expect(await variables()).toMatchObject({ ARBOLEDA_TRACE_CALLS: '1' });
    expect(await json('show', first.runId)).toMatchObject({ status: 'FINISHED', metrics: first.metrics });
    expect(await json('up')).toMatchObject({ deployed: true, reused: true });
    expect(await variables()).not.toHaveProperty('ARBOLEDA_TRACE_CALLS');
    expect(await json('run', 'housing', '--wait')).toMatchObject({ status: 'FINISHED' });
  });

  it('refuses a port that is taken, and names it', async () => {
    const other = await runCli(['up', '--port', String(port), '--json'], {
      ARBOLEDA_LOCAL_DIR: join(dir, 'other'),
    });
    expect(other.code).toBe(1);
    expect(JSON.parse(other.stdout).error).toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
  });

  it('says that Python is missing', async () => {
    const none = await runCli(['up', '--port', String(await freePort()), '--json'], {
      ARBOLEDA_LOCAL_DIR: join(dir, 'other'),
      ARBOLEDA_PYTHON: '/no/python',
    });
    expect(JSON.parse(none.stdout).error).toMatchObject({ code: 'PYTHON_MISSING' });
  });

  it('keeps everything over a clean stop, and needs no deployment', async () => {
    const before = await json('predict', 'housing', '--row', '{"rooms":6,"area":120,"age":20}');
    await json('down');
    expect((await cli('runs')).stderr).toContain('NO_STACK');
    expect(await json('up')).toMatchObject({
      deployed: false,
      reused: false,
      endpoint: `http://127.0.0.1:${port}`,
    });
    const { children, ...shown } = await json('show', first.runId);
    expect(shown).toEqual(first);
    expect(children.length).toBeGreaterThan(1);
    for (const child of children) {
      expect(child).toMatchObject({ status: 'FINISHED', tags: { 'mlflow.parentRunId': first.runId } });
    }
    const after = await json('predict', 'housing', '--row', '{"rooms":6,"area":120,"age":20}');
    expect(after.predictions).toEqual(before.predictions);
    expect((await json('models')).models[0].aliases).toEqual({ production: '1' });
  });

  it('says that it was killed, and mends what the kill left behind', async () => {
    const lost: RunDetail = await json('run', 'housing', '--force', '--wait');
    await executionEnds(lost.runId);
    const killed = runningEmulator(join(dir, 'emulator'));
    process.kill(-killed!.pid, 'SIGKILL');
    await pause(500);
    const unreachable = await cli('runs', '--json');
    expect(JSON.parse(unreachable.stdout).error).toMatchObject({
      code: 'UNREACHABLE',
      remedy: expect.stringContaining('npx arboleda up'),
    });
    await json('up');
    expect(await json('show', first.runId)).toMatchObject({ status: 'FINISHED' });
    const before = await cli('show', lost.runId, '--json');
    expect(before.code).toBe(1);
    const found = await json('reconcile');
    expect(found.findings.length).toBeGreaterThan(0);
    await json('reconcile', '--fix');
    expect(await json('show', lost.runId)).toMatchObject({ status: 'FINISHED', metrics: lost.metrics });
    expect((await json('reconcile')).findings).toEqual([]);
    expect(await json('run', 'housing', '--wait')).toMatchObject({ status: 'FINISHED' });
  });
});
