import { createHash } from 'node:crypto';
import { ArboledaError, IntegrityError } from '../../errors/index.ts';
import { counted, grouped } from '../../table/counted.ts';
import { joinStored } from '../../table/parquet-stored.ts';
import { hashOf } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { batchStage, readPlan } from './batch-stage.ts';
import { resultHeader } from './csv.ts';
import { type ChunkOutputs, chunkKeys } from './predict-chunk.ts';
import { BATCH_TAGS, type BatchPlan, FAILURES_FILE, type RowFailure, resultFile } from './types.ts';

/** What the whole batch came to. */
export type JoinOutputs = ChunkOutputs & { rows: number; bytes: number; sha256: string };

/** No row of the file could be predicted. */
export class NoRowPredictedError extends ArboledaError {
  static override readonly code: string = 'NO_ROW_PREDICTED';
  static override readonly status: number = 422;
  static override readonly remedy: string =
    'The failures file says what is wrong with each row; compare the columns with GET /models/NAME/schema.';
}

/** Parts of the result that are read ahead. */
const AHEAD = 4;

/**
 * The last stage: puts the chunks' results behind one another, in the order of the file, and their failures likewise. They go by in
 * pieces: what it holds of them does not grow with the file.
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
        const put = (path: string, pieces: AsyncIterable<Uint8Array>, contentType: string) =>
          putArtifact(deps, workspace, runId, { path, key: at(path), pieces, contentType });
        const failed = () =>
          inTurn(
            deps,
            parts.map((part) => part.failures),
          );
        await put(FAILURES_FILE, failed(), 'application/x-ndjson');
        await deps.runs.setTags(workspace, runId, {
          [BATCH_TAGS.predicted]: String(counts.predicted),
          [BATCH_TAGS.failed]: String(counts.failed),
        });
        if (counts.predicted === 0) {
          const message = await firstMessage(failed());
          throw new NoRowPredictedError(
            `${plan.rows === 1 ? 'the only row' : `none of the ${counted(plan.rows, 'row')}`} could ${plan.rows === 1 ? 'not ' : ''}be predicted; the first: ${message}`,
          );
        }
        const predicted = inTurn(
          deps,
          parts.map((part) => part.predictions),
        );
        const written = await (plan.format === 'csv'
          ? put(resultFile('csv'), withHeader(plan, predicted), 'text/csv; charset=utf-8')
          : put(resultFile('parquet'), joinStored(predicted), 'application/vnd.apache.parquet'));
        return { ...counts, rows: plan.rows, ...written };
      },
      note: ({ rows, predicted, failed }) =>
        `${grouped(predicted)} of ${counted(rows, 'row')} predicted${failed > 0 ? `, ${grouped(failed)} in the failures file` : ''}`,
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
        `chunk ${id} has ${counted(rows, 'row')}, of which ${grouped(predicted)} were predicted and ${grouped(failed)} refused`,
        { remedy: 'Go on with `npx arboleda retry RUN`; if it repeats, it is a fault of Arboleda.' },
      );
    }
    sum.predicted += predicted;
    sum.failed += failed;
    sum.warnings += warnings;
  }
  return sum;
}

/** Objects one after another; the next few are on their way meanwhile. */
async function* inTurn({ objects }: PipelineDeps, wanted: readonly string[]): AsyncGenerator<Uint8Array> {
  const coming: Promise<Uint8Array>[] = [];
  const ask = (key: string | undefined) => {
    if (key === undefined) return;
    const asked = objects.get(key);
    // Told where it is waited for; an earlier one that fails leaves nobody waiting.
    asked.catch(() => undefined);
    coming.push(asked);
  };
  for (const key of wanted.slice(0, AHEAD)) ask(key);
  for (let next = AHEAD; coming.length > 0; next++) {
    const bytes = await coming.shift()!;
    ask(wanted[next]);
    yield bytes;
  }
}

async function* withHeader(plan: BatchPlan, parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(resultHeader(plan));
  yield* parts;
}

const LINE_FEED = 0x0a;

/** What the first line of the failures says. */
async function firstMessage(failures: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const part of failures) {
    const line = Buffer.from(part.subarray(0, part.indexOf(LINE_FEED))).toString('utf8');
    if (line !== '') return String((JSON.parse(line) as Partial<RowFailure>).message).slice(0, 300);
  }
  return 'not told';
}

/** Puts a file and tells the run of it: its size and hash are counted as it goes by. */
async function putArtifact(
  { objects, runs }: PipelineDeps,
  workspace: string,
  runId: string,
  {
    path,
    key,
    pieces,
    contentType,
  }: { path: string; key: string; pieces: AsyncIterable<Uint8Array>; contentType: string },
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* tallied(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  await objects.putPieces(key, tallied(), { contentType });
  const sha256 = hash.digest('hex');
  await runs.addArtifact(workspace, runId, { path, key, size: bytes, contentType, sha256 });
  return { bytes, sha256 };
}
