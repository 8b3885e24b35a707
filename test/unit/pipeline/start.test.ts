import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import {
  cancelRun,
  closeRun,
  RunInProgressError,
  retryRun,
  runIdOf,
  startRun,
} from '../../../lib/pipeline/control/index.ts';
import { tinyHouses } from '../../support/definitions.ts';
import { MortalProcess } from '../../support/killing.ts';
import { CrashError } from '../../support/memory.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
beforeEach(() => {
  world = pipelineWorld([tinyHouses()]);
});

const byCaller = (identity?: string) => ({ trigger: 'caller' as const, actor: 'test', identity });
const bySchedule = (identity: string) => ({ trigger: 'schedule' as const, actor: 'schedule', identity });
const start = (options: Parameters<typeof startRun>[3] = byCaller()) =>
  startRun(world.deps, 'default', 'tiny-houses', options);
const finish = (runId: string) =>
  closeRun(
    world.deps,
    { workspace: 'default', runId, attempt: 1 },
    { outcome: 'failed', error: { Error: 'x' } },
  );

describe('the identity of a run', () => {
  it('gives the same id for the same workspace, pipeline and identity, and for nothing else', () => {
    expect(runIdOf('a', 'p', 'k')).toMatch(/^[0-9a-f]{32}$/);
    expect(runIdOf('a', 'p', 'k')).toBe(runIdOf('a', 'p', 'k'));
    const ids = [
      runIdOf('a', 'p', 'k'),
      runIdOf('b', 'p', 'k'),
      runIdOf('a', 'q', 'k'),
      runIdOf('a', 'p', 'l'),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(runIdOf('a', 'p', undefined)).not.toBe(runIdOf('a', 'p', undefined));
  });

  it('names the execution by the run, and starts it once however often it is asked', async () => {
    const first = await start(byCaller('key-1'));
    const again = await start(byCaller('key-1'));
    expect(first).toMatchObject({ created: true, status: 'RUNNING', attempt: 1, pipeline: 'tiny-houses' });
    expect(again).toMatchObject({ created: false, runId: first.runId });
    expect((await world.deps.executions.describe(first.runId))?.status).toBe('RUNNING');
  });

  it('is one run for callers who come at once, and one of them made it', async () => {
    const started = await Promise.all(Array.from({ length: 5 }, () => start(byCaller('key-1'))));
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(1);
    expect(started.filter(({ created }) => created)).toHaveLength(1);
  });

  it('returns the ended run for an identity that was used', async () => {
    const first = await start(byCaller('key-1'));
    await finish(first.runId);
    expect(await start(byCaller('key-1'))).toMatchObject({
      runId: first.runId,
      status: 'FAILED',
      created: false,
    });
  });

  it('completes a start that crashed before its execution', async () => {
    const crash = world.deps.executions.start;
    world.deps.executions.start = async () => {
      throw new Error('crash');
    };
    await expect(start(byCaller('key-2'))).rejects.toThrow('crash');
    world.deps.executions.start = crash;
    const again = await start(byCaller('key-2'));
    expect((await world.deps.executions.describe(again.runId))?.status).toBe('RUNNING');
  });
});

describe('one run of a pipeline at a time', () => {
  it('refuses another caller with the id of the run in progress, and writes no run', async () => {
    const first = await start();
    const error = await start().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RunInProgressError);
    expect(error).toMatchObject({ code: 'RUN_IN_PROGRESS', status: 409, details: { runId: first.runId } });
    expect((await world.deps.runs.list('default')).items).toHaveLength(1);
  });

  it('queues a schedule, in order, and starts the next when one ends', async () => {
    const first = await start();
    const second = await start(bySchedule('e2'));
    const third = await start(bySchedule('e3'));
    expect([second.status, third.status]).toEqual(['SCHEDULED', 'SCHEDULED']);
    await finish(first.runId);
    expect((await world.deps.runs.get('default', second.runId)).status).toBe('RUNNING');
    expect((await world.deps.runs.get('default', third.runId)).status).toBe('SCHEDULED');
    await finish(second.runId);
    expect((await world.deps.runs.get('default', third.runId)).status).toBe('RUNNING');
    expect(await world.deps.executions.describe(third.runId)).toMatchObject({ status: 'RUNNING' });
  });

  it('starts a queued run whose wake-up was lost', async () => {
    const first = await start();
    const enqueue = world.deps.state.enqueue.bind(world.deps.state);
    world.deps.state.enqueue = async (...args) => {
      await finish(first.runId);
      return enqueue(...args);
    };
    const second = await start(bySchedule('e2'));
    expect(second.status).toBe('RUNNING');
  });

  it('queues a run whose start crashed between its record and the queue, when its event comes again', async () => {
    const first = await start();
    const { enqueue } = world.deps.state;
    world.deps.state.enqueue = async () => {
      throw new Error('crash');
    };
    await expect(start(bySchedule('e2'))).rejects.toThrow('crash');
    world.deps.state.enqueue = enqueue;
    const again = await start(bySchedule('e2'));
    expect(again).toMatchObject({ created: false, status: 'SCHEDULED' });
    await start(bySchedule('e2'));
    const waiting = await world.deps.state.queue('default', 'tiny-houses');
    expect(waiting.map(({ runId }) => runId)).toEqual([again.runId]);
    await finish(first.runId);
    expect((await world.deps.runs.get('default', again.runId)).status).toBe('RUNNING');
    expect(await world.deps.state.queue('default', 'tiny-houses')).toEqual([]);
  });

  it('starts such a run at once where the pipeline is free by then', async () => {
    const first = await start();
    const { enqueue } = world.deps.state;
    world.deps.state.enqueue = async () => {
      throw new Error('crash');
    };
    await expect(start(bySchedule('e2'))).rejects.toThrow('crash');
    world.deps.state.enqueue = enqueue;
    await finish(first.runId);
    const again = await start(bySchedule('e2'));
    expect(again).toMatchObject({ created: false, status: 'RUNNING' });
    expect(await world.deps.executions.describe(again.runId)).toMatchObject({ status: 'RUNNING' });
  });

  it('is free again after a run ended', async () => {
    const first = await start();
    await finish(first.runId);
    expect(await start()).toMatchObject({ created: true, status: 'RUNNING' });
  });
});

