import { beforeAll, describe, expect, it } from 'vitest';
import { predictRows, readModelFile } from '../../lib/learn/index.ts';
import { joinBatch } from '../../lib/pipeline/batch/join.ts';
import { planBatch } from '../../lib/pipeline/batch/plan.ts';
import { predictChunk } from '../../lib/pipeline/batch/predict-chunk.ts';
import { type StartedBatch, startBatch } from '../../lib/pipeline/batch/start.ts';
import { batchStatus } from '../../lib/pipeline/batch/status.ts';
import type { RowFailure } from '../../lib/pipeline/batch/types.ts';
import { cancelRun, retryRun } from '../../lib/pipeline/control/cancel.ts';
import { closeRun, type Outcome } from '../../lib/pipeline/control/close.ts';
import { executionName } from '../../lib/pipeline/control/start.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import { readParquet, tableToRows, writeParquet } from '../../lib/table/index.ts';
import { NotRetryableError } from '../../lib/tracking/errors.ts';
import { serveModel, sha256Of } from '../support/batch.ts';
import { MortalProcess } from '../support/killing.ts';
import { CrashError, type Fault } from '../support/memory.ts';
import { type PipelineWorld, pipelineWorld } from '../support/pipeline.ts';
import { houseFile } from '../unit/learn/model-fixture.ts';

/**
 * Kills the process of a batch prediction at its n-th write, for every n, before the write or after it: in S3, in DynamoDB, at the
 * start of an execution, at an event. What follows is what follows on AWS. However it was interrupted, the file that
 * comes of it has every row once.
 */
const WS = 'default';
const MODEL = 'houses';
const ROWS = 24;
const SIZES = { rows: 8 };
/** Of the rows, from 0: one in the first chunk, two in the second, one in the third. */
const WRONG = [2, 9, 10, 23];
type Format = 'csv' | 'parquet';

const rowOf = (i: number) => ({
  id: `id ${i}`,
  area: WRONG.includes(i) ? -1 - i : 40 + i,
  rooms: 1 + (i % 5),
  quarter: ['north', 'south', 'harbour'][i % 3]!,
  age: i % 7,
});
const rows = Array.from({ length: ROWS }, (_, i) => rowOf(i));
const linesOf = (some: readonly ReturnType<typeof rowOf>[]) =>
  some.map((row) => Object.values(row).join(','));

function fileOf(format: Format): Uint8Array {
  if (format === 'csv') return Buffer.from(`id,area,rooms,quarter,age\n${linesOf(rows).join('\n')}\n`);
  const number = (name: 'area' | 'rooms' | 'age', kind: 'number' | 'integer') =>
    ({ name, kind, values: Float64Array.from(rows, (row) => row[name]) }) as const;
  const categories = ['north', 'south', 'harbour'];
  return writeParquet({
    rowCount: ROWS,
    columns: [
      { name: 'id', kind: 'text', categories: rows.map(({ id }) => id), codes: Int32Array.from(rows.keys()) },
      number('area', 'number'),
      number('rooms', 'integer'),
      { name: 'quarter', kind: 'category', categories, codes: Int32Array.from(rows, (_, i) => i % 3) },
      number('age', 'integer'),
    ],
  });
}

let model: Uint8Array;
beforeAll(async () => {
  model = await houseFile();
});

interface Batch {
  world: PipelineWorld;
  process: MortalProcess;
  deps: PipelineDeps;
  format: Format;
  /** `POST /models/houses/batch-predictions`, of the same upload each time. */
  ask(deps?: PipelineDeps): Promise<StartedBatch>;
}

/** A model in service and an uploaded file; nothing was asked yet. */
async function batchOf(format: Format, ...orders: Fault[]): Promise<Batch> {
  const world = pipelineWorld([]);
  await serveModel(world.deps, MODEL, model, 'regression');
  const bytes = fileOf(format);
  const uploadId = 'b'.repeat(32);
  await world.objects.put(`${WS}/uploads/${uploadId}`, bytes, { contentType: 'application/octet-stream' });
  const process = new MortalProcess(...orders);
  const deps = process.over(world);
  const file = { name: `rows.${format}`, bytes: bytes.length, sha256: sha256Of(bytes) };
  const request = { model: MODEL, uploadId, file, format, actor: 'test' };
  const ask = (by = deps) => startBatch(by, WS, request);
  return { world, process, deps, format, ask };
}

/** What follows the end of a process: the same step again, or the failure of the run, which somebody has go on. */
type Policy = 'step again' | 'failed, then retried' | 'failed, then asked for again';
const POLICIES: Policy[] = ['step again', 'failed, then retried', 'failed, then asked for again'];

