import type { LoadedModel } from '../../learn/index.ts';
import type { Clock, ObjectStore } from '../../store/ports.ts';
import {
  checkModelName,
  type LoggedModel,
  type Registry,
  type Runs,
  type SnapshotSources,
  snapshotRun,
} from '../../tracking/index.ts';
import { canonicalJson, sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import { type LogModelDeps, logModel, modelUri } from '../logged-model/log-model.ts';

/** The tag that says what a run without a pipeline is. */
const KIND_TAG = 'arboleda.kind';
const IMPORT_KIND = 'import';

/** The file that a model was converted from, as the caller tells of it: it is not uploaded. */
export interface ImportSource {
  fileName: string;
  format: 'onnx' | 'ml-random-forest';
  bytes: number;
  sha256: string;
  /** What wrote it, as it says itself: `skl2onnx 1.19`. */
  producer?: string;
}

/** A model file that was read and found servable, and where it came from. */
export interface Import {
  /** The registered model that it becomes a version of; made where there is none. */
  model: string;
  loaded: LoadedModel;
  bytes: Uint8Array;
  /** Hash of `bytes`, compared before. */
  sha256: string;
  source: ImportSource;
  /** Who imports: a token's id. */
  actor: string;
}

export interface RegisteredImport {
  model: string;
  version: string;
  runId: string;
  modelSha256: string;
  /** False where the same file had been registered before: this is then its version. */
  created: boolean;
}

/** The stores that a registration writes to. */
export interface ImportDeps extends SnapshotSources {
  objects: Pick<ObjectStore, 'head' | 'put' | 'putIfAbsent'>;
  runs: SnapshotSources['runs'] &
    Pick<
      Runs,
      | 'create'
      | 'get'
      | 'nextAttempt'
      | 'setLineage'
      | 'addArtifact'
      | 'addModelOutputs'
      | 'setTags'
      | 'finish'
    >;
  registry: SnapshotSources['registry'] & Pick<Registry, 'createModel' | 'createVersion'>;
  loggedModels: LogModelDeps['loggedModels'];
  clock: Clock;
}

/** A param holds less than the longest name that a manifest may. */
const LONGEST_SHOWN = 250;

/** The same model file of the same original, under the same name, is always the same run. */
export const importRunId = (workspace: string, { model, sha256: own, source }: Import): string =>
  sha256(JSON.stringify(['import', workspace, model, own, source.sha256])).slice(0, 32);

/**
 * Registers a model that was trained elsewhere as the next version of a model, with a run of its own, so that a version
 * always has one: its params and lineage tell of the file. Served, promoted and rolled back like any other from here on.
 *
 * Every write may be repeated: run, version and object are named by content, so that a call that ended between any two
 * of them is completed by making it again, and two at once make one version. A run that `reconcile` or a caller has
 * ended meanwhile is opened again.
 *
 * @throws InvalidNameError before anything is written
 */
export async function registerImport(
  deps: ImportDeps,
  workspace: string,
  given: Import,
): Promise<RegisteredImport> {
  const { model, sha256: modelSha256, bytes } = given;
  checkModelName(model);
  const runId = importRunId(workspace, given);
  const modelKey = keys.model(workspace, modelSha256);
  // Asked first: a repeat need not send all bytes again to be told that they are there.
  if ((await deps.objects.head(modelKey)) === undefined) {
    await deps.objects.putIfAbsent(modelKey, bytes, { contentType: 'application/octet-stream' });
  }
  const created = await openRun(deps, workspace, runId, given);
  const { attempt } = await deps.runs.get(workspace, runId);
  await deps.runs.setLineage(workspace, runId, { sourceSha256: given.source.sha256 });
  await writeArtifacts(deps, workspace, runId, given, modelKey);
  const logged = await logModel(deps, workspace, {
    experimentId: '0',
    runId,
    name: model,
    bytes,
    sha256: modelSha256,
    manifest: given.loaded.manifest,
    params: paramsOf(given),
    tags: { [KIND_TAG]: IMPORT_KIND },
  });
  await deps.runs.addModelOutputs(workspace, runId, [{ modelId: logged.modelId, step: 0 }]);
  await deps.registry.createModel(workspace, { name: model });
  const { version } = await deps.registry.createVersion(
    workspace,
    model,
    versionOf(given, runId, modelKey, logged),
  );
  await deps.runs.setTags(workspace, runId, { 'model.name': model, 'model.version': version });
  await deps.runs.finish(workspace, runId, { status: 'FINISHED', attempt });
  await snapshotRun(workspace, runId, deps);
  return { model, version, runId, modelSha256, created };
}

const versionOf = (
  { loaded, bytes, sha256: modelSha256, source }: Import,
  runId: string,
  modelKey: string,
  { modelId, artifactLocation }: LoggedModel,
) => ({
  runId,
  modelId,
  source: modelUri(modelId),
  storageLocation: artifactLocation,
  modelKey,
  modelSha256,
  sizeBytes: bytes.length,
  algorithm: loaded.model.algorithm,
  task: loaded.model.task,
  tags: { [KIND_TAG]: IMPORT_KIND, 'source.fileName': source.fileName, 'source.sha256': source.sha256 },
  identity: runId,
});

/** The run, made or open again. @returns true where it was not there before */
async function openRun(deps: ImportDeps, workspace: string, runId: string, given: Import): Promise<boolean> {
  const made = await deps.runs.create(workspace, {
    runId,
    experimentId: '0',
    name: `import of ${given.model}`,
    status: 'RUNNING',
    trigger: 'caller',
    tags: {
      [KIND_TAG]: IMPORT_KIND,
      'arboleda.actor': given.actor,
      'model.algorithm': given.loaded.model.algorithm,
    },
    params: paramsOf(given),
  });
  if (made === 'created') return true;
  const { status, attempt } = await deps.runs.get(workspace, runId);
  if (status === 'FAILED' || status === 'KILLED') await deps.runs.nextAttempt(workspace, runId, attempt);
  return false;
}

function paramsOf({ loaded, bytes, source }: Import): Record<string, string> {
  const { manifest, model } = loaded;
  const { producer } = source;
  return {
    algorithm: model.algorithm,
    'source.fileName': source.fileName,
    'source.format': source.format,
    'source.bytes': String(source.bytes),
    'source.sha256': source.sha256,
    ...(producer === undefined ? {} : { 'source.producer': producer }),
    'model.bytes': String(bytes.length),
    'model.target': manifest.target.slice(0, LONGEST_SHOWN),
    'model.features': String(model.features.length),
    'model.classes': String(model.classes.length),
    ...(model.ensemble === undefined
      ? {}
      : {
          'model.trees': String(model.ensemble.roots.length - 1),
          'model.nodes': String(model.ensemble.roots.at(-1)),
        }),
  };
}

/** The model file, and what it says of itself: which features matter, and what whoever reads that should know. */
async function writeArtifacts(
  { objects, runs }: ImportDeps,
  workspace: string,
  runId: string,
  { loaded, bytes, sha256: modelSha256 }: Import,
  modelKey: string,
): Promise<void> {
  const { features, notes } = loaded.model;
  const shares = loaded.model.importance();
  const text = canonicalJson({
    features: features.map((feature, j) => ({ feature, share: shares[j] })),
    notes,
  });
  const key = keys.importance(workspace, runId);
  await objects.put(key, text, { contentType: 'application/json' });
  await runs.addArtifact(workspace, runId, {
    path: 'model/model.arbm',
    key: modelKey,
    size: bytes.length,
    contentType: 'application/octet-stream',
    sha256: modelSha256,
  });
  await runs.addArtifact(workspace, runId, {
    path: 'reports/importance.json',
    key,
    size: Buffer.byteLength(text),
    contentType: 'application/json',
    sha256: sha256(text),
  });
}
