import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { quiet, startRun } from './support/api.ts';
import { stackCli } from './support/cli.ts';
import { studentsFile } from './support/data.ts';
import { housesFile, pushAmes, pushHouses } from './support/houses.ts';

/** Each folder of it is a pipeline. */
const DATA = fileURLToPath(new URL('../../data', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arboleda-cli-'));
  await quiet('housing');
  await pushHouses(housesFile(600));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await pushAmes();
});

const { cli, json, failure, env } = stackCli();

/** A run that `cancel` ended. A small one may be over before the command has started: then another is tried. */
async function cancelledRun(): Promise<string> {
  for (let tries = 1; ; tries++) {
    const { runId } = await startRun('housing', { force: true });
    const { code, stdout } = await cli('cancel', runId, '--json');
    if (code === 0) return runId;
    if (tries === 5 || !/has ended already \(FINISHED\)/.test(stdout)) throw new Error(stdout);
  }
}

describe('runs', () => {
  it('starts one, follows it and shows it', async () => {
    const done = await cli('run', 'housing', '--force', '--wait', '--json');
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/ingest +done/);
    expect(done.stderr).toMatch(/train\[1\] +done/);
    const run = JSON.parse(done.stdout);
    expect(run).toMatchObject({
      status: 'FINISHED',
      metrics: expect.objectContaining({ r2: expect.any(Number) }),
    });
    expect((await json('show', run.runId)).runId).toBe(run.runId);
    expect((await cli('show', run.runId)).stdout).toMatch(/metrics +.*r2/);
    expect((await json('runs', '--pipeline', 'housing', '--limit', '1')).runs).toHaveLength(1);
    expect((await json('logs', run.runId, '--stage', 'train')).lines.length).toBeGreaterThan(0);
    const second = await json('run', 'housing', '--wait');
    const diff = await json('diff', run.runId, second.runId);
    expect(diff).toMatchObject({ params: [], code: [] });
    expect((await cli('diff', run.runId, second.runId)).stdout).toContain('params: the same');
  });

  it('is the same run under the same key', async () => {
    const first = await json('run', 'housing', '--key', 'cli-test');
    expect((await json('run', 'housing', '--key', 'cli-test')).runId).toBe(first.runId);
    await quiet('housing');
  });

  it('cancels and retries', async () => {
    const runId = await cancelledRun();
    await quiet('housing');
    const retried = await json('retry', runId, '--wait');
    expect(retried).toMatchObject({ runId, attempt: 2, status: 'FINISHED' });
  });

  it('runs from and to a stage', async () => {
    const run = await json('run', 'housing', '--to', 'ingest', '--wait');
    expect(run.stages.map(({ stage }: { stage: string }) => stage)).not.toContain('train');
  });
});

describe('pipelines and data', () => {
  it('lists them, draws one, pauses and resumes its schedule', async () => {
    const { pipelines } = await json('pipelines');
    expect(pipelines.map(({ name }: { name: string }) => name)).toEqual(readdirSync(DATA).sort());
    expect((await cli('dag', 'housing')).stdout).toMatch(/^(graph|flowchart)/m);
    expect((await json('dag', 'housing')).mermaid).toMatch(/^(graph|flowchart)/m);
    expect(await json('schedule', 'pause', 'housing')).toMatchObject({ state: 'paused' });
    expect((await cli('pipelines')).stdout).toContain('(paused)');
    expect(await json('schedule', 'resume', 'housing')).toMatchObject({ state: 'active' });
  });

  it('pushes a file to the pipeline that names it', async () => {
    const pushed = await json('data', 'push', studentsFile(folder));
    expect(pushed).toMatchObject({
      pipeline: 'student-performance',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const run = await json('run', 'student-performance', '--wait');
    expect(run.tags).toMatchObject({
      'data.rows': '666',
      'data.source': 'pushed',
      'data.synthetic': 'false',
    });
    await json('data', 'release', 'student-performance');
  });

  it('says which file cannot be read', async () => {
    expect(await failure('data', 'push', join(folder, 'no.csv'), '--pipeline', 'housing')).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('no.csv'),
    });
  });
});

