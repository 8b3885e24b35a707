import { invalidParameter } from './errors.ts';

const MAX_LOCATION = 2048;
const FIELD = 'artifact_location';

/** Schemes whose URI names a host: a server that followed them would call whomever a client names. */
const NAMES_A_HOST: ReadonlySet<string> = new Set([
  'ftp',
  'sftp',
  'hdfs',
  'viewfs',
  'http',
  'https',
  'mlflow-artifacts',
  'r2',
  'b2',
  'abfss',
]);

/** Schemes in which `;` begins parameters, as in paths without one. */
const WITH_PARAMETERS: ReadonlySet<string> = new Set(['', 'ftp', 'sftp', 'http', 'https']);

/**
 * Where an experiment's files are to be, as a client wishes it: MLflow's rules, in its words. This server reads and writes
 * only what is below `mlflow-artifacts:/`; any other place is the client's own to reach.
 *
 * @throws MlflowError
 */
export function checkArtifactLocation(location: string): void {
  const uri = uriParts(location);
  const { scheme, path, query, fragment } = uri;
  const parameters = WITH_PARAMETERS.has(scheme) && /;[^/]+$/.test(path);
  if (fragment !== '' || parameters) {
    throw invalidParameter(`'${FIELD}' URL can't include fragments or params.`);
  }
  if (decodeFully(query).includes('..')) throw invalidParameter('Invalid query string');
  refuseHost(uri, FIELD);
  if (location.startsWith('runs:')) {
    throw invalidParameter(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  }
  if ([...location].length > MAX_LOCATION) {
    throw invalidParameter(
      `Invalid artifact path length. The length of the artifact path cannot be greater than ${MAX_LOCATION} characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.`,
    );
  }
}

/**
 * Refuses a URI that names a host; `mlflow-artifacts:/path` is this server itself.
 *
 * @param field the request's field, for the words.
 * @throws MlflowError
 */
export function refuseHost({ scheme, authority }: UriParts, field: string): void {
  if (!NAMES_A_HOST.has(scheme) || (scheme === 'mlflow-artifacts' && authority === '')) return;
  throw invalidParameter(
    `'${field}' cannot use the '${scheme}' scheme: the '${scheme}' scheme addresses a host other than the tracking server's configured artifact storage, so the server would connect to the host named in the URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it.`,
  );
}

type UriParts = ReturnType<typeof uriParts>;

/** A URI's parts by RFC 3986's own expression, the scheme in lower case. */
export function uriParts(uri: string) {
  const found = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(
    uri,
  );
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] = found ?? [];
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment };
}

/** Ten times at most, as MLflow: what is encoded deeper means no good, and is refused as a traversal is. */
function decodeFully(text: string): string {
  let present = text;
  for (let i = 0; i < 10; i += 1) {
    let next = present;
    try {
      next = decodeURIComponent(present);
    } catch {
      // A stray % stays what it is.
    }
    if (next === present) return present;
    present = next;
  }
  return '..';
}
