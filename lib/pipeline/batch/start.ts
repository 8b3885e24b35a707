import { NotFoundError, NotReadyError } from '../../errors/index.ts';
import type { VersionSelector } from '../../tracking/model-reference.ts';
import { PRODUCTION_ALIAS } from '../../tracking/model-stage.ts';
import { ownModel } from '../../tracking/own-model.ts';
import type { ModelVersion, OwnModel, Run, RunStatus } from '../../tracking/types.ts';
import { executionName, isCutOff, type StartedRun } from '../control/start.ts';
import { sha256 } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { keys } from '../keys.ts';
import { BATCH_KIND, type BatchFormat, KIND_TAG, resultFile, UPLOAD_TAG } from './types.ts';

/** A file that was uploaded, to be predicted by a version of a model. */
export interface BatchRequest {
  model: string;
  selector?: VersionSelector | undefined;
  uploadId: string;
  /** As declared with the upload; the plan compares the bytes with it. */
  file: { name: string; bytes: number; sha256: string };
  format: BatchFormat;
  /** Who asks: a token's id. */
  actor: string;
}

export interface StartedBatch {
  runId: string;
  model: string;
  version: string;
  status: RunStatus;
  attempt: number;
  /** False where the same file had been given to the same version before: this is that run. */
  created: boolean;
}

/**
 * Starts a batch prediction, a run of no pipeline. The same file by the same version is the same run: a repeat of one that
 * runs or has ended well answers with it, a repeat of one that failed or was cancelled goes on with what is left; one whose result
 * has expired since is followed by another. Safe to repeat after a crash at any point.
 *
 * @throws NotFoundError, NotReadyError where the model has no version in production, ForeignModelError
 */
export async function startBatch(
  deps: PipelineDeps,
  workspace: string,
  request: BatchRequest,
): Promise<StartedBatch> {
  const version = ownModel(await resolve(deps, workspace, request));
  const runId = await batchRunId(deps, workspace, version, request);
  const tags = { [UPLOAD_TAG]: request.uploadId, 'arboleda.actor': request.actor };
  const made = await deps.runs.create(workspace, {
    runId,
    experimentId: '0',
    name: `batch of ${version.name}`,
    status: 'RUNNING',
    trigger: 'caller',
    tags: { [KIND_TAG]: BATCH_KIND, ...tags },
    params: paramsOf(version, request),
  });
  let run = await deps.runs.get(workspace, runId);
  if (run.status === 'FAILED' || run.status === 'KILLED') {
    await deps.runs.setTags(workspace, runId, tags);
    run = await deps.runs.nextAttempt(workspace, runId, run.attempt);
  }
  if (run.status === 'RUNNING') await startExecution(deps, run);
  const { status, attempt } = run;
  const { name, version: number } = version;
  return { runId, model: name, version: number, status, attempt, created: made === 'created' };
}

/**
 * The next attempt of a batch that failed or was cancelled: chunks that are done stay done. A call that ended before the attempt's
 * execution was started is completed by making it again.
 *
 * @throws NotRetryableError where it runs or has ended well
 */
export async function retryBatch(deps: PipelineDeps, run: Run): Promise<StartedRun> {
  const { workspace, runId } = run;
  // Two at once make one attempt.
  const next = (await isCutOff(deps, run)) ? run : await deps.runs.nextAttempt(workspace, runId, run.attempt);
  await startExecution(deps, next);
  return { runId, pipeline: '', status: next.status, attempt: next.attempt, created: true };
}

/** The state machine is that of pipelines; `batch` sends it down its own way. */
function startExecution(deps: PipelineDeps, { workspace, runId, attempt }: Run): Promise<unknown> {
  const input = { workspace, runId, attempt, pipeline: '', batch: true };
  return deps.executions.start(executionName(runId, attempt), input);
}

async function resolve(
  deps: PipelineDeps,
  workspace: string,
  { model, selector }: BatchRequest,
): Promise<ModelVersion> {
  try {
    return await deps.registry.resolve(workspace, model, selector ?? { alias: PRODUCTION_ALIAS });
  } catch (error) {
    if (selector !== undefined || !(error instanceof NotFoundError)) throw error;
    // Which of the two is missing: this throws NotFoundError where it is the model.
    await deps.registry.getModel(workspace, model);
    throw new NotReadyError(`model "${model}" has no version with the alias ${PRODUCTION_ALIAS} yet`, {
      cause: error,
    });
  }
}

/** What the result hangs on, and nothing else; and how often it has expired. */
async function batchRunId(
  { runs, objects }: Pick<PipelineDeps, 'runs' | 'objects'>,
  workspace: string,
  { name, version, modelSha256 }: ModelVersion & OwnModel,
  { file, format }: BatchRequest,
): Promise<string> {
  const identity = [BATCH_KIND, workspace, name, version, modelSha256, file.sha256, format];
  for (let expired = 0; ; expired++) {
    const runId = sha256(JSON.stringify(expired === 0 ? identity : [...identity, expired])).slice(0, 32);
    const run = await runs.find(workspace, runId);
    if (run?.status !== 'FINISHED') return runId;
    if ((await objects.head(keys.batch(workspace, runId, resultFile(format)))) !== undefined) return runId;
  }
}

const paramsOf = (
  version: ModelVersion & OwnModel,
  { file, format }: BatchRequest,
): Record<string, string> => ({
  'model.name': version.name,
  'model.version': version.version,
  'model.key': version.modelKey,
  'model.sha256': version.modelSha256,
  'batch.fileName': file.name,
  'batch.bytes': String(file.bytes),
  'batch.sha256': file.sha256,
  'batch.format': format,
});
