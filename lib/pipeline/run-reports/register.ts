import { ConflictError, InvalidInputError, NotFoundError } from '../../errors/index.ts';
import { readManifest } from '../../learn/index.ts';
import { isTerminal, snapshotRun } from '../../tracking/index.ts';
import type { ModelVersion, Run, StageRecord } from '../../tracking/types.ts';
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
  const named = await versionOfRun(deps, run);
  if (named?.name === name && named.modelSha256 === modelSha256) return found(named);
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
    // The stage `register` has the run's id for the selected model: here it is found again, not made twice, also by its number.
    identity: modelSha256 === selectedOf(records)?.modelSha256 ? runId : `${runId}/${modelSha256}`,
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
  if (named === undefined) {
    await deps.runs.setTags(workspace, runId, { 'model.name': name, 'model.version': made.version });
  }
  await snapshotRun(workspace, runId, deps, { model: name, version: made.version });
  const created = Number(made.version) > before;
  return { model: name, version: made.version, modelId: logged.modelId, created };
}

/** The version that the run's tags name: its stage made it, or a call of this. None where it was deleted since: the next takes its place. */
async function versionOfRun(
  { registry }: Pick<RegisterDeps, 'registry'>,
  { workspace, tags }: Run,
): Promise<ModelVersion | undefined> {
  const { 'model.name': model, 'model.version': version } = tags;
  if (model === undefined || version === undefined) return undefined;
  return registry.getVersion(workspace, model, version).catch((error: unknown) => {
    // A client may write these tags: what is no name or number names nothing.
    if (error instanceof NotFoundError || error instanceof InvalidInputError) return undefined;
    throw error;
  });
}

const found = ({ name, version, modelId }: ModelVersion): RegisteredFromRun => ({
  model: name,
  version,
  created: false,
  ...(modelId !== undefined && { modelId }),
});

const selectedOf = (records: readonly StageRecord[]): EvaluateOutputs | undefined =>
  records.find((record) => isResultOf(record, 'evaluate'))?.outputs as EvaluateOutputs | undefined;

async function trainedOf(
  deps: RegisterDeps,
  run: Run,
  records: readonly StageRecord[],
  candidate: number | undefined,
): Promise<Trained> {
  const { datasetSha256 } = run.lineage;
  if (candidate === undefined) {
    const selected = selectedOf(records);
    if (selected === undefined) throw noModel(run, 'no candidate was selected in it');
    return { ...selected, metrics: versionMetrics(selected) };
  }
  const summary = records.find((record) => isResultOf(record, 'train'))?.outputs;
  if (summary === undefined || datasetSha256 === undefined) throw noModel(run, 'its training did not end');
  const results = await readResults(deps, summary as TrainSummary);
  const result = results.find(({ item }) => item === candidate);
  if (result === undefined) {
    throw new InvalidInputError(`run ${run.runId} has no candidate ${candidate}`, {
      field: 'candidate',
      remedy: `Name one of: ${results.map(({ item }) => item).join(', ')}.`,
    });
  }
  const metrics = versionMetrics({ metrics: result.test ?? {}, validation: result.validation });
  return { ...result, datasetSha256, metrics };
}

const noModel = ({ runId }: Run, why: string): ConflictError =>
  new ConflictError(`run ${runId} has no model to register: ${why}`, {
    remedy:
      'Register from a run of a pipeline that has ended, and whose stage `evaluate` is done; a model that a client logged is registered by MLflow (`mlflow.register_model`).',
  });
