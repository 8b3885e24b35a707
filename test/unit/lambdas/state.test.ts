import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fitsState, forStateMachine, MAX_ANSWER_BYTES } from '../../../lambdas/shared/state.ts';
import { BadDataError, TooLargeError, TransientError } from '../../../lib/errors/index.ts';
import { retryTransient } from '../../../lib/infra/state-machine/index.ts';
import { MAX_TRAIN_ITEMS } from '../../../lib/pipeline/training/limits.ts';
import { TransactionConflictError } from '../../../lib/store/errors.ts';
import { tinyHouses } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
vi.mock('../../../lambdas/shared/deps.ts', () => ({ pipelineDeps: async () => world.deps }));
beforeEach(() => {
  world = pipelineWorld([tinyHouses()]);
});

describe('an answer to the state machine', () => {
  it('passes as it is where it fits, to the byte', () => {
    const fits = 'x'.repeat(MAX_ANSWER_BYTES - 2);
    expect(fitsState(fits)).toBe(fits);
    expect(() => fitsState(`${fits}x`)).toThrow(TooLargeError);
  });

  it('counts bytes, not characters', () => {
    expect(() => fitsState('ñ'.repeat(MAX_ANSWER_BYTES / 2))).toThrow(/131074 bytes/);
  });

  it('may be nothing', () => {
    expect(fitsState(undefined)).toBeUndefined();
  });

  it('leaves room for what the state holds, and for the longest Map', () => {
    expect(2 * MAX_ANSWER_BYTES).toBeLessThanOrEqual(256 * 1024);
    const items = Array.from({ length: MAX_TRAIN_ITEMS }, (_, i) => ({ item: String(i) }));
    expect(fitsState({ items }).items).toHaveLength(MAX_TRAIN_ITEMS);
  });
});

describe('an error on its way to the state machine', () => {
  const retried = retryTransient.flatMap((retrier) => retrier.ErrorEquals);

  it('goes out under the name that is retried, whatever transient class it has', () => {
    const conflict = new TransactionConflictError('another transaction was at it');
    expect(retried).not.toContain(conflict.name);
    const seen = forStateMachine(conflict) as Error;
    expect(retried).toContain(seen.name);
    expect(seen.message).toBe('TransactionConflictError: another transaction was at it');
    expect(seen.cause).toBe(conflict);
  });

  it('is the same object where nothing is to change', () => {
    for (const error of [
      new TransientError('slow down'),
      new BadDataError('a row'),
      new TypeError('x'),
      'text',
    ])
      expect(forStateMachine(error)).toBe(error);
  });

  it('keeps its name and loses the end of a message that the state could not hold', () => {
    const seen = forStateMachine(new BadDataError('x'.repeat(300_000))) as Error;
    expect(seen.name).toBe('BadDataError');
    expect(retried).not.toContain(seen.name);
    expect(JSON.stringify([seen.message, seen.stack]).length).toBeLessThan(16_000);
  });

  it('is so changed by every function of the pipeline', async () => {
    vi.spyOn(world.deps.state, 'isPaused').mockRejectedValue(new TransactionConflictError('at it'));
    const { handler } = await import('../../../lambdas/start/handler.ts');
    const event = { workspace: 'default', pipeline: 'tiny-houses', eventId: 'e1', trigger: 'schedule' };
    await expect(handler(event, {} as Context)).rejects.toMatchObject({ name: 'TransientError' });
  });
});
