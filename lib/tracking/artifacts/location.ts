import { InvalidInputError, NotImplementedError } from '../../errors/index.ts';
import type { Run } from '../types.ts';
import { confinePath } from './path.ts';

/** S3's limit of a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;
const ROUTE = '/api/2.0/mlflow-artifacts/artifacts';

/** Everything that clients of a workspace upload as artifacts stands under this prefix. */
export const artifactsPrefix = (workspace: string): string => `${workspace}/artifacts/`;

/**
 * The S3 key of a confined path.
 *
 * @throws InvalidInputError on a path that is too long for S3
 */
export function artifactKey(workspace: string, path: string): string {
  const key = artifactsPrefix(workspace) + path;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new InvalidInputError(`Invalid path: it has ${Buffer.byteLength(path)} bytes, too many for S3`, {
      field: 'path',
      remedy: 'Give shorter names.',
    });
  }
  return key;
}

/** Where the files of a run are, as a client asks for them. */
export const artifactUriOf = ({ artifactUri, experimentId, runId }: Run): string =>
  artifactUri ?? `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;

/** A place below another: the path grows, what follows a `?` stays at the end, as in `s3://bucket/PATH?region=x`. */
export function placeBelow(location: string, path: string): string {
  const [, root = '', query = ''] = /^([a-z][a-z0-9+.-]*:[^?]*)(\?.*)$/is.exec(location) ?? ['', location];
  return `${root.replace(/\/+$/, '')}/${path}${query}`;
}

/**
 * The path that an artifact URI names among the workspace's artifacts: of `mlflow-artifacts:/a/b`, `mlflow-artifacts://HOST/a/b`
 * and `https://HOST/api/2.0/mlflow-artifacts/artifacts/a/b` it is `a/b`.
 *
 * @returns undefined where the files are elsewhere, as with `s3://another-bucket`
 */
export function proxiedPath(uri: string): string | undefined {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?(\/.*|$)/i.exec(uri)?.[1];
  if (path !== undefined) return confinePath(path.replace(/^\/+/, ''));
  if (!/^https?:\/\//i.test(uri)) return undefined;
  const at = uri.indexOf(`${ROUTE}/`);
  return at < 0 ? undefined : confinePath(uri.slice(at + ROUTE.length + 1));
}

/** As `proxiedPath`. @throws NotImplementedError where the files are elsewhere */
export function mustBeProxied(uri: string): string {
  const path = proxiedPath(uri);
  if (path !== undefined) return path;
  throw new NotImplementedError(`the artifacts are at ${uri}, which this server does not read`, {
    remedy: 'Ask that storage itself; clients that have its credentials do so.',
  });
}

/** The run whose folder of artifacts a path is in, by its shape alone, and the path within it. */
export function runOfPath(path: string): { root: string; runId: string; inner: string } | undefined {
  const found = /^(?:.*\/)?([0-9a-f]{32})\/artifacts(?=\/|$)/.exec(path);
  if (found === null) return undefined;
  const [root, runId = ''] = found;
  return { root, runId, inner: path.slice(root.length + 1) };
}