/** One execution of the state machine. */
async function execution(batch: Batch, runId: string, attempt: number, policy: Policy): Promise<void> {
  const { deps, process, world } = batch;
  const name = executionName(runId, attempt);
  expect((await world.executions.describe(name))?.status, `execution ${name}`).toBe('RUNNING');
  const input = { workspace: WS, runId, attempt };
  // `Lambda.ServiceException` is in the states' Retry, `Runtime.ExitError` is not.
  const call: MortalProcess['call'] = (step) =>
    policy === 'step again' ? process.again(step) : process.call(step);
  const close = (outcome: Outcome) => call(() => closeRun(deps, input, outcome));
  let stage = 'plan';
  try {
    const { list } = await call(() => planBatch(deps, input, SIZES));
    stage = 'predict';
    const items = JSON.parse(String(Buffer.from(await world.objects.get(list)))) as { chunk: string }[];
    for (const { chunk } of items) await call(() => predictChunk(deps, { ...input, chunk }));
    stage = 'join';
    await call(() => joinBatch(deps, input));
    stage = 'close';
    await close({ outcome: 'finished' });
    world.executions.end(name, 'SUCCEEDED');
  } catch (error) {
    if (!(error instanceof CrashError)) throw error;
    const caught = { Error: 'Runtime.ExitError', Cause: '{"errorMessage":"signal: killed"}' };
    await close({ outcome: 'failed', stage, error: caught }).catch(() => undefined);
    world.executions.end(name, 'FAILED');
    await statusChange(batch, runId, attempt);
  }
}

/** EventBridge tells of an execution that failed, until it is taken. */
const statusChange = ({ deps, process }: Batch, runId: string, attempt: number) =>
  process.again(() => closeRun(deps, { workspace: WS, runId, attempt }, { outcome: 'failed' }));

/** From the request to the end; gives the run's id. */
async function through(batch: Batch, policy: Policy): Promise<string> {
  const { deps, process, world } = batch;
  const { runId } = await process.again(() => batch.ask());
  for (;;) {
    const { attempt } = await world.deps.runs.get(WS, runId);
    await execution(batch, runId, attempt, policy);
    const run = await world.deps.runs.get(WS, runId);
    if (run.status === 'FINISHED') {
      // The word on an earlier attempt may be late.
      if (attempt > 1) await statusChange(batch, runId, attempt - 1);
      return runId;
    }
    expect(run.status).toBe('FAILED');
    expect((await batchStatus(world.deps, WS, MODEL, runId)).result).toBeUndefined();
    if (policy === 'failed, then asked for again') {
      expect(await process.again(() => batch.ask())).toMatchObject({
        runId,
        created: false,
        status: 'RUNNING',
      });
    } else await process.again(() => retried(deps, runId, attempt));
  }
}

/** `POST /runs/RUN/retry`: whose answer was lost is told that the run is at its next attempt. */
async function retried(deps: PipelineDeps, runId: string, attempt: number): Promise<void> {
  await retryRun(deps, WS, runId).catch((error: unknown) => {
    if (!(error instanceof NotRetryableError)) throw error;
    expect(error.message).toBe(`run ${runId} is RUNNING at attempt ${attempt + 1}`);
  });
}

/** All that a reader finds afterwards. */
async function found({ world, format, ask }: Batch, runId: string) {
  const { deps, objects, executions, events } = world;
  const at = `${WS}/batches/${runId}/`;
  const result = await objects.get(`${at}predictions.${format}`);
  const failures = String(Buffer.from(await objects.get(`${at}failures.jsonl`)));
  const { result: link, failures: other, attempt: _, ...status } = await batchStatus(deps, WS, MODEL, runId);
  const artifacts = await deps.runs.listArtifacts(WS, runId);
  const run = await deps.runs.get(WS, runId);
  const started = executions.all.size;
  const again = await ask(deps);
  return {
    result: format === 'csv' ? String(Buffer.from(result)) : tableToRows(await readParquet(result)),
    failures: failures
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { row, code, field } = JSON.parse(line) as RowFailure;
        return [row, code, field];
      }),
    status,
    links: [link, other].map((one) => [one?.fileName, one?.bytes, one?.sha256]),
    hashes: [result, Buffer.from(failures)].map((bytes) => [bytes.length, sha256Of(bytes)]),
    objects: objects.keys().filter((key) => key.startsWith(at)),
    artifacts: artifacts.map(({ path, size, sha256 }) => [path, size, sha256]),
    tags: Object.fromEntries(Object.entries(run.tags).filter(([name]) => name.startsWith('batch.'))),
    runs: (await deps.runs.list(WS)).items.length,
    isOpen: [...executions.all.values()].some(({ status }) => status === 'RUNNING'),
    again: { ...again, attempt: again.attempt === run.attempt },
    startedAgain: executions.all.size - started,
    // At least once: a kill between the bus and its note in the record says it twice.
    finished: [...new Set(events.events.map(({ detailType }) => detailType))].includes('Run Finished'),
  };
}

