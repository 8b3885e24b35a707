import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidInputError, NotFoundError, TransientError } from '../../../../lib/errors/index.ts';
import {
  type BatchContext,
  type BatchWork,
  batchStage,
  readPlan,
} from '../../../../lib/pipeline/batch/batch-stage.ts';
import { BATCH_KIND, KIND_TAG } from '../../../../lib/pipeline/batch/types.ts';
import { hashOf } from '../../../../lib/pipeline/definition/index.ts';
import type { PipelineDeps } from '../../../../lib/pipeline/deps.ts';
import { MortalProcess } from '../../../support/killing.ts';
import { CrashError } from '../../../support/memory.ts';
import { type PipelineWorld, pipelineWorld } from '../../../support/pipeline.ts';

const WS = 'default';
const RUN = 'a'.repeat(32);
const KEY = hashOf('a chunk');
const RESULT = `${WS}/batches/${RUN}/chunks/00007.csv`;
const FAILURES = `${WS}/batches/${RUN}/chunks/00007.failures.jsonl`;
const chunk = { stage: 'predict', item: '7' } as const;
type Counts = { predicted: number };

let world: PipelineWorld;
let done: number;
beforeEach(async () => {
  world = pipelineWorld([], {}, { memoryMb: 1769 });
  done = 0;
  await makeRun(RUN, { [KIND_TAG]: BATCH_KIND });
});

const makeRun = (runId: string, tags: Record<string, string>, pipeline?: string) =>
  world.deps.runs.create(WS, {
    runId,
    experimentId: '0',
    name: 'one',
    status: 'RUNNING',
    trigger: 'caller',
    tags,
    pipeline,
  });
const input = (attempt = 1) => ({ workspace: WS, runId: RUN, attempt });
const put = (key: string, deps = world.deps) => deps.objects.put(key, 'x', { contentType: 'text/csv' });

/** A chunk's work: it leaves two objects. */
const work =
  (deps = world.deps, more: Partial<BatchWork<Counts>> = {}) =>
  async (): Promise<BatchWork<Counts>> => ({
    contentKey: KEY,
    promised: [RESULT, FAILURES],
    execute: async () => {
      done++;
      await put(FAILURES, deps);
      await put(RESULT, deps);
      return { predicted: 5 };
    },
    note: ({ predicted }) => `${predicted} rows predicted`,
    ...more,
  });
const run = (attempt = 1, more: Partial<BatchWork<Counts>> = {}, deps: PipelineDeps = world.deps) =>
  batchStage(deps, input(attempt), chunk, work(deps, more));
