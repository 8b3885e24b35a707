import { ArboledaError, CancelledError, errorBody } from '../errors/index.ts';
import { isTerminal } from '../tracking/index.ts';
import type { Run, Stage, StageRecord } from '../tracking/types.ts';
import { type DescribedPipeline, describeDefinition } from './catalog.ts';
import { hashOf, type PipelineDefinition } from './definition/index.ts';
import type { PipelineDeps, StageInput } from './deps.ts';
import { keys } from './keys.ts';
import { StageLog } from './stage-log.ts';

export type Outputs = Record<string, unknown>;

/** What a stage knows while it works. */
export interface StageContext extends StageInput {
  stage: Stage;
  deps: PipelineDeps;
  run: Run;
  definition: PipelineDefinition;
  described: DescribedPipeline;
  log: StageLog;
}

/** A stage, prepared: what it depends on is known, nothing is done yet. */
export interface PreparedStage<T extends Outputs> {
  /** All that the result depends on besides the code: hashes and parameters. `undefined` makes it never skipped. */
  inputs: unknown;
  /** Does the work. Writes content-addressed objects only, so that it may crash anywhere and be run again. */
  execute(): Promise<T>;
  /** S3 keys that `outputs` promise; a cached result whose objects are gone is not used. */
  promised(outputs: T): string[];
  /** Whether what `outputs` name besides objects is still there, as a version is until somebody deletes it. */
  stands?(outputs: T): Promise<boolean>;
  /** What this run shows of the result (metrics, artifacts, tags). Idempotent; called for done and skipped alike. */
  publish?(outputs: T): Promise<void>;
  /** One sentence on the result. */
  note(outputs: T): string;
}

export interface StageDefinition<T extends Outputs> {
  stage: Stage;
  prepare(context: StageContext): Promise<PreparedStage<T>>;
}

/** Where the bundle's code is unchanged, the same inputs have the same key, in any run. */
export const contentKey = (stage: Stage, codeVersion: string, inputs: unknown): string =>
  hashOf({ stage, codeVersion, inputs });

/**
 * Runs one stage of one run: finds its content key, skips what was done before (unless the run is forced), records what
 * happened, and keeps the log. Every write is idempotent, so Step Functions may call it again after any crash.
 *
 * @throws TransientError to be retried; any other error is permanent and stands in the stage's record.
 */
export async function runStage<T extends Outputs>(
  deps: PipelineDeps,
  definition: StageDefinition<T>,
  input: StageInput,
): Promise<T> {
  const { stage } = definition;
  const { workspace, runId, attempt, item } = input;
  const log = new StageLog(
    { workspace, runId, stage, attempt, ...(item === undefined ? {} : { item }) },
    () => deps.clock.now(),
  );
  try {
    const context = await openContext(deps, stage, input, log);
    await deps.stages.start(workspace, { runId, stage, item, attempt, memoryMb: deps.memoryMb });
    return await work(context, await definition.prepare(context));
  } catch (error) {
    const body = errorBody(error);
    log.error(body.message, {
      code: body.code,
      remedy: body.remedy,
      stack: error instanceof Error ? error.stack : undefined,
    });
    await deps.stages.fail(workspace, { runId, stage, item, attempt, error: body }).catch(() => undefined);
    throw error;
  } finally {
    const key = keys.log(workspace, runId, stage, attempt, item);
    await deps.objects.put(key, log.text(), { contentType: 'application/x-ndjson' }).catch(() => undefined);
  }
}

async function openContext(
  deps: PipelineDeps,
  stage: Stage,
  input: StageInput,
  log: StageLog,
): Promise<StageContext> {
  const run = await deps.runs.get(input.workspace, input.runId);
  refuseEnded(run);
  const definition = deps.catalog.get(run.pipeline ?? '');
  log.info(`${stage} starts`, { pipeline: definition.name });
  return { ...input, stage, deps, run, definition, described: describeDefinition(definition), log };
}

function refuseEnded(run: Run): void {
  if (run.cancelRequested) throw new CancelledError(`run ${run.runId} was cancelled`);
  if (isTerminal(run.status)) throw new CancelledError(`run ${run.runId} has ended already (${run.status})`);
}

async function work<T extends Outputs>(context: StageContext, prepared: PreparedStage<T>): Promise<T> {
  const { deps, workspace, runId, stage, item, attempt, log, run } = context;
  const key =
    prepared.inputs === undefined ? undefined : contentKey(stage, deps.codeVersion, prepared.inputs);
  const record = { runId, stage, item, attempt, contentKey: key };
  await deps.runs.setLineage(workspace, runId, { codeVersions: { [stage]: deps.codeVersion } });

  const cached = key === undefined || run.force ? undefined : await reusable(context, prepared, key);
  if (cached !== undefined) {
    const note = `unchanged since run ${cached.runId}: skipped. ${prepared.note(cached.outputs)}`;
    await prepared.publish?.(cached.outputs);
    await deps.stages.skip(workspace, { ...record, outputs: cached.outputs, note });
    log.info(note);
    await remember(context, key, cached.outputs);
    return cached.outputs;
  }
  const outputs = await prepared.execute();
  refuseEnded(await deps.runs.get(workspace, runId));
  await prepared.publish?.(outputs);
  if (key !== undefined) {
    await deps.stages.remember(workspace, {
      contentKey: key,
      stage,
      outputs,
      runId,
      createdAt: deps.clock.now().toISOString(),
    });
  }
  await remember(context, key, outputs);
  const note = prepared.note(outputs);
  await deps.stages.done(workspace, { ...record, outputs, note });
  log.info(note);
  return outputs;
}

/** The latest result of each whole stage: where a run that starts `from` a later stage begins. */
async function remember(context: StageContext, key: string | undefined, outputs: Outputs): Promise<void> {
  if (context.item !== undefined || key === undefined) return;
  const { deps, workspace, definition, stage, runId } = context;
  await deps.state.setLast(workspace, definition.name, stage, { outputs, runId, contentKey: key });
}

async function reusable<T extends Outputs>(context: StageContext, prepared: PreparedStage<T>, key: string) {
  const { deps, workspace, log } = context;
  const entry = await deps.stages.cached(workspace, key);
  if (entry === undefined) return undefined;
  const outputs = entry.outputs as T;
  const present = await Promise.all(prepared.promised(outputs).map((object) => deps.objects.head(object)));
  const isWhole = present.every((info) => info !== undefined) && ((await prepared.stands?.(outputs)) ?? true);
  if (isWhole) return { outputs, runId: entry.runId };
  log.info('a result of the same inputs is recorded, but what it made is gone: working again');
  return undefined;
}

/** The outputs of an earlier stage of this run. @throws ArboledaError MISSING_STAGE where it has none. */
export async function outputsOf<T extends Outputs>(context: StageContext, stage: Stage): Promise<T> {
  const records = await context.deps.stages.list(context.workspace, context.runId);
  const found = records.find((record) => isResultOf(record, stage));
  if (found === undefined)
    throw new MissingStageError(`stage ${context.stage} needs the result of ${stage}, which is not there`);
  return found.outputs as T;
}

/** Whether a record is the result of that whole stage: what later stages, and a run that starts at one, read. */
export const isResultOf = (record: StageRecord, stage: Stage): boolean =>
  record.stage === stage &&
  record.item === undefined &&
  (record.status === 'DONE' || record.status === 'SKIPPED');

/** A stage was asked for before the one it needs. */
export class MissingStageError extends ArboledaError {
  static override readonly code = 'MISSING_STAGE';
  static override readonly status = 409;
  static override readonly remedy = 'Start the run from an earlier stage (`--from ingest`).';
}
