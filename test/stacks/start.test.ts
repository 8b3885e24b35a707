import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { healthy, runningEmulator } from '../../bin/local/emulator.ts';
import { freePort } from '../../bin/local/port.ts';
import { runCli } from '../support/cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let dir: string;
let port: number;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-start-'));
  port = await freePort();
  env = { ...process.env, ARBOLEDA_LOCAL_DIR: dir, ARBOLEDA_API_URL: undefined, ARBOLEDA_TOKEN: undefined };
});
afterAll(async () => {
  await runCli(['down'], { ARBOLEDA_LOCAL_DIR: dir });
  rmSync(dir, { recursive: true, force: true });
});

/** What a failed test left running, so that it is no trouble to the next. */
let begun: { child: ChildProcess; ended: Promise<number | null> }[] = [];
afterEach(async () => {
  for (const { child, ended } of begun) {
    if (child.exitCode === null) child.kill('SIGINT');
    await ended;
  }
  begun = [];
});

/** `npm start` as it runs in a terminal: its output so far, and a way to wait for a piece of it. */
function begin(...args: string[]) {
  const child = spawn('node', ['bin/arboleda.mjs', 'start', ...args], { cwd: ROOT, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const says = async (piece: RegExp): Promise<void> => {
    const over = ended.then(() => true);
    while (!piece.test(text)) {
      const tick = new Promise<false>((done) => setTimeout(() => done(false), 100));
      if ((await Promise.race([over, tick])) && !piece.test(text))
        throw new Error(`never said ${piece}:\n${text}`);
    }
  };
  begun.push({ child, ended });
  return { child, ended, says, text: () => text };
}

/** Nothing of the stack is left: no process, nobody on its port. */
async function expectNothingLeft(): Promise<void> {
  expect(runningEmulator(join(dir, 'emulator'))).toBeUndefined();
  expect(await healthy(`http://127.0.0.1:${port}`, 500)).toBe(false);
}

/** A line of shell, as a reader pastes it. */
const paste = async (line: string): Promise<string> =>
  (await promisify(execFile)('bash', ['-c', line], { cwd: ROOT, env })).stdout;

describe('npm start', () => {
  let firstRun: string;

  it('refuses a pipeline that is not there before it starts anything', async () => {
    const done = await runCli(['start', 'hosing', '--exit', '--json'], { ARBOLEDA_LOCAL_DIR: dir });
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout).error).toMatchObject({
      code: 'UNKNOWN_NAME',
      remedy: expect.stringContaining('"housing"'),
    });
    expect(runningEmulator(join(dir, 'emulator'))).toBeUndefined();
  });

  it('--exit deploys, runs, tells everything as JSON, ends what it started, and exits 0', async () => {
    const done = await runCli(['start', 'housing', '--exit', '--json', '--port', String(port)], {
      ARBOLEDA_LOCAL_DIR: dir,
    });
    expect(done.stderr).toMatch(/deploying \(cdk deploy\)/);
    expect(done.code, done.stderr).toBe(0);
    const told = JSON.parse(done.stdout);
    expect(told.pipelines).toEqual([
      expect.objectContaining({
        pipeline: 'housing',
        status: 'FINISHED',
        rows: 2930,
        synthetic: false,
        stages: { done: 7, skipped: 0 },
        version: '1',
      }),
    ]);
    expect(told.pipelines[0].metrics.r2).toBeGreaterThan(0.55);
    expect(told.curl).toHaveLength(3);
    expect(told.docs).toBe(`${told.apiUrl}/docs`);
    firstRun = told.pipelines[0].runId;
    await expectNothingLeft();
    // The first start of all: it makes the venv, and deploys.
  }, 600_000);

  it('again deploys nothing, skips what is done, has lost nothing; its three lines work; Ctrl-C ends all', async () => {
    const { child, ended, says, text } = begin('housing');
    await says(/Ctrl-C ends the stack/);
    expect(text()).toContain('nothing changed since it was deployed');
    expect(text()).not.toMatch(/deploying|bootstrapping|Python environment/);
    expect(text()).toMatch(/housing .*2,930 .*real .*5 skipped/);
    expect(text()).toMatch(/^docs: http:\/\/127\.0\.0\.1:\d+\/.*\/docs$/m);
    expect(text()).toMatch(
      /^console: http:\/\/127\.0\.0\.1:\d+\/\S+\/ \(sign in with .*arboleda token show/m,
    );
    const local = JSON.parse(readFileSync(join(dir, 'local.json'), 'utf8'));
    expect(local).toMatchObject({
      endpoint: `http://127.0.0.1:${port}`,
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1/),
      adminToken: expect.stringMatching(/^\S{48}$/),
    });
    const lines = text().match(/^curl .+$/gm) ?? [];
    expect(lines).toHaveLength(3);
    const [health, predict, runs] = await Promise.all(lines.map(paste));
    expect(JSON.parse(health!)).toMatchObject({ model_loaded: true });
    expect(JSON.parse(predict!).predictions[0].prediction).toBeGreaterThan(20_000);
    expect(JSON.parse(runs!).runs.map((run: { runId: string }) => run.runId)).toContain(firstRun);
    expect((await fetch(`${local.apiUrl}/docs`)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expectNothingLeft();
  });

  it('is told apart from a success where it is interrupted in a run, which the next start names', async () => {
    // One that has never run: it is long from over when it is interrupted.
    const { child, ended, says } = begin('student-performance', '--exit');
    await says(/student-performance: run [0-9a-f]{32}/);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    await expectNothingLeft();
  });

  it('says that its emulator was killed, and what to do', async () => {
    const { ended, says, text } = begin('housing');
    await says(/Ctrl-C ends the stack/);
    expect(text()).toMatch(
      /student-performance: run [0-9a-f]{32} was cut off by the last stop; go on with `npx arboleda retry [0-9a-f]{32}`/,
    );
    process.kill(-runningEmulator(join(dir, 'emulator'))!.pid, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(text()).toMatch(/EMULATOR_GONE.*somebody or something killed it/);
    expect(text()).toContain('reconcile --fix');
    await expectNothingLeft();
  });
});
