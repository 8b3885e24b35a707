import { beforeEach, describe, expect, it } from 'vitest';
import { closeRun, describeFailure, startRun } from '../../../lib/pipeline/control/index.ts';
import { tinyHouses } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
let runId: string;
beforeEach(async () => {
  world = pipelineWorld([tinyHouses()]);
  ({ runId } = await startRun(world.deps, 'default', 'tiny-houses', { trigger: 'caller', actor: 'test' }));
});
const close = (outcome: Parameters<typeof closeRun>[2], attempt = 1) =>
  closeRun(world.deps, { workspace: 'default', runId, attempt }, outcome);

describe('closeRun', () => {
  it('takes stage, code and remedy from the record of the failed stage', async () => {
    const error = { code: 'LEAKAGE', message: 'column price2', remedy: 'Drop it.' };
    await world.deps.stages.start('default', { runId, stage: 'clean', attempt: 1 });
    await world.deps.stages.fail('default', { runId, stage: 'clean', attempt: 1, error });
    const run = await close({ outcome: 'failed', error: { Error: 'LeakageError', Cause: '{}' } });
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'clean', ...error } });
    expect(run.endTime).toBeDefined();
  });

  it('names the stage that was cut off when no record tells of a failure', async () => {
    await world.deps.stages.start('default', { runId, stage: 'train', item: '0', attempt: 1 });
    const run = await close({ outcome: 'failed', error: { Error: 'States.Timeout' } });
    expect(run.error).toMatchObject({ stage: 'train', code: 'STAGE_TIMED_OUT' });
    const [record] = await world.deps.stages.list('default', runId);
    expect(record).toMatchObject({ status: 'FAILED', error: { code: 'STAGE_TIMED_OUT' } });
  });

  it.each([
    [{ outcome: 'timed-out' as const }, 'FAILED', 'EXECUTION_TIMED_OUT'],
    [{ outcome: 'aborted' as const }, 'KILLED', 'ABORTED'],
  ])('closes a run whose execution ended outside its states: %o', async (outcome, status, code) => {
    expect(await close(outcome)).toMatchObject({ status, error: { code } });
  });

  it('keeps the first end: a late event changes nothing and publishes nothing', async () => {
    await close({ outcome: 'finished' });
    const events = world.events.events.length;
    expect((await close({ outcome: 'timed-out' })).status).toBe('FINISHED');
    expect(world.events.events).toHaveLength(events);
  });

  it('publishes its event where an earlier call ended the run and was cut off before it could', async () => {
    const publish = world.deps.events.publish.bind(world.deps.events);
    world.deps.events.publish = () => Promise.reject(new Error('the bus is throttled'));
    await expect(close({ outcome: 'timed-out' })).rejects.toThrow('throttled');
    expect((await world.deps.runs.get('default', runId)).status).toBe('FAILED');
    world.deps.events.publish = publish;
    for (let again = 0; again < 3; again++) await close({ outcome: 'timed-out' });
    expect(world.events.events).toEqual([
      {
        detailType: 'Run Failed',
        detail: expect.objectContaining({
          runId,
          error: expect.objectContaining({ code: 'EXECUTION_TIMED_OUT' }),
        }),
      },
    ]);
  });

  it('publishes the end of each attempt', async () => {
    await close({ outcome: 'timed-out' });
    await world.deps.runs.nextAttempt('default', runId);
    await close({ outcome: 'finished' }, 2);
    await close({ outcome: 'finished' }, 2);
    expect(world.events.events.map(({ detailType, detail }) => [detailType, detail.attempt])).toEqual([
      ['Run Failed', 1],
      ['Run Finished', 2],
    ]);
  });

  it('ignores the event of an attempt before the present one', async () => {
    expect((await close({ outcome: 'aborted' }, 2)).status).toBe('RUNNING');
  });

  it('publishes one event with the error, for whoever listens on the bus', async () => {
    await close({ outcome: 'timed-out' });
    expect(world.events.events).toHaveLength(1);
    expect(world.events.events[0]).toMatchObject({
      detailType: 'Run Failed',
      detail: { runId, pipeline: 'tiny-houses', status: 'FAILED', error: { code: 'EXECUTION_TIMED_OUT' } },
    });
  });

  it('leaves a snapshot of the run in S3', async () => {
    await close({ outcome: 'aborted' });
    const body = JSON.parse(
      new TextDecoder().decode(await world.objects.get(`default/runs/${runId}/run.json`)),
    );
    expect(body).toMatchObject({ run: { runId, status: 'KILLED' } });
  });
});

describe('describeFailure', () => {
  it('keeps the name and cause of an error that no stage recorded, without flooding the record', async () => {
    const run = await world.deps.runs.get('default', runId);
    const error = describeFailure(run, [], {
      outcome: 'failed',
      error: { Error: 'Runtime.Crash', Cause: 'y'.repeat(5000) },
    });
    expect(error).toMatchObject({ stage: 'plan', code: 'INTERNAL_ERROR' });
    expect(error.message).toContain('Runtime.Crash');
    expect(error.message.length).toBeLessThan(700);
  });
});
