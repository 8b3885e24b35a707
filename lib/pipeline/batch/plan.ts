import { createHash } from 'node:crypto';
import { ConflictError, IntegrityError, InvalidInputError } from '../../errors/index.ts';
import { type LoadedModel, readModelFile } from '../../learn/file/model-file.ts';
import type { ObjectInfo } from '../../store/ports.ts';
import { freeName } from '../../table/clean/free-name.ts';
import { counted } from '../../table/counted.ts';
import { canonicalJson, hashOf } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { type BatchContext, batchStage } from './batch-stage.ts';
import { inputsOf, planCsv } from './csv.ts';
import { planParquet } from './parquet.ts';
import { BATCH_TAGS, type BatchFormat, type BatchPlan, UPLOAD_TAG } from './types.ts';

/** What the plan's record tells; the plan itself is an object. */
type PlanOutputs = { list: string; chunks: number; rows: number };

/** Sizes of chunks; smaller ones are for tests. */
export interface ChunkSizes {
  bytes?: number;
  rows?: number;
}

/**
 * The first stage of a batch prediction: reads the input once, from its beginning to its end, compares it with what was
 * declared, checks that it has the model's columns, and cuts it into chunks. The answer names the list that the Map goes over.
 *
 * @throws InvalidInputError, IntegrityError
 */
export function planBatch(
  deps: PipelineDeps,
  input: StageInput,
  sizes: ChunkSizes = {},
): Promise<PlanOutputs> {
  return batchStage(deps, input, { stage: 'plan' }, async (context) => {
    const { workspace, runId, run } = context;
    const { params, tags } = run;
    const [list, plan] = ['chunks.json', 'plan.json'].map((file) => keys.batch(workspace, runId, file));
    return {
      contentKey: hashOf({ stage: 'plan', code: deps.codeVersion, params, upload: tags[UPLOAD_TAG], sizes }),
      promised: [list!, plan!],
      execute: async () => {
        const made = await makePlan(context, sizes);
        await deps.objects.put(plan!, canonicalJson(made), JSON_TYPE);
        const ids = made.chunks.map(({ id }) => ({ chunk: id }));
        await deps.objects.put(list!, JSON.stringify(ids), JSON_TYPE);
        await deps.runs.setLineage(workspace, runId, {
          sourceSha256: made.input.sha256,
          codeVersions: { predict: deps.codeVersion },
          parentVersions: [`${made.model.name}/${made.model.version}`],
        });
        const { rows, chunks } = made;
        await deps.runs.setTags(workspace, runId, {
          [BATCH_TAGS.rows]: String(rows),
          [BATCH_TAGS.chunks]: String(chunks.length),
        });
        return { list: list!, chunks: chunks.length, rows };
      },
      note: ({ rows, chunks }) => `${counted(rows, 'row')} in ${counted(chunks, 'chunk')}`,
    };
  });
}

const JSON_TYPE = { contentType: 'application/json' };

async function makePlan(context: BatchContext, sizes: ChunkSizes): Promise<BatchPlan> {
  const { deps, workspace, run } = context;
  const { params } = run;
  const key = `${workspace}/uploads/${run.tags[UPLOAD_TAG]}`;
  const found = await deps.objects.head(key);
  if (found === undefined) throw gone();
  const loaded = readModelFile(await deps.objects.get(params['model.key']!), {
    sha256: params['model.sha256']!,
  });
  const format = params['batch.format'] as BatchFormat;
  const cut =
    format === 'csv'
      ? await planCsv(await deps.objects.stream(key), sizes.bytes, sizes.rows)
      : await cutParquet(context, found, sizes.rows);
  if (cut.sha256 !== params['batch.sha256']) {
    throw new IntegrityError('the file is not the one that was declared: its SHA-256 differs', {
      remedy: 'Upload it again and ask for the prediction again.',
    });
  }
  if (cut.rows === 0)
    throw new InvalidInputError('the file has no rows', {
      field: 'uploadId',
      remedy: 'Upload a file with rows: of a CSV the first line is the header, each further one a row.',
    });
  requireColumns(loaded, cut.header);
  const { sha256, header, rows, chunks } = cut;
  return {
    format,
    input: { key, sha256, bytes: found.size, etag: found.etag },
    model: {
      name: params['model.name']!,
      version: params['model.version']!,
      key: params['model.key']!,
      sha256: params['model.sha256']!,
    },
    rows,
    header,
    added: addedNames(loaded, header),
    ...(cut.csv && { csv: cut.csv }),
    chunks,
  };
}

const gone = (): ConflictError =>
  new ConflictError('the uploaded file is not there any more', {
    remedy: 'Upload it again and ask for the prediction again: what was predicted before is kept.',
  });

async function cutParquet({ deps, workspace, run }: BatchContext, { size }: ObjectInfo, chunkRows?: number) {
  const key = `${workspace}/uploads/${run.tags[UPLOAD_TAG]}`;
  const hash = createHash('sha256');
  for await (const piece of await deps.objects.stream(key)) hash.update(piece as Uint8Array);
  return {
    ...(await planParquet(rangesOf(deps, key, size), chunkRows)),
    sha256: hash.digest('hex'),
    csv: undefined,
  };
}

/** An object as hyparquet reads it: by ranges. */
export const rangesOf = ({ objects }: Pick<PipelineDeps, 'objects'>, key: string, byteLength: number) => ({
  byteLength,
  slice: async (start: number, end = byteLength): Promise<ArrayBuffer> => {
    const bytes = await objects.range(key, start < 0 ? byteLength + start : start, end);
    return new Uint8Array(bytes).buffer;
  },
});

/** A column that no row has is told once, not as a failure of each row. */
function requireColumns(loaded: LoadedModel, header: readonly string[]): void {
  const missing = inputsOf(loaded).filter(({ name, nullable }) => !nullable && !header.includes(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  throw new InvalidInputError(`the file lacks ${names.length} of the model's columns: ${shown(names)}`, {
    field: names[0]!,
    remedy: 'Name the columns as the training data had them; see GET /models/NAME/schema.',
    details: { missing: names, header: header.slice(0, 200) },
  });
}

const shown = (names: readonly string[]): string =>
  `${names
    .slice(0, 20)
    .map((name) => JSON.stringify(name))
    .join(', ')}${names.length > 20 ? ', …' : ''}`;

/** `prediction` and `probability_CLASS`, or what is free beside the input's own columns. */
export function addedNames({ model }: LoadedModel, header: readonly string[]): string[] {
  const taken = new Set(header);
  return ['prediction', ...model.classes.map((name) => `probability_${name}`)].map((name) => {
    const free = freeName(name, (one) => !taken.has(one));
    taken.add(free);
    return free;
  });
}
