import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArboledaError } from '../../lib/errors/index.ts';
import type { StartedBatch } from '../../lib/pipeline/batch/start.ts';
import type { BatchFile, BatchStatus } from '../../lib/pipeline/batch/status.ts';
import { counted, grouped } from '../../lib/table/counted.ts';
import { pause } from '../local/stay.ts';
import type { Upload } from './api-types.ts';
import { type ApiClient, path, type Query, UnreachableError } from './client.ts';
import { fetchStored } from './download.ts';
import { putTo } from './upload.ts';

export interface BatchToPredict {
  model: string;
  /** Which version, as the API's query has it. */
  query: Query;
  bytes: Uint8Array;
  fileName: string;
  format?: 'csv' | 'parquet' | undefined;
  /** Paths to write to. */
  out: string;
  failuresOut: string;
  /** Told of the progress, a line at a time. */
  note: (line: string) => void;
  everyMilliseconds?: number;
}

export interface PredictedBatch {
  runId: string;
  model: string;
  version: string;
  rows: number;
  predicted: number;
  failed: number;
  warnings: number;
  out: string;
  /** Where the failures were written; absent where there are none. */
  failures?: string;
}

/** The batch ended otherwise than well: its own error. */
export class BatchFailedError extends ArboledaError {
  static override readonly code: string = 'BATCH_FAILED';
  static override readonly remedy: string = 'Call the command again: what was predicted before is kept.';
}

/**
 * Uploads a file, has it predicted, waits, and writes the result and the failures. Called again with the same file it goes on
 * where it stopped, and where the result is there already it is downloaded alone.
 *
 * @throws BatchFailedError, UnreachableError, ApiError
 */
export async function predictBatch(client: ApiClient, batch: BatchToPredict): Promise<PredictedBatch> {
  const { model, query, bytes, fileName, format, note, everyMilliseconds = 1_000 } = batch;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const upload = await client.post<Upload>('/data/uploads', { fileName, bytes: bytes.length, sha256 });
  await putTo(upload, bytes);
  const started = await client.send<StartedBatch>('POST', path`/models/${model}/batch-predictions`, {
    query,
    body: { uploadId: upload.uploadId, ...(format && { format }) },
  });
  const { runId } = started;
  note(`run ${runId}${started.created ? '' : ' (the same file and version as before)'}`);
  let shown = '';
  let misses = 0;
  while (true) {
    const status = await client
      .get<BatchStatus>(path`/models/${model}/batch-predictions/${runId}`)
      .catch((error: unknown) => {
        // A moment without an answer is not the end of it.
        if (!(error instanceof UnreachableError) || ++misses > 10) throw error;
        return undefined;
      });
    if (status === undefined || status.status === 'RUNNING' || status.status === 'SCHEDULED') {
      const line = status && progressText(status);
      if (line !== undefined && line !== shown) note(line);
      shown = line ?? shown;
      await pause(everyMilliseconds);
      continue;
    }
    const failures = status.failures && status.failures.bytes > 0 ? batch.failuresOut : undefined;
    if (failures !== undefined) await save(status.failures!, failures);
    if (status.result === undefined) {
      const { code = status.status, message = 'it was cancelled' } = status.error ?? {};
      throw new BatchFailedError(`the batch prediction ${runId} ended as ${status.status}: ${message}`, {
        details: { runId, code, ...(failures && { failures }) },
        ...(status.error && { remedy: status.error.remedy }),
      });
    }
    await save(status.result, batch.out);
    const { version, rows = 0, predicted, failed, warnings } = status;
    const counts = { rows, predicted, failed, warnings };
    return { runId, model, version, ...counts, out: batch.out, ...(failures && { failures }) };
  }
}

/** How far a batch has come: `12 of 40 chunks, 312,000 of 1,000,000 rows`. */
export const progressText = ({
  chunks,
  predicted,
  failed,
  rows,
}: Pick<BatchStatus, 'chunks' | 'predicted' | 'failed' | 'rows'>): string =>
  rows === undefined
    ? 'reading the file'
    : `${grouped(chunks.done)} of ${counted(chunks.total, 'chunk')}, ${grouped(predicted + failed)} of ${counted(rows, 'row')}`;

/** Written beside its place and moved there: a download that is cut off leaves nothing behind. */
async function save({ url }: BatchFile, to: string): Promise<void> {
  const part = `${to}.${process.pid}.part`;
  try {
    await fetchStored(url, ({ body }) =>
      pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body as never), createWriteStream(part)),
    );
    await rename(part, to);
  } finally {
    await rm(part, { force: true });
  }
}