const record = () => world.deps.stages.find(WS, RUN, 'predict', '7');
const linesOf = async (attempt: number, name = 'predict-7') => {
  const bytes = await world.objects.get(`${WS}/runs/${RUN}/logs/${name}-${attempt}.jsonl`);
  return String(Buffer.from(bytes))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('a stage of a batch', () => {
  it('is recorded with its result, its key, its memory and its log', async () => {
    expect(await run()).toEqual({ predicted: 5 });
    expect(await record()).toEqual({
      runId: RUN,
      stage: 'predict',
      item: '7',
      status: 'DONE',
      attempt: 1,
      contentKey: KEY,
      memoryMb: 1769,
      outputs: { predicted: 5 },
      note: '5 rows predicted',
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(await linesOf(1)).toEqual([
      { time: '2026-01-01T00:00:00.000Z', level: 'info', message: '5 rows predicted' },
    ]);
    expect(world.objects.contentType(`${WS}/runs/${RUN}/logs/predict-7-1.jsonl`)).toBe(
      'application/x-ndjson',
    );
  });

  it('is RUNNING while it works, and knows its run', async () => {
    let seen: BatchContext | undefined;
    await batchStage(world.deps, input(), { stage: 'plan' }, async (context) => {
      seen = context;
      return (await work(world.deps, {
        execute: async () => {
          context.log.info('half of it');
          expect(await world.deps.stages.find(WS, RUN, 'plan')).toMatchObject({
            status: 'RUNNING',
            contentKey: KEY,
          });
          return { predicted: 1 };
        },
      })()) as BatchWork<Counts>;
    });
    expect(seen).toMatchObject({ workspace: WS, runId: RUN, run: { name: 'one', params: {} } });
    expect((await linesOf(1, 'plan')).map(({ message }) => message)).toEqual([
      'half of it',
      '1 rows predicted',
    ]);
  });

  it('is done once, however often it is called, and the repeat writes no record', async () => {
    await run();
    const before = await record();
    const { writes } = world.items;
    world.clock.advance(5_000);
    expect(await run()).toEqual({ predicted: 5 });
    expect([done, world.items.writes - writes]).toEqual([1, 0]);
    expect(await record()).toEqual(before);
    expect(await linesOf(1)).toMatchObject([{ message: 'done at attempt 1. 5 rows predicted' }]);
  });

  it('is skipped at the next attempts, and then by the one that skipped it', async () => {
    await run(1);
    world.clock.advance(60_000);
    expect(await run(2)).toEqual({ predicted: 5 });
    expect(await record()).toMatchObject({
      status: 'SKIPPED',
      attempt: 2,
      contentKey: KEY,
      outputs: { predicted: 5 },
      note: 'done at attempt 1. 5 rows predicted',
      startedAt: '2026-01-01T00:01:00.000Z',
    });
    await run(3);
    expect(await record()).toMatchObject({
      status: 'SKIPPED',
      attempt: 3,
      note: 'done at attempt 2. 5 rows predicted',
    });
    expect(done).toBe(1);
    // A call of an earlier attempt that comes late has the result, and changes nothing.
    expect(await run(2)).toEqual({ predicted: 5 });
    expect(await record()).toMatchObject({ attempt: 3 });
  });

  it.each([
    ['the first of its objects', () => world.objects.remove(RESULT)],
    ['the last', () => world.objects.remove(FAILURES)],
  ])('is done again where %s is gone', async (_, remove) => {
    await run(1);
    await remove();
    await run(2);
    expect([done, (await record())?.status]).toEqual([2, 'DONE']);
    expect(await world.objects.head(RESULT)).toBeDefined();
  });

  it('is done again where what it hangs on is another', async () => {
    await run(1);
    await run(1, { contentKey: hashOf('another file') });
    expect(done).toBe(2);
    expect(await record()).toMatchObject({ status: 'DONE', attempt: 1, contentKey: hashOf('another file') });
  });

  it('is not taken for done where it was only begun, or had failed', async () => {
    await world.deps.stages.start(WS, { runId: RUN, ...chunk, attempt: 1, contentKey: KEY });
    await put(RESULT);
    await put(FAILURES);
    await run(1);
    expect(done).toBe(1);
    const error = { code: 'X', message: 'm', remedy: 'r' };
    await world.deps.stages.start(WS, { runId: RUN, ...chunk, attempt: 2, contentKey: KEY });
    await world.deps.stages.fail(WS, { runId: RUN, ...chunk, attempt: 2, error });
    await run(2);
    expect([done, (await record())?.status]).toEqual([2, 'DONE']);
  });

  it('of another chunk is another', async () => {
    await run();
    await batchStage(world.deps, input(), { stage: 'predict', item: '8' }, work());
    expect(done).toBe(2);
    expect((await world.deps.stages.list(WS, RUN)).map(({ item, status }) => [item, status])).toEqual([
      ['7', 'DONE'],
      ['8', 'DONE'],
    ]);
  });
});

describe('a stage of a batch that fails', () => {
  it.each<[string, Error, Record<string, unknown>]>([
    [
      'of ours',
      new InvalidInputError('no rows', { field: 'uploadId', remedy: 'Upload some.' }),
      { code: 'INVALID_INPUT', message: 'no rows', remedy: 'Upload some.', field: 'uploadId' },
    ],
    ['to be retried', new TransientError('throttled'), { code: 'TRANSIENT', message: 'throttled' }],
    [
      'of no kind',
      new RangeError('inside'),
      { code: 'INTERNAL_ERROR', message: 'an unexpected error occurred' },
    ],
  ])('by an error %s throws it, and keeps it in record and log', async (_, error, body) => {
    const execute = () => Promise.reject(error);
    await expect(run(1, { execute })).rejects.toBe(error);
    const { code, message } = body;
    expect(await record()).toMatchObject({
      status: 'FAILED',
      attempt: 1,
      contentKey: KEY,
      error: body,
      outputs: {},
    });
    expect(await linesOf(1)).toMatchObject([{ level: 'error', code, message, remedy: expect.any(String) }]);
    // The next call does the work, at the same attempt or at the next.
    expect(await run(1)).toEqual({ predicted: 5 });
    expect(await record()).not.toHaveProperty('error');
  });

  it('before it knew its work is recorded, too', async () => {
    const error = new NotFoundError('no plan');
    await expect(batchStage(world.deps, input(), chunk, () => Promise.reject(error))).rejects.toBe(error);
    expect(await record()).toMatchObject({ status: 'FAILED', error: { code: 'NOT_FOUND' } });
  });

  it('throws its own error where neither record nor log can be written', async () => {
    const error = new InvalidInputError('no rows');
    const lost = new Error('S3 is away');
    vi.spyOn(world.deps.stages, 'fail').mockRejectedValue(lost);
    vi.spyOn(world.objects, 'put').mockRejectedValue(lost);
    await expect(run(1, { execute: () => Promise.reject(error) })).rejects.toBe(error);
  });

  it('for its log alone does not fail', async () => {
    const { put: real } = world.objects;
    vi.spyOn(world.objects, 'put').mockImplementation((key, ...rest) =>
      key.includes('/logs/')
        ? Promise.reject(new Error('S3 is away'))
        : real.call(world.objects, key, ...rest),
    );
    expect(await run()).toEqual({ predicted: 5 });
    expect((await record())?.status).toBe('DONE');
  });
});

describe('a run whose batch must not go on', () => {
  it.each([
    ['was cancelled', () => world.deps.runs.requestCancel(WS, RUN), /was cancelled/],
    [
      'has failed',
      () => world.deps.runs.finish(WS, RUN, { status: 'FAILED' }),
      /has ended already \(FAILED\)/,
    ],
    ['has ended well', () => world.deps.runs.finish(WS, RUN, { status: 'FINISHED' }), /\(FINISHED\)/],
  ])('as it %s, before the work', async (_, end, message) => {
    await end();
    await expect(run()).rejects.toMatchObject({ code: 'CANCELLED', message: expect.stringMatching(message) });
    expect(done).toBe(0);
    expect(await record()).toMatchObject({ status: 'FAILED', error: { code: 'CANCELLED' } });
  });

  it('as it was cancelled during the work, has no result of it', async () => {
    const execute = async () => {
      await world.deps.runs.requestCancel(WS, RUN);
      return { predicted: 5 };
    };
    await expect(run(1, { execute })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await record()).toMatchObject({ status: 'FAILED', outputs: {} });
  });

  it('keeps what was done before it ended', async () => {
    await run();
    await world.deps.runs.finish(WS, RUN, { status: 'KILLED' });
    await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await record()).toMatchObject({ status: 'DONE', outputs: { predicted: 5 } });
  });

  it('as it is of a pipeline, is refused and has nothing written into it', async () => {
    const runId = 'b'.repeat(32);
    await makeRun(runId, {}, 'houses');
    const { writes } = world.items;
    const call = batchStage(world.deps, { ...input(), runId }, chunk, work());
    await expect(call).rejects.toMatchObject({ code: 'NOT_A_BATCH', status: 404 });
    const none = batchStage(world.deps, { ...input(), runId: 'c'.repeat(32) }, chunk, work());
    await expect(none).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const foreign = batchStage(world.deps, { ...input(), workspace: 'other' }, chunk, work());
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([world.items.writes - writes, world.objects.keys(), done]).toEqual([0, [], 0]);
  });
});

describe('two calls at work on one chunk', () => {
  /** As where the answer of a function that goes on was lost, and Step Functions calls it again. */
  async function overlapping(end: () => Promise<Counts>) {
    let goOn = () => {};
    const waits = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let begun = () => {};
    const begins = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = run(1, {
      execute: async () => {
        begun();
        await waits;
        return end();
      },
    });
    await begins;
    expect(await run()).toEqual({ predicted: 5 });
    goOn();
    return first;
  }

  it('have one result', async () => {
    expect(await overlapping(async () => ({ predicted: 5 }))).toEqual({ predicted: 5 });
    expect(await record()).toMatchObject({ status: 'DONE', outputs: { predicted: 5 } });
  });

  it('have the result of the one that was done, where the other fails after it', async () => {
    const error = new TransientError('throttled');
    await expect(overlapping(() => Promise.reject(error))).rejects.toBe(error);
    expect(await record()).toMatchObject({ status: 'DONE', outputs: { predicted: 5 } });
    expect(await record()).not.toHaveProperty('error');
  });
});

describe('a stage of a batch that is killed at any write', () => {
  it('is whole after the next call, at the same attempt or the next', async () => {
    for (const next of [1, 2]) {
      for (const mode of ['before', 'after'] as const) {
        // The start, two objects, the end, the log.
        for (let at = 1; at <= 5; at++) {
          world = pipelineWorld([]);
          await makeRun(RUN, { [KIND_TAG]: BATCH_KIND });
          const process = new MortalProcess({ at, mode });
          const dying = process.over(world);
          await expect(process.call(() => run(1, {}, dying))).rejects.toThrow(CrashError);
          expect(await run(next)).toEqual({ predicted: 5 });
          const found = await record();
          expect([found?.outputs, found?.attempt], `${mode} ${at}`).toEqual([{ predicted: 5 }, next]);
          expect(['DONE', 'SKIPPED']).toContain(found?.status);
          expect(await linesOf(next)).toHaveLength(1);
        }
      }
    }
  });
});

describe('the plan of a batch', () => {
  const key = `${WS}/batches/${RUN}/plan.json`;
  const plan = {
    format: 'csv',
    input: { key: 'k', sha256: 's', bytes: 9, etag: 'e' },
    model: { name: 'm', version: '1', key: 'k', sha256: 's' },
    rows: 1,
    header: ['a'],
    added: ['prediction'],
    csv: { delimiter: ',', endOfLine: '\n', headerText: 'a' },
    chunks: [{ id: '00000', start: 2, end: 4, rows: 1, firstRow: 0, line: 2 }],
  };
  const store = (value: unknown) =>
    world.objects.put(key, JSON.stringify(value), { contentType: 'application/json' });

  it('is read as it was written', async () => {
    await store(plan);
    expect(await readPlan(world.deps, WS, RUN)).toEqual(plan);
  });

  it('is not there before it is made', async () => {
    await expect(readPlan(world.deps, WS, RUN)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['without a column for the prediction', { ...plan, added: [] }],
    ['with a chunk of another name', { ...plan, chunks: [{ ...plan.chunks[0], id: '0' }] }],
    ['with rows that are no count', { ...plan, rows: -1 }],
    ['of another format', { ...plan, format: 'xml' }],
  ])('%s is none', async (_, value) => {
    await store(value);
    await expect(readPlan(world.deps, WS, RUN)).rejects.toThrow();
  });
});
