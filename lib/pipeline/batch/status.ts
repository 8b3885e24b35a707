import { NotFoundError } from '../../errors/index.ts';
import { trainingProgress } from '../../tracking/progress.ts';
import type { Run, RunError, RunStatus, StageRecord } from '../../tracking/types.ts';
import type { PipelineDeps } from '../deps.ts';
import { BATCH_KIND, BATCH_TAGS, type BatchFormat, FAILURES_FILE, KIND_TAG, resultFile } from './types.ts';

/** A file that a presigned URL gives for an hour. */
export interface BatchFile {
  url: string;
  fileName: string;
  bytes: number;
  sha256?: string;
}

/** How a batch prediction stands. */
export interface BatchStatus {
  runId: string;
  model: string;
  version: string;
  status: RunStatus;
  attempt: number;
  format: BatchFormat;
  fileName: string;
  startedAt: string;
  endedAt?: string;
  /** Absent until the plan is made. */
  rows?: number;
  /** Of the chunks that are done so far. */
  predicted: number;
  failed: number;
  warnings: number;
  chunks: { done: number; total: number };
  error?: RunError;
  result?: BatchFile;
  failures?: BatchFile;
}

const LINK_SECONDS = 3600;

/**
 * How a batch prediction stands, with links to its files once they are there.
 *
 * @throws NotFoundError where the run is no batch prediction of that model
 */
export async function batchStatus(
  deps: PipelineDeps,
  workspace: string,
  model: string,
  runId: string,
): Promise<BatchStatus> {
  const run = await deps.runs.find(workspace, runId);
  if (run?.tags[KIND_TAG] !== BATCH_KIND || run.params['model.name'] !== model) {
    throw new NotFoundError(`no batch prediction ${runId} of model ${model}`, { field: 'runId' });
  }
  const records = await deps.stages.list(workspace, runId);
  const progress = trainingProgress(run, records);
  const rows = run.tags[BATCH_TAGS.rows];
  const format = run.params['batch.format'] as BatchFormat;
  const files = await linksOf(deps, run, format);
  return {
    runId,
    model,
    version: run.params['model.version']!,
    status: run.status,
    attempt: run.attempt,
    format,
    fileName: run.params['batch.fileName']!,
    startedAt: run.startTime,
    ...(run.endTime && { endedAt: run.endTime }),
    ...(rows && { rows: Number(rows) }),
    ...countsOf(records),
    chunks: { done: progress?.done ?? 0, total: progress?.total ?? 0 },
    ...(run.error && { error: run.error }),
    ...files,
  };
}

function countsOf(records: readonly StageRecord[]) {
  const sum = { predicted: 0, failed: 0, warnings: 0 };
  for (const { stage, status, outputs } of records) {
    if (stage !== 'predict' || (status !== 'DONE' && status !== 'SKIPPED')) continue;
    for (const name of ['predicted', 'failed', 'warnings'] as const) sum[name] += Number(outputs[name] ?? 0);
  }
  return sum;
}

/** What an attempt that runs may still replace is not shown. */
async function linksOf({ runs, objects }: PipelineDeps, run: Run, format: BatchFormat) {
  if (run.status === 'RUNNING') return {};
  const items = await runs.listArtifacts(run.workspace, run.runId);
  const stem = run.params['batch.fileName']!.replace(/\.[^.]*$/, '');
  const link = async (path: string, ending: string): Promise<BatchFile | undefined> => {
    const found = items.find((one) => one.path === path);
    if (found === undefined) return undefined;
    const { key, size, sha256, contentType } = found;
    // Its record is kept for longer than it is.
    if ((await objects.head(key)) === undefined) return undefined;
    const fileName = `${stem}.${ending}`;
    const url = await objects.presignGet(key, { seconds: LINK_SECONDS, fileName, contentType });
    return { url, fileName, bytes: size, ...(sha256 && { sha256 }) };
  };
  const [result, failures] = await Promise.all([
    run.status === 'FINISHED' ? link(resultFile(format), `predictions.${format}`) : undefined,
    link(FAILURES_FILE, FAILURES_FILE),
  ]);
  return { ...(result && { result }), ...(failures && { failures }) };
}
