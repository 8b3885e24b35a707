import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import type { PipelineDescription } from '../../lib/http/types.ts';
import type { RowSchema } from '../../lib/table/index.ts';
import type { Upload } from './api-types.ts';
import { type ApiClient, path } from './client.ts';
import { readGivenFile } from './given-file.ts';
import { putTo } from './upload.ts';

export interface Pushed {
  pipeline: string;
  uploadId: string;
  sha256: string;
  bytes: number;
  fileName: string;
}

/**
 * Uploads a file by a presigned URL and makes it the pipeline's source from its next run on.
 * The file is read by the pipeline's schema first: one without its columns would fail every run from then on.
 *
 * @throws InvalidInputError where the file cannot be read; BadDataError subclasses where it is empty, is no CSV or lacks a
 *   column; ApiError.
 */
export async function pushFile(client: ApiClient, file: string, pipeline: string): Promise<Pushed> {
  const { definition } = await client.get<PipelineDescription>(path`/pipelines/${pipeline}`);
  const bytes = await readGivenFile(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  // The very file that the pipeline pins is right by its hash; only the stack can decode it.
  if (!isPinned(definition.sources, sha256)) {
    const { schema, missing } = definition as { schema: RowSchema; missing?: string[] };
    // Only here: readers of tables are most of what a command would load before it says its first word.
    const { readCsv } = await import('../../lib/table/index.ts');
    // Bad rows are the run's to judge, with its own bound and quarantine.
    await readCsv(Readable.from([bytes]), { schema, missing, maxBadShare: 1 });
  }
  const fileName = basename(file);
  const upload = await client.post<Upload>('/data/uploads', { fileName, bytes: bytes.length, sha256 });
  await putTo(upload, bytes);
  await client.post(path`/pipelines/${pipeline}/data`, { uploadId: upload.uploadId });
  return { pipeline, uploadId: upload.uploadId, sha256, bytes: bytes.length, fileName };
}

const isPinned = (sources: unknown, sha256: string): boolean =>
  Array.isArray(sources) &&
  sources.some(
    (source: { kind?: unknown; sha256?: unknown }) => source.kind === 'https' && source.sha256 === sha256,
  );

/**
 * Where the pipeline reads a file of the folder ARBOLEDA_DATA, and that file is there and not pushed already, pushes it; not over data that a
 * rollback pinned.
 * @returns what was pushed.
 */
export async function pushLocalData(
  client: ApiClient,
  pipeline: string,
  note: (text: string) => void,
  folder = process.env.ARBOLEDA_DATA,
): Promise<Pushed | undefined> {
  if (!folder) return undefined;
  const description = await client.get<PipelineDescription>(path`/pipelines/${pipeline}`);
  if (description.source?.pinned) {
    const { model, version } = description.source.pinned;
    note(
      `${pipeline}: reads the data of ${model} version ${version}, as rolled back to; \`data release\` ends that`,
    );
    return undefined;
  }
  for (const file of folderSources(description)) {
    const full = join(folder, file);
    if (!existsSync(full)) continue;
    const sha256 = createHash('sha256')
      .update(await readFile(full))
      .digest('hex');
    if (description.source?.sha256 === sha256) return undefined;
    const pushed = await pushFile(client, full, pipeline);
    note(`${pipeline}: pushed ${file} of ARBOLEDA_DATA (${pushed.bytes} bytes)`);
    return pushed;
  }
  return undefined;
}

function folderSources(description: PipelineDescription): string[] {
  const sources = description.definition.sources;
  if (!Array.isArray(sources)) return [];
  return sources
    .filter(
      (source: { kind?: unknown; path?: unknown }) =>
        source.kind === 'folder' && typeof source.path === 'string',
    )
    .map((source: { path: string }) => source.path);
}
