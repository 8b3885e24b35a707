import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import { PipelineRunControl, stageSummaries, startRun } from '../../../lib/pipeline/control/index.ts';
import { ClientRuns } from '../../../lib/tracking/index.ts';
import {
  PIPELINE_STAGES,
  type Principal,
  type Stage,
  type StageRecord,
  type StageStatus,
} from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { execute, type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

const principal = (workspace = 'default'): Principal => ({
  tokenId: 't1',
  workspace,
  role: 'operator',
  name: 'me',
});
let world: PipelineWorld;
let control: PipelineRunControl;
beforeEach(() => {
  const definitions = [tinyHouses({ schedule: 'rate(1 day)', description: 'small' }), tinyClasses()];
  world = pipelineWorld(definitions, { 'tiny-houses': tinyHousesCsv() });
  control = new PipelineRunControl(world.deps);
});

describe('pipelines', () => {
  it('are listed by name with what a caller needs to choose', async () => {
    expect(await control.list(principal())).toEqual([
      expect.objectContaining({
        name: 'tiny-classes',
        target: 'label',
        task: 'classification',
        model: 'tiny-classes',
      }),
      expect.objectContaining({
        name: 'tiny-houses',
        description: 'small',
        task: 'regression',
        schedule: 'rate(1 day)',
        scheduleState: 'active',
      }),
    ]);
  });

  it('are described with definition, its hash, the run in progress and the pushed data', async () => {
    const started = await control.start(principal(), 'tiny-houses', {});
    const source = {
      key: 'default/raw/x',
      sha256: 'a'.repeat(64),
      fileName: 'x.csv',
      bytes: 3,
      pushedAt: '2026-01-01T00:00:00Z',
      synthetic: false as const,
    };
    await control.setSource(principal(), 'tiny-houses', source);
    const described = await control.describe(principal(), 'tiny-houses');
    expect(described).toMatchObject({ activeRunId: started.runId, source, scheduleState: 'active' });
    expect(described.definitionSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(described.definition.schema).toMatchObject({
      columns: [{ name: 'area' }, { name: 'age' }, { name: 'price' }],
    });
    expect(() => JSON.stringify(described)).not.toThrow();
  });

  it('that are unknown are a 404 in every method', async () => {
    const calls = [
      control.describe(principal(), 'nope'),
      control.dag(principal(), 'nope'),
      control.start(principal(), 'nope', {}),
      control.setSchedule(principal(), 'nope', 'paused'),
    ];
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(NotFoundError);
  });

  it('keep their schedule paused in one workspace alone', async () => {
    await control.setSchedule(principal(), 'tiny-houses', 'paused');
    await control.setSchedule(principal(), 'tiny-houses', 'paused');
    expect(await world.deps.state.isPaused('default', 'tiny-houses')).toBe(true);
    expect(await world.deps.state.isPaused('other', 'tiny-houses')).toBe(false);
    await control.setSchedule(principal(), 'tiny-houses', 'active');
    expect(await world.deps.state.isPaused('default', 'tiny-houses')).toBe(false);
  });
});

describe('the summary of a pipeline', () => {
  const one = async (workspace = 'default') => (await control.list(principal(workspace)))[1]!;

  it('has the newest run that is not deleted, and the one at work', async () => {
    expect(await one()).not.toHaveProperty('lastRun');
    const first = await control.start(principal(), 'tiny-houses', {});
    expect(await one()).toMatchObject({
      activeRunId: first.runId,
      lastRun: { runId: first.runId, status: 'RUNNING', startTime: '2026-01-01T00:00:00.000Z' },
    });
    await execute(world.deps, { workspace: 'default', runId: first.runId, attempt: 1 });
    world.clock.advance(60_000);
    const second = await control.start(principal(), 'tiny-houses', { force: true });
    await execute(world.deps, { workspace: 'default', runId: second.runId, attempt: 1 });
    await new ClientRuns(world.items, world.clock).setLifecycle('default', second.runId, 'deleted');
    expect(await one()).toMatchObject({ lastRun: { runId: first.runId, status: 'FINISHED' } });
    expect(await one()).not.toHaveProperty('activeRunId');
    expect(await one('other')).not.toHaveProperty('lastRun');
  });

  it('tells when the schedule starts the next run, or why it does not', async () => {
    expect(await one()).toMatchObject({ noNextRun: expect.stringContaining('counts from its deployment') });
    await startRun(world.deps, 'default', 'tiny-houses', { trigger: 'schedule', actor: 'schedule' });
    world.clock.advance(3_600_000);
    expect(await one()).toMatchObject({ nextRun: '2026-01-02T00:00:00.000Z' });
    expect(await one('other')).toMatchObject({ noNextRun: expect.stringContaining('the workspace default') });
    await control.setSchedule(principal(), 'tiny-houses', 'paused');
    expect(await one()).toMatchObject({ noNextRun: 'paused', scheduleState: 'paused' });
    control = new PipelineRunControl({ ...world.deps, schedulesOff: true });
    expect(await one()).toMatchObject({ noNextRun: 'schedules are off in this deployment' });
    expect((await control.list(principal()))[0]).not.toHaveProperty('noNextRun');
  });

  it('tells the next firing of a cron expression by its clock', async () => {
    const definitions = [tinyHouses({ schedule: 'cron(30 3 * * ? *)' })];
    world = pipelineWorld(definitions, { 'tiny-houses': tinyHousesCsv() });
    control = new PipelineRunControl(world.deps);
    expect((await control.describe(principal(), 'tiny-houses')).nextRun).toBe('2026-01-01T03:30:00.000Z');
  });
});

describe('the history of a pipeline', () => {
  it('has its runs newest first, with how long each stage took', async () => {
    const ids: string[] = [];
    for (const force of [false, false, true]) {
      const { runId } = await control.start(principal(), 'tiny-houses', { force });
      await execute(world.deps, { workspace: 'default', runId, attempt: 1 });
      ids.unshift(runId);
      world.clock.advance(60_000);
    }
    const { runs, cursor } = await control.history(principal(), 'tiny-houses', { limit: 2 });
    expect(runs.map(({ runId }) => runId)).toEqual(ids.slice(0, 2));
    const [forced, skipped] = runs;
    expect(forced).toMatchObject({ status: 'FINISHED', trigger: 'caller', force: true, attempt: 1 });
    expect(forced?.stages.map(({ stage }) => stage)).toEqual([...PIPELINE_STAGES]);
    expect(forced?.stages.find(({ stage }) => stage === 'train')).toMatchObject({
      status: 'DONE',
      items: 2,
      milliseconds: 0,
    });
    expect(skipped?.stages.find(({ stage }) => stage === 'train')).toMatchObject({ status: 'SKIPPED' });
    expect(skipped?.stages.find(({ stage }) => stage === 'clean')?.note).toEqual(expect.any(String));
    const rest = await control.history(principal(), 'tiny-houses', { limit: 2, cursor: cursor! });
    expect(rest.runs.map(({ runId, model }) => [runId, model])).toEqual([
      [ids[2], { name: 'tiny-houses', version: '1' }],
    ]);
    expect((await control.history(principal('other'), 'tiny-houses', { limit: 2 })).runs).toEqual([]);
  });

  it('is a 404 for a pipeline that is unknown', async () => {
    await expect(control.history(principal(), 'nope', { limit: 1 })).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('the stages of a run', () => {
  const record = (
    stage: Stage,
    status: StageStatus,
    from: string,
    to?: string,
    item?: string,
  ): StageRecord => ({
    runId: 'a'.repeat(32),
    stage,
    ...(item === undefined ? {} : { item }),
    status,
    attempt: 1,
    outputs: {},
    startedAt: `2026-01-01T00:00:${from}.000Z`,
    ...(to === undefined ? {} : { endedAt: `2026-01-01T00:00:${to}.000Z` }),
  });

  it('take the items of a Map together: from the first begin to the last end', () => {
    const summaries = stageSummaries([
      record('train', 'DONE', '10', '30', '0'),
      record('train', 'SKIPPED', '05', '06', '1'),
      record('ingest', 'DONE', '01', '04'),
    ]);
    expect(summaries).toMatchObject([
      { stage: 'ingest', status: 'DONE', milliseconds: 3_000, items: 1 },
      {
        stage: 'train',
        status: 'DONE',
        milliseconds: 25_000,
        items: 2,
        startedAt: '2026-01-01T00:00:05.000Z',
      },
    ]);
  });

  it('are at work while an item is, and failed where one failed', () => {
    const running = [
      record('train', 'DONE', '10', '30', '0'),
      record('train', 'RUNNING', '10', undefined, '1'),
    ];
    expect(stageSummaries(running)[0]).toMatchObject({ status: 'RUNNING' });
    expect(stageSummaries(running)[0]).not.toHaveProperty('milliseconds');
    const failed = [...running, record('train', 'FAILED', '10', '12', '2')];
    expect(stageSummaries(failed)[0]).toMatchObject({ status: 'FAILED', milliseconds: 20_000 });
  });
});

describe('a start by key', () => {
  it('is the same run for the same key, in the same workspace only', async () => {
    const first = await control.start(principal(), 'tiny-houses', { idempotencyKey: 'k' });
    const again = await control.start(principal(), 'tiny-houses', { idempotencyKey: 'k' });
    const elsewhere = await control.start(principal('other'), 'tiny-houses', { idempotencyKey: 'k' });
    expect(again).toEqual({ ...first, created: false });
    expect(elsewhere.runId).not.toBe(first.runId);
    expect((await world.deps.runs.get('default', first.runId)).tags['arboleda.actor']).toBe('t1');
  });
});

describe('diff', () => {
  const run = async (force: boolean, codeVersion: string) => {
    const { runId } = await control.start(principal(), 'tiny-houses', { force });
    return execute({ ...world.deps, codeVersion }, { workspace: 'default', runId, attempt: 1 });
  };

  it('is empty for two runs of the same, and names the stages whose code changed', async () => {
    const [a, b, c] = [await run(true, 'code-1'), await run(true, 'code-1'), await run(true, 'code-2')];
    const same = await control.diff(principal(), a.runId, b.runId);
    expect(same).toEqual({ a: a.runId, b: b.runId, params: [], metrics: [], data: [], code: [] });
    const changed = await control.diff(principal(), a.runId, c.runId);
    expect(changed.metrics).toEqual([]);
    expect(changed.code.map(({ key }) => key)).toContain('train');
    expect(changed.code[0]).toMatchObject({ a: 'code-1', b: 'code-2' });
  });

  it('does not look into another workspace', async () => {
    const a = await run(false, 'code-1');
    await expect(control.diff(principal('other'), a.runId, a.runId)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('the graph', () => {
  it('joins every candidate to clean and evaluate, as Mermaid too', async () => {
    const { nodes, edges, mermaid } = await control.dag(principal(), 'tiny-houses');
    expect(nodes.map(({ id }) => id)).toEqual([
      'source',
      'ingest',
      'clean',
      'candidate0',
      'candidate1',
      'evaluate',
      'register',
      'promote',
    ]);
    expect(edges).toContainEqual({ from: 'clean', to: 'candidate1' });
    expect(edges).toContainEqual({ from: 'candidate1', to: 'evaluate' });
    expect(mermaid).toMatch(/^flowchart LR\n/);
    expect(mermaid).toContain('candidate0["linear-regression"]');
    for (const { from, to } of edges)
      expect(nodes.map(({ id }) => id)).toEqual(expect.arrayContaining([from, to]));
  });
});
