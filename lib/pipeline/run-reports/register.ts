import { ConflictError, InvalidInputError, NotFoundError } from '../../errors/index.ts';
import { readManifest } from '../../learn/index.ts';
import { isTerminal, snapshotRun } from '../../tracking/index.ts';
import type { Run, StageRecord } from '../../tracking/types.ts';
import { describeDefinition } from '../catalog.ts';
import type { PipelineDeps } from '../deps.ts';
import { logModel, modelUri } from '../logged-model/log-model.ts';
import { isResultOf } from '../run-stage.ts';
import { readResults, type TrainSummary } from '../stages/complete-train.ts';
import { versionMetrics } from '../stages/register.ts';
import type { EvaluateOutputs } from '../stages/types.ts';

export interface RegisterFromRun {
  /** The registered model; absent: the pipeline's own. One that is not there is made. */
  model?: string;
  /** The item of the train Map whose model it is; absent: the selected one. */
  candidate?: number;
  description?: string;
}

export interface RegisteredFromRun {
  model: string;
  version: string;
  /** The logged model; absent of versions from before there were any. */
  modelId?: string;
  /** False where this model of this run was a version already. */
  created: boolean;
}

export type RegisterDeps = Pick<
  PipelineDeps,
  'objects' | 'runs' | 'stages' | 'registry' | 'loggedModels' | 'catalog' | 'experiments' | 'clock'
>;

/** What is known of a model that a run trained. */
type Trained = Pick<
  EvaluateOutputs,
  'modelKey' | 'modelSha256' | 'sizeBytes' | 'algorithm' | 'params' | 'metrics' | 'datasetSha256'
>;

/** Characters of a dataset's digest: MLflow's column holds 36. */
const DIGEST = 32;

/**
 * Makes a model that a run trained a version: the selected one, or another candidate's. The same model of the same run under
 * the same name is the same version, so that a call which ended anywhere is completed by making it again.
 *
 * @throws NotFoundError, ConflictError (the run goes on, or has no such model), InvalidInputError (no such candidate)
 */
export async function registerFromRun(
  deps: RegisterDeps,
  workspace: string,
  runId: string,
  { model, candidate, description }: RegisterFromRun,
): Promise<RegisteredFromRun> {
  const run = await deps.runs.get(workspace, runId);
  const { pipeline } = run;
  if (pipeline === undefined) throw noModel(run, 'it is of no pipeline');
  if (!isTerminal(run.status)) throw noModel(run, `it is ${run.status}`);
  const records = await deps.stages.list(workspace, runId);
  const trained = await trainedOf(deps, run, records, candidate);
  const described = describeDefinition(deps.catalog.get(pipeline));
  const name = model ?? described.model;
  const { modelKey, modelSha256, sizeBytes, algorithm, metrics, datasetSha256, params } = trained;
  const held = await versionOfRun(deps, run, name, modelSha256);
  if (held !== undefined) return held;
  const synthetic = run.tags['data.synthetic'] ?? 'false';
  const bytes = await deps.objects.get(modelKey);
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const logged = await logModel(deps, workspace, {
    experimentId: run.experimentId,
    runId,
    name,
    bytes,
    sha256: modelSha256,
    manifest: readManifest(bytes, { sha256: modelSha256 }),
    params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, text(value)])),
    tags: { 'data.synthetic': synthetic },
    metrics,
    dataset: { name: described.name, digest: datasetSha256.slice(0, DIGEST) },
  });
  await deps.registry.createModel(workspace, { name });
  const before = (await deps.registry.getModel(workspace, name)).latestVersion;
  const made = await deps.registry.createVersion(workspace, name, {
    // The stage `register` has the run's id for the selected model: here it is found again, not made twice.
    identity: candidate === undefined ? runId : `${runId}/${modelSha256}`,
    runId,
    modelId: logged.modelId,
    source: modelUri(logged.modelId),
    storageLocation: logged.artifactLocation,
    modelKey,
    modelSha256,
    sizeBytes,
    algorithm,
    task: described.task,
    metrics,
    ...(description !== undefined && { description }),
    tags: { pipeline: described.name, datasetSha256, 'data.synthetic': synthetic },
  });
  await deps.runs.addModelOutputs(workspace, runId, [{ modelId: logged.modelId, step: 0 }]);
  if (run.tags['model.name'] === undefined) {
    await deps.runs.setTags(workspace, runId, { 'model.name': name, 'model.version': made.version });
  }
  await snapshotRun(workspace, runId, deps, { model: name, version: made.version });
  const created = Number(made.version) > before;
  return { model: name, version: made.version, modelId: logged.modelId, created };
}

/** The version that the run's own stage made, or found made before of the same content. */
async function versionOfRun(
  { registry }: Pick<RegisterDeps, 'registry'>,
  { workspace, tags }: Run,
  model: string,
  modelSha256: string,
): Promise<RegisteredFromRun | undefined> {
  const version = tags['model.version'];
  if (tags['model.name'] !== model || version === undefined) return undefined;
  const found = await registry.getVersion(workspace, model, version).catch((error: unknown) => {
    // Deleted since: it may be made again.
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (found?.modelSha256 !== modelSha256) return undefined;
  return {
    model,
    version,
    created: false,
    ...(found.modelId !== undefined && { modelId: found.modelId }),
  };
}

async function trainedOf(
  deps: RegisterDeps,
  run: Run,
  records: readonly StageRecord[],
  candidate: number | undefined,
): Promise<Trained> {
  const { datasetSha256 } = run.lineage;
  const evaluated = records.find((record) => isResultOf(record, 'evaluate'))?.outputs;
  if (candidate === undefined) {
    if (evaluated === undefined) throw noModel(run, 'no candidate was selected in it');
    const selected = evaluated as EvaluateOutputs;
    return { ...selected, metrics: versionMetrics(selected) };
  }
  const summary = records.find((record) => isResultOf(record, 'train'))?.outputs;
  if (summary === undefined || datasetSha256 === undefined) throw noModel(run, 'its training did not end');
  const results = await readResults(deps, summary as TrainSummary);
  const found = results.find(({ item }) => item === candidate);
  if (found === undefined) {
    throw new InvalidInputError(`run ${run.runId} has no candidate ${candidate}`, {
      field: 'candidate',
      remedy: `Name one of: ${results.map(({ item }) => item).join(', ')}.`,
    });
  }
  const metrics = versionMetrics({ metrics: found.test ?? {}, validation: found.validation });
  return { ...found, datasetSha256, metrics };
}

const noModel = ({ runId }: Run, why: string): ConflictError =>
  new ConflictError(`run ${runId} has no model to register: ${why}`, {
    remedy:
      'Register from a run of a pipeline that has ended, and whose stage `evaluate` is done; a model that a client logged is registered by MLflow (`mlflow.register_model`).',
  });
