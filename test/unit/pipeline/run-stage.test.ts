import { beforeEach, describe, expect, it } from 'vitest';
import { BadDataError, CancelledError, TransientError } from '../../../lib/errors/index.ts';
import { startRun } from '../../../lib/pipeline/control/index.ts';
import {
  contentKey,
  MissingStageError,
  outputsOf,
  type PreparedStage,
  runStage,
  type StageDefinition,
} from '../../../lib/pipeline/run-stage.ts';
import { StageLog } from '../../../lib/pipeline/stage-log.ts';
import { tinyHouses } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
let runId: string;
const begin = async (identity: string, force = false) => {
  const started = await startRun(world.deps, 'default', 'tiny-houses', {
    trigger: 'caller',
    actor: 'test',
    identity,
    force,
  });
  return started.runId;
};
const end = async (id: string) => {
  await world.deps.runs.finish('default', id, { status: 'FINISHED' });
};
beforeEach(async () => {
  world = pipelineWorld([tinyHouses()]);
  runId = await begin('first');
});

type Answer = { answer: number };
/** A stage that counts how often it really works. */
function counting(overrides: Partial<PreparedStage<Answer>> = {}) {
  const calls = { execute: 0, publish: 0 };
  const definition: StageDefinition<Answer> = {
    stage: 'clean',
    prepare: async () => ({
      inputs: { rows: 3 },
      execute: async () => {
        calls.execute += 1;
        return { answer: 42 };
      },
      promised: () => [],
      publish: async () => {
        calls.publish += 1;
      },
      note: ({ answer }) => `answer ${answer}`,
      ...overrides,
    }),
  };
  return { definition, calls };
}
const run = (definition: StageDefinition<Answer>, id = runId, deps = world.deps) =>
  runStage(deps, definition, { workspace: 'default', runId: id, attempt: 1 });
const record = async (id = runId) => (await world.deps.stages.list('default', id))[0];

describe('contentKey', () => {
  it('depends on stage, code and inputs, and not on the order of members', () => {
    const key = contentKey('clean', 'v1', { a: 1, b: 2 });
    expect(contentKey('clean', 'v1', { b: 2, a: 1 })).toBe(key);
    expect(contentKey('train', 'v1', { a: 1, b: 2 })).not.toBe(key);
    expect(contentKey('clean', 'v2', { a: 1, b: 2 })).not.toBe(key);
    expect(contentKey('clean', 'v1', { a: 1, b: 3 })).not.toBe(key);
  });
});

describe('runStage', () => {
  it('does the work once, and skips it in a later run with the same inputs', async () => {
    const { definition, calls } = counting();
    await run(definition);
    await end(runId);
    const second = await begin('second');
    expect(await run(definition, second)).toEqual({ answer: 42 });
    expect(calls).toEqual({ execute: 1, publish: 2 });
    expect(await record(second)).toMatchObject({ status: 'SKIPPED', outputs: { answer: 42 } });
  });

  it('works again when the run is forced', async () => {
    const { definition, calls } = counting();
    await run(definition);
    await end(runId);
    await run(definition, await begin('second', true));
    expect(calls.execute).toBe(2);
  });

  it('works again when what the result promises is gone', async () => {
    const { definition, calls } = counting({ promised: () => ['default/clean/gone.parquet'] });
    await run(definition);
    await end(runId);
    await run(definition, await begin('second'));
    expect(calls.execute).toBe(2);
  });

  it('never skips a stage without inputs', async () => {
    const { definition, calls } = counting({ inputs: undefined });
    await run(definition);
    await run(definition);
    expect(calls.execute).toBe(2);
  });

  it('records the error of a stage and throws it as it was, its name for Step Functions', async () => {
    const error = new BadDataError('column age is empty');
    const { definition } = counting({ execute: async () => Promise.reject(error) });
    await expect(run(definition)).rejects.toBe(error);
    expect(error.name).toBe('BadDataError');
    expect(await record()).toMatchObject({
      status: 'FAILED',
      error: { code: 'BAD_DATA', message: 'column age is empty' },
    });
    const log = new TextDecoder().decode(await world.objects.get(`default/runs/${runId}/logs/clean-1.jsonl`));
    expect(log).toContain('column age is empty');
  });

  it('lets a transient error through under the one name that is retried, and succeeds on the retry', async () => {
    let tries = 0;
    const { definition } = counting({
      execute: async () => {
        tries += 1;
        if (tries === 1) throw new TransientError('throttled');
        return { answer: 1 };
      },
    });
    await expect(run(definition)).rejects.toMatchObject({ name: 'TransientError', transient: true });
    await run(definition);
    expect(await record()).toMatchObject({ status: 'DONE', outputs: { answer: 1 } });
  });

  it('tells nothing of an unexpected error but that it happened; the log has the stack', async () => {
    const { definition } = counting({
      execute: async () => Promise.reject(new Error('password=hunter2 at db')),
    });
    await expect(run(definition)).rejects.toThrow();
    const found = await record();
    expect(found?.error?.code).toBe('INTERNAL_ERROR');
    expect(JSON.stringify(found?.error)).not.toContain('hunter2');
  });

  it('writes no result when the run was cancelled meanwhile', async () => {
    const { definition, calls } = counting({
      execute: async () => {
        await world.deps.runs.requestCancel('default', runId);
        return { answer: 0 };
      },
    });
    await expect(run(definition)).rejects.toBeInstanceOf(CancelledError);
    expect(calls.publish).toBe(0);
    expect(await world.deps.state.getLast('default', 'tiny-houses', 'clean')).toBeUndefined();
  });

  it('does not start for a run that has ended', async () => {
    await end(runId);
    const { definition, calls } = counting();
    await expect(run(definition)).rejects.toBeInstanceOf(CancelledError);
    expect(calls.execute).toBe(0);
  });

  it('hands the record to the stage that follows', async () => {
    await run(counting().definition);
    const next: StageDefinition<Answer> = {
      stage: 'train',
      prepare: async (context) => {
        const { answer } = await outputsOf<Answer>(context, 'clean');
        await expect(outputsOf(context, 'ingest')).rejects.toBeInstanceOf(MissingStageError);
        return {
          inputs: undefined,
          execute: async () => ({ answer: answer + 1 }),
          promised: () => [],
          note: () => 'next',
        };
      },
    };
    expect(await run(next)).toEqual({ answer: 43 });
  });
});

describe('StageLog', () => {
  it('keeps each line with time, level and facts, and passes it on at once', () => {
    const passed: unknown[] = [];
    const log = new StageLog(
      { runId: 'r' },
      () => new Date(0),
      (line) => passed.push(line),
    );
    log.info('begins', { rows: 3 });
    log.error('ends');
    expect(log.text()).toBe(
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"begins","rows":3}\n' +
        '{"time":"1970-01-01T00:00:00.000Z","level":"error","message":"ends"}\n',
    );
    expect(passed).toHaveLength(2);
  });
});
