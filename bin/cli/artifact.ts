import { createHash } from 'node:crypto';
import { IntegrityError } from '../../lib/errors/index.ts';
import type { Artifact } from '../../lib/tracking/types.ts';
import { type ApiClient, path } from './client.ts';
import { fetchStored } from './download.ts';

/**
 * The bytes of a run's artifact.
 *
 * @throws ApiError; UnreachableError where the store does not deliver; IntegrityError where they are not what the run says
 */
export const artifactBytes = (
  client: ApiClient,
  runId: string,
  artifact: Pick<Artifact, 'path' | 'sha256'>,
): Promise<Uint8Array> => {
  const inRun = artifact.path.split('/').map(encodeURIComponent).join('/');
  const what = `${artifact.path} of run ${runId}`;
  return bytesAt(client, `${path`/runs/${runId}/artifacts/`}${inRun}`, what, artifact.sha256);
};

/** Delivered data by its hash. @throws as {@link artifactBytes} */
export const dataBytes = (client: ApiClient, sha256: string): Promise<Uint8Array> =>
  bytesAt(client, path`/datasets/${sha256}/files/raw`, `the data ${sha256.slice(0, 12)}`, sha256);

async function bytesAt(
  client: ApiClient,
  route: string,
  what: string,
  sha256: string | undefined,
): Promise<Uint8Array> {
  const url = await client.location(route);
  const bytes = await fetchStored(url, async (response) => new Uint8Array(await response.arrayBuffer()));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined && found !== sha256) {
    throw new IntegrityError(`${what} has SHA-256 ${found}, not ${sha256} as recorded`);
  }
  return bytes;
}
