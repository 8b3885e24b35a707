import { createHash } from 'node:crypto';
import { ArboledaError, IntegrityError } from '../../errors/index.ts';
import { hashOf } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { batchStage, readPlan } from './batch-stage.ts';
import { resultHeader } from './csv.ts';
import { joinParquet } from './parquet.ts';
import { type ChunkOutputs, chunkKeys } from './predict-chunk.ts';
import { BATCH_TAGS, type BatchPlan } from './types.ts';

/** What the whole batch came to. */
export type JoinOutputs = ChunkOutputs & { rows: number; bytes: number; sha256: string };

/** No row of the file could be predicted. */
export class NoRowPredictedError extends ArboledaError {
  static override readonly code: string = 'NO_ROW_PREDICTED';
  static override readonly status: number = 422;
  static override readonly remedy: string =
    'The failures file says what is wrong with each row; compare the columns with GET /models/NAME/schema.';
}

/** The files of a batch that has ended, as paths of the run's artifacts. */
export const resultFile = (format: string): string => `predictions.${format}`;
export const FAILURES_FILE = 'failures.jsonl';

/**
 * The last stage: puts the chunks' results behind one another, in the order of the file, and their failures likewise.
 * Every row of the file is in one of the two: that is counted.
 *
 * @throws IntegrityError where it is not so, NoRowPredictedError where there is nothing but failures
 */
export function joinBatch(deps: PipelineDeps, input: StageInput): Promise<JoinOutputs> {
  return batchStage(deps, input, { stage: 'join' }, async (context) => {
    const { workspace, runId } = context;
    const plan = await readPlan(deps, workspace, runId);
    const at = (file: string) => keys.batch(workspace, runId, file);
    const [result, failures] = [at(resultFile(plan.format)), at(FAILURES_FILE)];
    return {
      contentKey: hashOf({ stage: 'join', code: deps.codeVersion, plan }),
      promised: [result, failures],
      execute: async () => {
        const counts = await countsOf(deps, workspace, runId, plan);
        const parts = plan.chunks.map(({ id }) => chunkKeys(workspace, runId, id, plan.format));
        const failed = await bytesOf(
          deps,
          parts.map((part) => part.failures),
        );
        const put = (path: string, bytes: Uint8Array, contentType: string) =>
          putArtifact(deps, workspace, runId, { path, key: at(path), bytes, contentType });
        await put(FAILURES_FILE, Buffer.concat(failed), 'application/x-ndjson');
        await deps.runs.setTags(workspace, runId, {
          [BATCH_TAGS.predicted]: String(counts.predicted),
          [BATCH_TAGS.failed]: String(counts.failed),
        });
        if (counts.predicted === 0) {
          const first = Buffer.concat(failed).toString('utf8', 0, 4_000).split('\n')[0]!;
          const message = String((JSON.parse(first) as { message?: string }).message).slice(0, 300);
          throw new NoRowPredictedError(
            `none of the ${plan.rows} rows could be predicted; the first: ${message}`,
          );
        }
        const predicted = await bytesOf(
          deps,
          parts.map((part) => part.predictions),
        );
        const whole =
          plan.format === 'csv'
            ? Buffer.concat([Buffer.from(resultHeader(plan)), ...predicted])
            : await joinParquet(predicted);
        const type = plan.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.apache.parquet';
        const sha256 = await put(resultFile(plan.format), whole, type);
        return { ...counts, rows: plan.rows, bytes: whole.length, sha256 };
      },
      note: ({ rows, predicted, failed }) =>
        `${predicted} of ${rows} rows predicted${failed > 0 ? `, ${failed} in the failures file` : ''}`,
    };
  });
}

async function countsOf(
  deps: PipelineDeps,
  workspace: string,
  runId: string,
  plan: BatchPlan,
): Promise<ChunkOutputs> {
  const records = await deps.stages.list(workspace, runId);
  const sum = { predicted: 0, failed: 0, warnings: 0 };
  for (const { id, rows } of plan.chunks) {
    const record = records.find(({ stage, item }) => stage === 'predict' && item === String(Number(id)));
    const { predicted = 0, failed = 0, warnings = 0 } = (record?.outputs ?? {}) as Partial<ChunkOutputs>;
    if (predicted + failed !== rows) {
      throw new IntegrityError(
        `chunk ${id} has ${rows} rows, of which ${predicted} were predicted and ${failed} refused`,
        { remedy: 'Go on with `npx arboleda retry RUN`; if it repeats, it is a fault of Arboleda.' },
      );
    }
    sum.predicted += predicted;
    sum.failed += failed;
    sum.warnings += warnings;
  }
  return sum;
}

/** Objects, some at a time. */
async function bytesOf({ objects }: PipelineDeps, wanted: readonly string[]): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (let at = 0; at < wanted.length; at += 8) {
    found.push(...(await Promise.all(wanted.slice(at, at + 8).map((key) => objects.get(key)))));
  }
  return found;
}

async function putArtifact(
  { objects, runs }: PipelineDeps,
  workspace: string,
  runId: string,
  { path, key, bytes, contentType }: { path: string; key: string; bytes: Uint8Array; contentType: string },
): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await objects.put(key, bytes, { contentType });
  await runs.addArtifact(workspace, runId, { path, key, size: bytes.length, contentType, sha256 });
  return sha256;
}
