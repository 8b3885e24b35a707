import { join, resolve, sep } from 'node:path';
import { NotFoundError } from '../../lib/errors/index.ts';
import type { Artifact } from '../../lib/tracking/types.ts';
import type { RunDetail, RunList } from './api-types.ts';
import { type ApiClient, path } from './client.ts';
import { type Downloaded, download } from './download.ts';
import { MOST_CHILDREN } from './experiments.ts';

/** One file of a run or of one of its child runs. */
export interface RunFile extends Artifact {
  runId: string;
  /** Where it goes, inside the folder: a child's files under `children/` and what the child is. */
  to: string;
}

/** The files of a run and of its child runs, in order of their place. */
export async function filesOf(client: ApiClient, runId: string): Promise<RunFile[]> {
  const run = await client.get<RunDetail>(path`/runs/${runId}`);
  const { runs: children } = await client.get<RunList>('/runs', { parent: run.runId, limit: MOST_CHILDREN });
  const files = run.artifacts.map((artifact) => ({ ...artifact, runId: run.runId, to: artifact.path }));
  for (const child of children) {
    const { artifacts } = await client.get<{ artifacts: Artifact[] }>(path`/runs/${child.runId}/artifacts`);
    const folder = `children/${childFolder(child.tags, child.runId)}`;
    files.push(
      ...artifacts.map((artifact) => ({ ...artifact, runId: child.runId, to: `${folder}/${artifact.path}` })),
    );
  }
  return files.sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** `0-batch-1`, `5-whole`, `2`: the item, and what it was trained on. */
function childFolder(tags: Record<string, string>, runId: string): string {
  const { 'arboleda.item': item, 'data.part': part, batch_id: batch } = tags;
  const name = [item, part, batch].filter((one) => one !== undefined).join('-');
  // A tag may hold anything: only what is safe in a path goes into one.
  return /^[\w-]{1,60}$/.test(name) ? name : runId;
}

/** The files whose place is `wanted` or lies under it. @throws NotFoundError naming what there is */
export function chosen(files: readonly RunFile[], wanted: string | undefined): RunFile[] {
  if (wanted === undefined) return [...files];
  const place = wanted.replace(/\/+$/, '');
  const found = files.filter(({ to }) => to === place || to.startsWith(`${place}/`));
  if (found.length > 0) return found;
  throw new NotFoundError(`the run has no file "${wanted}"`, {
    field: 'path',
    remedy: 'List them with `npx arboleda download RUN --list`.',
  });
}

/**
 * Downloads a file into its place under the folder: by the API's redirection to S3, checked by its hash where it has one.
 * One that is there already is left alone.
 *
 * @throws NotFoundError for a place outside the folder; what `download` throws
 */
export async function downloadFile(client: ApiClient, file: RunFile, folder: string): Promise<Downloaded> {
  const root = resolve(folder);
  const place = resolve(join(root, ...file.to.split('/')));
  if (!place.startsWith(root + sep)) {
    throw new NotFoundError(`"${file.to}" lies outside the folder`, { field: 'path' });
  }
  const parts = file.path.split('/').map(encodeURIComponent).join('/');
  return download(client, `/runs/${file.runId}/artifacts/${parts}`, place, file.sha256);
}
