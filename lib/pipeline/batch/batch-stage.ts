import { ArboledaError, CancelledError, errorBody } from '../../errors/index.ts';
import { isTerminal } from '../../tracking/index.ts';
import type { Run, Stage } from '../../tracking/types.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { StageLog } from '../stage-log.ts';
import { BATCH_KIND, type BatchPlan, batchPlan, KIND_TAG } from './types.ts';

type Outputs = Record<string, unknown>;

/** What a stage of a batch prediction knows while it works. */
export interface BatchContext {
  deps: PipelineDeps;
  workspace: string;
  runId: string;
  run: Run;
  log: StageLog;
}

export interface BatchWork<T extends Outputs> {
  /** What the result hangs on: an earlier attempt's result of the same is taken, where its objects are there. */
  contentKey: string;
  promised: readonly string[];
  execute(): Promise<T>;
  note(outputs: T): string;
}

/**
 * Runs one stage of a batch prediction, or one chunk: records it, keeps its log, and does nothing twice. Every write is
 * idempotent, so Step Functions may call it again after any crash.
 *
 * @throws NotFoundError, NotABatchError (nothing is written then), CancelledError where the run has ended, TransientError to be
 *   retried, and what the work throws
 */
export async function batchStage<T extends Outputs>(
  deps: PipelineDeps,
  { workspace, runId, attempt }: StageInput,
  { stage, item }: { stage: Stage; item?: string },
  prepare: (context: BatchContext) => Promise<BatchWork<T>>,
): Promise<T> {
  const run = await deps.runs.get(workspace, runId);
  requireBatch(run);
  const log = new StageLog(
    { workspace, runId, stage, attempt, ...(item === undefined ? {} : { item }) },
    () => deps.clock.now(),
  );
  const ref = { runId, stage, attempt, ...(item === undefined ? {} : { item }) };
  try {
    refuseEnded(run);
    const before = await deps.stages.find(workspace, runId, stage, item);
    const work = await prepare({ deps, workspace, runId, run, log });
    const { contentKey } = work;
    if (before?.contentKey === contentKey && isDone(before.status) && (await present(deps, work.promised))) {
      const outputs = before.outputs as T;
      const note = `done at attempt ${before.attempt}. ${work.note(outputs)}`;
      if (before.attempt < attempt) await deps.stages.skip(workspace, { ...ref, outputs, contentKey, note });
      log.info(note);
      return outputs;
    }
    await deps.stages.start(workspace, { ...ref, contentKey, memoryMb: deps.memoryMb });
    const outputs = await work.execute();
    refuseEnded(await deps.runs.get(workspace, runId));
    const note = work.note(outputs);
    await deps.stages.done(workspace, { ...ref, outputs, contentKey, note });
    log.info(note);
    return outputs;
  } catch (error) {
    const body = errorBody(error);
    log.error(body.message, { code: body.code, remedy: body.remedy });
    await deps.stages.fail(workspace, { ...ref, error: body }).catch(() => undefined);
    throw error;
  } finally {
    const key = keys.log(workspace, runId, stage, attempt, item);
    await deps.objects.put(key, log.text(), { contentType: 'application/x-ndjson' }).catch(() => undefined);
  }
}

const isDone = (status: string): boolean => status === 'DONE' || status === 'SKIPPED';

async function present({ objects }: PipelineDeps, promised: readonly string[]): Promise<boolean> {
  return (await Promise.all(promised.map((key) => objects.head(key)))).every((info) => info !== undefined);
}

function refuseEnded({ runId, status, cancelRequested }: Run): void {
  if (cancelRequested) throw new CancelledError(`run ${runId} was cancelled`);
  if (isTerminal(status)) throw new CancelledError(`run ${runId} has ended already (${status})`);
}

/** A run of another kind keeps no records of ours, not even of the refusal. */
function requireBatch({ runId, tags }: Run): void {
  if (tags[KIND_TAG] !== BATCH_KIND) throw new NotABatchError(`run ${runId} is no batch prediction`);
}

/** The run is of another kind. */
export class NotABatchError extends ArboledaError {
  static override readonly code: string = 'NOT_A_BATCH';
  static override readonly status: number = 404;
  static override readonly remedy: string = 'Give the id that POST /models/NAME/batch-predictions answered.';
}

/** The plan of a batch prediction. @throws NotFoundError before it is made */
export async function readPlan(
  { objects }: Pick<PipelineDeps, 'objects'>,
  workspace: string,
  runId: string,
): Promise<BatchPlan> {
  const bytes = await objects.get(keys.batch(workspace, runId, 'plan.json'));
  return batchPlan.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