describe('bad starts', () => {
  it('names the pipelines there are when one is unknown', async () => {
    const error = await startRun(world.deps, 'default', 'hosing', byCaller()).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(NotFoundError);
    expect((error as NotFoundError).remedy).toContain('tiny-houses');
  });

  it('refuses from after to, and plan as a bound', async () => {
    await expect(start({ ...byCaller(), from: 'train', to: 'clean' })).rejects.toBeInstanceOf(
      InvalidInputError,
    );
    await expect(start({ ...byCaller(), from: 'plan' })).rejects.toMatchObject({ field: 'from' });
    expect((await world.deps.runs.list('default')).items).toHaveLength(0);
  });
});

describe('cancel and retry', () => {
  it('kills the run, stops its execution and frees the pipeline', async () => {
    const { runId } = await start();
    const run = await cancelRun(world.deps, 'default', runId);
    expect(run).toMatchObject({ status: 'KILLED', error: { code: 'CANCELLED' } });
    expect((await world.deps.executions.describe(runId))?.status).toBe('ABORTED');
    expect(await start()).toMatchObject({ created: true });
  });

  it('takes a queued run out of the queue', async () => {
    const first = await start();
    const queued = await start(bySchedule('e2'));
    expect((await cancelRun(world.deps, 'default', queued.runId)).status).toBe('KILLED');
    await finish(first.runId);
    expect((await world.deps.runs.get('default', queued.runId)).status).toBe('KILLED');
    expect(await world.deps.state.holder('default', 'tiny-houses')).toBeUndefined();
  });

  it('refuses to cancel a run that has ended', async () => {
    const { runId } = await start();
    await finish(runId);
    await expect(cancelRun(world.deps, 'default', runId)).rejects.toMatchObject({ status: 409 });
  });

  it('retries a failed run as its next attempt, under an execution of its own', async () => {
    const { runId } = await start();
    await expect(retryRun(world.deps, 'default', runId)).rejects.toMatchObject({ status: 409 });
    await finish(runId);
    expect(await retryRun(world.deps, 'default', runId)).toMatchObject({
      runId,
      attempt: 2,
      status: 'RUNNING',
    });
    expect(await world.deps.executions.describe(`${runId}-2`)).toMatchObject({ status: 'RUNNING' });
  });

  it('starts on a repeat what a retry that was cut off left without an execution', async () => {
    const { runId } = await start();
    await finish(runId);
    for (const stop of [1, 2, 3]) {
      // The lock, the record, the execution.
      const dying = new MortalProcess({ at: stop, mode: 'before' });
      await expect(dying.call(() => retryRun(dying.over(world), 'default', runId))).rejects.toThrow(
        CrashError,
      );
      expect(await world.deps.executions.describe(`${runId}-${stop + 1}`)).toBeUndefined();
      const again = await retryRun(world.deps, 'default', runId);
      expect(again).toMatchObject({ runId, attempt: stop + 1, status: 'RUNNING' });
      expect(world.executions.all.get(`${runId}-${stop + 1}`)).toMatchObject({
        status: 'RUNNING',
        input: JSON.stringify({ workspace: 'default', runId, attempt: stop + 1, pipeline: 'tiny-houses' }),
      });
      expect(await world.deps.state.holder('default', 'tiny-houses')).toBe(runId);
      await expect(retryRun(world.deps, 'default', runId)).rejects.toMatchObject({ status: 409 });
      await closeRun(world.deps, { workspace: 'default', runId, attempt: stop + 1 }, { outcome: 'failed' });
    }
  });

  it('does not retry while another run of the pipeline is in progress', async () => {
    const { runId } = await start();
    await finish(runId);
    await start();
    await expect(retryRun(world.deps, 'default', runId)).rejects.toBeInstanceOf(RunInProgressError);
  });

  it('never touches a run of another workspace', async () => {
    const { runId } = await start();
    await expect(cancelRun(world.deps, 'other', runId)).rejects.toBeInstanceOf(NotFoundError);
    expect((await world.deps.runs.get('default', runId)).status).toBe('RUNNING');
  });
});
