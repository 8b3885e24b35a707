import { ConflictError, NotFoundError } from '../../errors/index.ts';
import { type LoadedModel, readModelFile } from '../../learn/file/model-file.ts';
import { counted, grouped } from '../../table/counted.ts';
import { hashOf } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { batchStage, readPlan } from './batch-stage.ts';
import { predictCsv } from './csv.ts';
import { predictParquet } from './parquet.ts';
import { rangesOf } from './plan.ts';
import type { BatchPlan } from './types.ts';

/** What a chunk's record tells: two objects hold the rest. */
export type ChunkOutputs = { predicted: number; failed: number; warnings: number };

/** The keys of what one chunk leaves: its part of the result, and its failures. */
export const chunkKeys = (workspace: string, runId: string, id: string, format: string) => ({
  predictions: keys.batch(workspace, runId, `chunks/${id}.${format}`),
  failures: keys.batch(workspace, runId, `chunks/${id}.failures.jsonl`),
});

/** The model of the last chunk: a function that predicts many chunks of one run loads it once. */
let kept: { sha256: string; loaded: LoadedModel } | undefined;

/**
 * Predicts one chunk. The same chunk of the same file by the same version has the same bytes, in whatever order chunks are
 * done, and however often.
 *
 * @throws ConflictError where another file has taken the place of the one that was planned
 */
export function predictChunk(
  deps: PipelineDeps,
  input: StageInput & { chunk: string },
): Promise<ChunkOutputs> {
  const { chunk: id } = input;
  return batchStage(deps, input, { stage: 'predict', item: String(Number(id)) }, async (context) => {
    const { workspace, runId } = context;
    const plan = await readPlan(deps, workspace, runId);
    const chunk = plan.chunks.find((one) => one.id === id);
    if (chunk === undefined) throw new NotFoundError(`the plan of run ${runId} has no chunk ${id}`);
    const { predictions, failures } = chunkKeys(workspace, runId, id, plan.format);
    const { sha256: input } = plan.input;
    return {
      contentKey: hashOf({
        stage: 'predict',
        code: deps.codeVersion,
        chunk,
        input,
        model: plan.model.sha256,
      }),
      promised: [predictions, failures],
      execute: async () => {
        const loaded = await modelOf(deps, plan);
        await refuseOtherFile(deps, plan);
        const { key, bytes } = plan.input;
        const done =
          plan.format === 'csv'
            ? predictCsv(loaded, plan, chunk, await deps.objects.range(key, chunk.start, chunk.end))
            : await predictParquet(loaded, plan, chunk, rangesOf(deps, key, bytes));
        const lines = done.failures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
        await deps.objects.put(failures, lines, { contentType: 'application/x-ndjson' });
        await deps.objects.put(predictions, done.predictions, { contentType: 'application/octet-stream' });
        return { predicted: done.predicted, failed: done.failures.length, warnings: done.warnings };
      },
      note: ({ predicted, failed }) =>
        `${counted(predicted, 'row')} predicted${failed > 0 ? `, ${grouped(failed)} not` : ''}`,
    };
  });
}

async function modelOf(deps: PipelineDeps, { model }: BatchPlan): Promise<LoadedModel> {
  if (kept?.sha256 !== model.sha256) {
    const { sha256 } = model;
    kept = { sha256, loaded: readModelFile(await deps.objects.get(model.key), { sha256 }) };
  }
  return kept.loaded;
}

/** The URL of an upload takes a PUT for some minutes: what was planned must be what is read. */
async function refuseOtherFile({ objects }: PipelineDeps, { input }: BatchPlan): Promise<void> {
  const found = await objects.head(input.key);
  if (found?.etag === input.etag && found.size === input.bytes) return;
  throw new ConflictError('the uploaded file is gone, or another was put in its place', {
    remedy: 'Upload it again and ask for the prediction again: what was predicted before is kept.',
  });
}
