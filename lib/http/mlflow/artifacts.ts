import { type ArtifactEntry, artifactUriOf, confinePath, mustBeProxied } from '../../tracking/index.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidParameter } from './errors.ts';
import { int64, string } from './fields.ts';
import { mlflowRoute } from './route.ts';
import { runId, runIdOf } from './runs.ts';

/** A file or folder as MLflow's clients read it. */
export interface FileInfo {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

/** Seven days: no cloud signs for longer. */
const LONGEST_SECONDS = 604_800;

/**
 * What is in a folder below an artifact URI, with paths relative to that: of a run, or of a logged model.
 *
 * @throws InvalidInputError on a path that leaves, NotImplementedError where the files are in a storage of their own
 */
export async function filesBelow(
  artifacts: Pick<ApiDeps['artifacts'], 'list'>,
  workspace: string,
  rootUri: string,
  path: string | undefined,
): Promise<{ files?: FileInfo[]; root_uri: string }> {
  const below = confinePath(path ?? '');
  const root = mustBeProxied(rootUri);
  const entries = await artifacts.list(workspace, below === '' ? root : `${root}/${below}`);
  return { ...fileInfos(entries, below), root_uri: rootUri };
}

/** As MLflow's server has it: a list of none and a size of 0 are left out. */
export function fileInfos(entries: readonly ArtifactEntry[], folder = ''): { files?: FileInfo[] } {
  if (entries.length === 0) return {};
  const files = entries.map(({ name, isFolder, size }) => ({
    path: folder === '' ? name : `${folder}/${name}`,
    is_dir: isFolder,
    ...(size ? { file_size: size } : {}),
  }));
  return { files };
}

/** These two speak of runs whose files are in a bucket of the client's own: here every run's pass through this server. */
function refuseProxied(what: 'upload' | 'download', of: string, uri: string): never {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(uri)?.[0] ?? '';
  throw invalidParameter(
    `Presigned ${what} is not supported for ${of} (artifact URI scheme: ${scheme}). ` +
      `This endpoint requires a ${what === 'upload' ? '' : 'run with a '}direct cloud storage artifact URI.`,
  );
}

export const artifactRoutes = [
  mlflowRoute({
    id: 'mlflowListArtifacts',
    method: 'GET',
    path: '/api/2.0/mlflow/artifacts/list',
    permission: 'read',
    summary: 'The files in a folder of a run',
    fields: { ...runId, path: string('string'), page_token: string('string') },
    handle: async ({ deps, workspace, input }) => {
      // As MLflow's server, before it looks for the run.
      confinePath(input.path ?? '');
      const run = await deps.clientRuns.get(workspace, runIdOf(input));
      return filesBelow(deps.artifacts, workspace, artifactUriOf(run), input.path);
    },
  }),
  mlflowRoute({
    id: 'mlflowListLoggedModelArtifacts',
    method: 'GET',
    path: '/api/2.0/mlflow/logged-models/{model_id}/artifacts/directories',
    permission: 'read',
    summary: 'The files in a folder of a logged model',
    fields: { artifact_directory_path: string('string') },
    handle: async ({ deps, workspace, params, input }) => {
      confinePath(input.artifact_directory_path ?? '');
      const model = await deps.loggedModels.get(workspace, params.model_id ?? '');
      return filesBelow(deps.artifacts, workspace, model.artifactLocation, input.artifact_directory_path);
    },
  }),
  mlflowRoute({
    id: 'mlflowCreatePresignedUploadUrl',
    method: 'POST',
    path: '/api/2.0/mlflow/artifacts/presigned-upload-url',
    permission: 'log',
    summary: 'Refused: files of this server are uploaded through it, or in parts by mlflow-artifacts/mpu',
    fields: {
      run_id: string('string'),
      model_id: string('string'),
      path: string('required', 'string'),
      expiration: int64('int'),
    },
    handle: async ({ deps, workspace, input }) => {
      if (((input.run_id ?? '') !== '') === ((input.model_id ?? '') !== '')) {
        throw invalidParameter('Exactly one of run_id and model_id must be provided.');
      }
      confinePath(input.path);
      const uri = input.run_id
        ? artifactUriOf(await deps.clientRuns.get(workspace, input.run_id))
        : (await deps.loggedModels.get(workspace, input.model_id ?? '')).artifactLocation;
      return refuseProxied('upload', 'proxied artifact storage', uri);
    },
  }),
  mlflowRoute({
    id: 'mlflowCreatePresignedDownloadUrl',
    method: 'POST',
    path: '/api/2.0/mlflow/artifacts/presigned-download-url',
    permission: 'read',
    summary: 'Refused: GET mlflow-artifacts/presigned gives the URL of a file of this server',
    fields: {
      run_id: string('required', 'string'),
      path: string('required', 'string'),
      expiration: int64('int'),
    },
    handle: async ({ deps, workspace, input }) => {
      confinePath(input.path);
      const { expiration = 300 } = input;
      if (expiration < 1 || expiration > LONGEST_SECONDS) {
        throw invalidParameter(
          `expiration must be between 1 and ${LONGEST_SECONDS} seconds (got ${expiration}).`,
        );
      }
      const uri = artifactUriOf(await deps.clientRuns.get(workspace, input.run_id));
      return refuseProxied('download', 'runs with proxied artifact storage', uri);
    },
  }),
];