describe('models', () => {
  it('lists, promotes and rolls back', async () => {
    const { models } = await json('models');
    expect(models.map(({ name }: { name: string }) => name)).toContain('housing');
    const { versions } = await json('models', 'housing');
    const first = versions.at(-1).version;
    await json('promote', 'housing', first, '--alias', 'challenger', '--reason', 'a test');
    if (versions.length > 1) {
      await json('promote', 'housing', versions[0].version, '--alias', 'challenger', '--expected', first);
      expect(await json('rollback', 'housing', '--alias', 'challenger')).toMatchObject({ version: first });
    }
    expect(
      await failure('promote', 'housing', first, '--alias', 'never-set', '--expected', '999'),
    ).toMatchObject({
      code: 'ALIAS_MOVED',
    });
  });

  it('predicts a row, and the rows of a file', async () => {
    const row = { rooms: 6, area: 120, age: 20 };
    const answer = await json('predict', 'housing', '--row', JSON.stringify(row));
    writeFileSync(join(folder, 'rows.json'), JSON.stringify([row, row]));
    const two = await json('predict', 'housing', '--rows', join(folder, 'rows.json'));
    expect(two.predictions).toEqual([answer.predictions[0], answer.predictions[0]]);
    expect(await failure('predict', 'housing', '--row', '{"rooms":')).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await failure('predict', 'housing', '--row', '{"rooms":6}')).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('tokens', () => {
  it('makes, lists and revokes them', async () => {
    const made = await json('token', 'create', '--role', 'viewer', '--name', 'cli test');
    const { apiUrl } = inject('stack');
    const other = { ...env(), ARBOLEDA_API_URL: apiUrl, ARBOLEDA_TOKEN: made.token };
    expect((await runCli(['runs', '--json'], other)).code).toBe(0);
    const refused = await runCli(['run', 'housing', '--json'], other);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error.code).toBe('FORBIDDEN');
    expect(JSON.stringify(await json('token', 'list'))).toContain(made.record.tokenId);
    await json('token', 'revoke', made.record.tokenId);
    expect(JSON.parse((await runCli(['runs', '--json'], other)).stdout).error.code).toBe('UNAUTHENTICATED');
    expect((await json('token', 'show')).token).toBe(inject('stack').adminToken);
  });
});

describe('what goes wrong', () => {
  it('suggests the name that was probably meant', async () => {
    expect(await failure('run', 'hosing')).toMatchObject({
      code: 'UNKNOWN_NAME',
      remedy: expect.stringContaining('"housing"'),
    });
    expect(await failure('dag', 'student')).toMatchObject({
      remedy: expect.stringContaining('"student-performance"'),
    });
    expect(await failure('models', 'huosing')).toMatchObject({
      remedy: expect.stringContaining('"housing"'),
    });
  });

  it('says that a token is wrong', async () => {
    const { apiUrl } = inject('stack');
    const done = await runCli(['runs'], { ARBOLEDA_API_URL: apiUrl, ARBOLEDA_TOKEN: 'wrong' });
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('error UNAUTHENTICATED');
  });

  it('finds nothing to mend in a stack that is whole', async () => {
    expect((await json('reconcile')).findings).toEqual([]);
  });

  it('names the run that runs already', async () => {
    // Side by side: on a slow machine the first would have ended before the second began.
    const both = await Promise.all([1, 2].map(() => cli('run', 'housing', '--force', '--json')));
    const [winner, loser] = both.sort((a, b) => a.code - b.code).map(({ stdout }) => JSON.parse(stdout));
    expect(both.map(({ code }) => code)).toEqual([0, 1]);
    expect(loser.error).toMatchObject({ message: expect.stringContaining(winner.runId) });
    await quiet('housing');
  });
});
