import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
vi.mock('../../../lambdas/shared/deps.ts', () => ({ pipelineDeps: async () => world.deps }));
const load = async (name: string) => {
  const { handler } = (await import(`../../../lambdas/${name}/handler.ts`)) as {
    handler: (event: unknown, context: Context) => Promise<unknown>;
  };
  return (event: unknown) => handler(event, {} as Context);
};

beforeEach(() => {
  world = pipelineWorld([tinyHouses()], { 'tiny-houses': tinyHousesCsv() });
});
const scheduled = (eventId: string) => ({
  workspace: 'default',
  pipeline: 'tiny-houses',
  eventId,
  trigger: 'schedule',
});

describe('start', () => {
  it('makes one run of one event, however often it is delivered', async () => {
    const start = await load('start');
    const first = (await start(scheduled('e1'))) as { runId: string };
    expect(await start(scheduled('e1'))).toMatchObject({ runId: first.runId, created: false });
    expect(await start(scheduled('e2'))).toMatchObject({ status: 'SCHEDULED', created: true });
  });

  it('starts nothing while the schedule is paused', async () => {
    await world.deps.state.pauseSchedule('default', 'tiny-houses');
    const start = await load('start');
    expect(await start(scheduled('e1'))).toEqual({ paused: true });
    expect((await world.deps.runs.list('default')).items).toEqual([]);
  });

  it('refuses an event without an id', async () => {
    const start = await load('start');
    await expect(start({ ...scheduled('e1'), eventId: '' })).rejects.toMatchObject({
      code: 'BAD_DEFINITION',
    });
  });
});

describe('the stages, in the order of the state machine', () => {
  it('hand nothing back to it but ids, and end in a promoted version', async () => {
    const start = await load('start');
    const { runId } = (await start(scheduled('e1'))) as { runId: string };
    const input = { workspace: 'default', runId, attempt: 1 };
    const plan = await load('plan');
    const state = await plan({ ...input, pipeline: 'tiny-houses' });
    expect(state).toMatchObject({ stages: { ingest: true, promote: true } });
    for (const stage of ['ingest', 'clean']) expect(await (await load(stage))(input)).toEqual({});
    const { items } = (await plan({ ...input, phase: 'train' })) as { items: { item: string }[] };
    for (const { item } of items) expect(await (await load('train'))({ ...input, item })).toEqual({});
    for (const stage of ['evaluate', 'register', 'promote'])
      expect(await (await load(stage))(input)).toEqual({});
    expect(await (await load('close'))({ ...input, pipeline: 'tiny-houses', outcome: 'finished' })).toEqual(
      {},
    );
    expect((await world.deps.runs.get('default', runId)).status).toBe('FINISHED');
    expect((await world.deps.registry.getModel('default', 'tiny-houses')).aliases).toEqual({
      production: '1',
    });
  });

  it('refuse an input that is not a run', async () => {
    const ingest = await load('ingest');
    await expect(ingest({ workspace: 'default', runId: '../x', attempt: 1 })).rejects.toMatchObject({
      code: 'BAD_DEFINITION',
    });
  });
});

describe('close', () => {
  const change = (runId: string, status: string) => ({
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    detail: {
      status,
      name: runId,
      input: JSON.stringify({ workspace: 'default', runId, attempt: 1, pipeline: 'tiny-houses' }),
    },
  });

  it.each([
    ['TIMED_OUT', 'FAILED', 'EXECUTION_TIMED_OUT'],
    ['ABORTED', 'KILLED', 'ABORTED'],
    ['FAILED', 'FAILED', 'INTERNAL_ERROR'],
  ])('closes the run of an execution that ended as %s', async (status, expected, code) => {
    const { runId } = (await (await load('start'))(scheduled('e1'))) as { runId: string };
    await (await load('close'))(change(runId, status));
    expect(await world.deps.runs.get('default', runId)).toMatchObject({ status: expected, error: { code } });
  });

  it('leaves a run alone whose execution still runs', async () => {
    const { runId } = (await (await load('start'))(scheduled('e1'))) as { runId: string };
    await (await load('close'))(change(runId, 'RUNNING'));
    expect((await world.deps.runs.get('default', runId)).status).toBe('RUNNING');
  });

  it('names the state that caught an error no stage recorded', async () => {
    const { runId } = (await (await load('start'))(scheduled('e1'))) as { runId: string };
    const error = { Error: 'Lambda.Unknown', Cause: 'out of memory' };
    const event = {
      workspace: 'default',
      runId,
      attempt: 1,
      pipeline: 'tiny-houses',
      outcome: 'failed',
      stage: 'train',
      error,
    };
    await (await load('close'))(event);
    const run = await world.deps.runs.get('default', runId);
    expect(run.error).toMatchObject({ stage: 'train', message: expect.stringContaining('out of memory') });
  });
});