/** By hand, not by an undisturbed run: that could be wrong too. */
function expected(format: Format, runId: string) {
  const good = rows.filter((_, i) => !WRONG.includes(i));
  const inputs = good.map(({ id: _, ...row }) => row);
  const { predictions } = predictRows(readModelFile(model), inputs);
  const answers = predictions.map(({ prediction }) => prediction);
  const at = `${WS}/batches/${runId}/`;
  const chunks = ['00000', '00001', '00002'].flatMap((id) => [
    `${at}chunks/${id}.${format}`,
    `${at}chunks/${id}.failures.jsonl`,
  ]);
  const own = ['chunks.json', 'failures.jsonl', 'plan.json', `predictions.${format}`].map((one) => at + one);
  return {
    result:
      format === 'csv'
        ? `id,area,rooms,quarter,age,prediction\n${linesOf(good)
            .map((line, i) => `${line},${answers[i]}\n`)
            .join('')}`
        : good.map((row, i) => ({ ...row, prediction: answers[i] })),
    failures: WRONG.map((i) => [i + 1, 'INVALID_INPUT', 'area']),
    status: {
      runId,
      model: MODEL,
      version: '1',
      status: 'FINISHED',
      format,
      fileName: `rows.${format}`,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
      rows: 24,
      predicted: 20,
      failed: 4,
      warnings: 0,
      chunks: { done: 3, total: 3 },
    },
    objects: [...chunks, ...own].sort(),
    tags: {
      'batch.rows': '24',
      'batch.chunks': '3',
      'batch.predicted': '20',
      'batch.failed': '4',
      'batch.uploadId': 'b'.repeat(32),
    },
    runs: 1,
    isOpen: false,
    again: { runId, model: MODEL, version: '1', status: 'FINISHED', attempt: true, created: false },
    startedAgain: 0,
    finished: true,
  };
}

async function expectWhole(batch: Batch, runId: string, how: string): Promise<void> {
  const is = await found(batch, runId);
  expect(is, how).toMatchObject(expected(batch.format, runId));
  const [result, failures] = is.hashes;
  expect(is.links, how).toEqual([
    [`rows.predictions.${batch.format}`, ...result!],
    ['rows.failures.jsonl', ...failures!],
  ]);
  expect(is.artifacts, how).toEqual([
    ['failures.jsonl', ...failures!],
    [`predictions.${batch.format}`, ...result!],
  ]);
}

const MODES = ['before', 'after'] as const;

describe.each(['csv', 'parquet'] as const)('a batch prediction of a %s file', (format) => {
  it.each(POLICIES)('is whole whichever write it was killed at; %s', async (policy) => {
    const calm = await batchOf(format);
    await expectWhole(calm, await through(calm, policy), 'undisturbed');
    const { writes, told } = calm.process;
    // The start 2, the plan 7, each chunk 5, the join 8, the close 4.
    expect(writes).toBe(2 + 7 + 3 * 5 + 8 + 4);
    for (let at = 1; at <= writes; at++) {
      for (const mode of MODES) {
        const batch = await batchOf(format, { at, mode });
        const runId = await through(batch, policy);
        await expectWhole(batch, runId, `killed ${mode} write ${at}, ${told[at - 1]}`);
      }
    }
  });
});

describe('a batch prediction that was killed while it predicted', () => {
  /** In the second chunk: its failures are written, its predictions are not. */
  const first = { at: 2 + 7 + 5 + 3, mode: 'before' } as const;

  it.each(POLICIES.slice(1))(
    'is whole whichever write of its end and its next attempt it is killed at; %s',
    async (policy) => {
      const once = await batchOf('csv', first);
      await expectWhole(once, await through(once, policy), 'killed once');
      const rest = once.process.writes - first.at;
      expect(rest).toBeGreaterThan(20);
      for (let at = 1; at <= rest; at++) {
        for (const mode of MODES) {
          const batch = await batchOf('csv', first, { at, mode });
          const runId = await through(batch, policy);
          await expectWhole(
            batch,
            runId,
            `killed again ${mode} write ${at}, ${once.process.told[first.at + at - 1]}`,
          );
        }
      }
    },
  );
});

describe('a batch prediction that is killed again and again', () => {
  it.each(POLICIES)('each time some writes later, is whole; %s', async (policy) => {
    for (const start of [1, 2, 3]) {
      const orders = Array.from({ length: 14 }, (_, i) => ({ at: start + i, mode: MODES[i % 2]! }));
      const batch = await batchOf('csv', ...orders);
      const runId = await through(batch, policy);
      await expectWhole(batch, runId, `from write ${start} on`);
    }
  });

  it('after a cancel that was killed at any write, is whole', async () => {
    for (const mode of MODES) {
      for (let at = 1; at <= 6; at++) {
        const batch = await batchOf('csv');
        const { runId } = await batch.ask();
        const input = { workspace: WS, runId, attempt: 1 };
        await planBatch(batch.deps, input, SIZES);
        await predictChunk(batch.deps, { ...input, chunk: '00001' });
        const dying = new MortalProcess({ at, mode });
        const deps = dying.over(batch.world);
        await dying.again(async () => {
          const { status } = await deps.runs.get(WS, runId);
          if (status === 'RUNNING') await cancelRun(deps, WS, runId);
          else await closeRun(deps, input, { outcome: 'aborted' });
        });
        expect(dying.writes, `${mode} ${at}`).toBeGreaterThanOrEqual(at);
        expect(await batch.world.deps.runs.get(WS, runId)).toMatchObject({ status: 'KILLED' });
        await retryRun(batch.deps, WS, runId);
        await execution(batch, runId, 2, 'step again');
        await expectWhole(batch, runId, `cancel killed ${mode} write ${at}`);
      }
    }
  });
});
