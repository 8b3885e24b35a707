import type { ModelManifest } from '../../learn/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import { type LoggedModel, type LoggedModels, modelIdOf } from '../../tracking/index.ts';
import { keys } from '../keys.ts';
import { MODEL_FILE, modelFiles } from './files.ts';

/** The stores that logging a model writes to. */
export interface LogModelDeps {
  objects: Pick<ObjectStore, 'put'>;
  loggedModels: Pick<LoggedModels, 'create' | 'logMetrics' | 'finalize'>;
}

/** A model of ours, and what is known of how it came to be. */
export interface OwnModel {
  experimentId: string;
  runId: string;
  /** Of the registered model; what MLflow does not allow in a logged model's name is replaced. */
  name: string;
  bytes: Uint8Array;
  /** Hash of `bytes`. */
  sha256: string;
  manifest: ModelManifest;
  params: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
  /** On the dataset, if one is named. */
  metrics?: Readonly<Record<string, number>>;
  dataset?: { name: string; digest: string };
}

/** How MLflow's clients name a logged model. */
export const modelUri = (modelId: string): string => `models:/${modelId}`;

/**
 * Logs a model of ours as MLflow's `log_model` does: a logged model of the run, READY once its files are under its
 * artifacts. The id follows from run and content, and every write says the same when it is repeated, so that a call that
 * ended anywhere is completed by making it again.
 */
export async function logModel(deps: LogModelDeps, workspace: string, own: OwnModel): Promise<LoggedModel> {
  const { experimentId, runId, manifest, sha256, bytes, dataset } = own;
  const model = await deps.loggedModels.create(workspace, {
    modelId: modelIdOf(workspace, runId, sha256),
    experimentId,
    name: own.name.replaceAll(/[/:.%"']/g, '_'),
    modelType: manifest.task,
    sourceRunId: runId,
    params: own.params,
    tags: { 'arboleda.algorithm': manifest.algorithm, ...own.tags },
  });
  const { modelId, artifactLocation, createdAt } = model;
  if (model.status === 'READY') return model;
  const put = (file: string, body: string | Uint8Array, contentType: string) =>
    deps.objects.put(keys.loggedModelFile(workspace, experimentId, modelId, file), body, { contentType });
  await put(MODEL_FILE, bytes, 'application/octet-stream');
  const files = modelFiles({
    modelId,
    runId,
    artifactLocation,
    createdAt,
    manifest,
    sha256,
    bytes: bytes.length,
  });
  for (const [file, text] of Object.entries(files)) {
    await put(file, text, file.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8');
  }
  const points = Object.entries(own.metrics ?? {}).filter(([, value]) => Number.isFinite(value));
  await deps.loggedModels.logMetrics(
    workspace,
    points.map(([key, value]) => ({
      modelId,
      key,
      value,
      step: 0,
      // The model's own time, so that a repeat writes the same points.
      timestamp: createdAt,
      runId,
      ...(dataset && { datasetName: dataset.name, datasetDigest: dataset.digest }),
    })),
  );
  return deps.loggedModels.finalize(workspace, modelId, 'READY');
}
