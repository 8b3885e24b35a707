import { NotFoundError } from '../../errors/index.ts';
import { readManifest } from '../../learn/index.ts';
import type { LoggedModel } from '../../tracking/index.ts';
import { logModel, modelUri } from '../logged-model/log-model.ts';
import { outputsOf, type StageContext, type StageDefinition } from '../run-stage.ts';
import type { EvaluateOutputs, RegisterOutputs } from './types.ts';

/** Characters of a dataset's digest: MLflow's column holds 36. */
const DIGEST = 32;

/** A version's figures: those on the test rows, and what it was selected by, so that another candidate may be compared with it. */
export const versionMetrics = ({
  metrics,
  validation,
}: Pick<EvaluateOutputs, 'metrics' | 'validation'>): Record<string, number> => ({
  ...Object.fromEntries(Object.entries(validation).map(([name, value]) => [`validation_${name}`, value])),
  ...metrics,
});

/**
 * Makes the selected model a version. The same model of the same dataset is not registered twice: its version is found
 * by content, and the stage says so. A forced run makes a new version.
 */
export const registerStage: StageDefinition<RegisterOutputs> = {
  stage: 'register',
  prepare: async (context) => {
    const evaluated = await outputsOf<EvaluateOutputs>(context, 'evaluate');
    const { modelSha256, datasetSha256 } = evaluated;
    return {
      inputs: { model: context.described.model, modelSha256, datasetSha256 },
      execute: () => register(context, evaluated),
      promised: (outputs) => [outputs.modelKey],
      stands: (outputs) => isRegistered(context, outputs),
      publish: (outputs) => publish(context, outputs, evaluated),
      note: (outputs) => `${outputs.model} version ${outputs.version}`,
    };
  },
};

/** Whether the version is still this model: it may have been deleted, and its number be another's where the model was. */
async function isRegistered(
  { deps, workspace }: StageContext,
  { model, version, modelSha256 }: RegisterOutputs,
): Promise<boolean> {
  try {
    return (await deps.registry.getVersion(workspace, model, version)).modelSha256 === modelSha256;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

async function register(context: StageContext, evaluated: EvaluateOutputs): Promise<RegisterOutputs> {
  const { modelId, artifactLocation } = await logSelected(context, evaluated);
  const { deps, workspace, runId, described, run } = context;
  const { modelKey, modelSha256, sizeBytes, algorithm, datasetSha256 } = evaluated;
  await deps.registry.createModel(workspace, { name: described.model });
  const version = await deps.registry.createVersion(workspace, described.model, {
    runId,
    modelId,
    source: modelUri(modelId),
    storageLocation: artifactLocation,
    modelKey,
    modelSha256,
    sizeBytes,
    algorithm,
    task: described.task,
    metrics: versionMetrics(evaluated),
    tags: {
      pipeline: described.name,
      datasetSha256,
      'data.synthetic': run.tags['data.synthetic'] ?? 'false',
    },
    identity: runId,
  });
  return { model: described.model, version: version.version, modelKey, modelSha256, modelId };
}

/** The selected model as MLflow's clients see it. */
async function logSelected(context: StageContext, evaluated: EvaluateOutputs): Promise<LoggedModel> {
  const { deps, workspace, runId, described, run } = context;
  const { modelKey, modelSha256, params, metrics, datasetSha256 } = evaluated;
  const bytes = await deps.objects.get(modelKey);
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return logModel(deps, workspace, {
    experimentId: run.experimentId,
    runId,
    name: described.model,
    bytes,
    sha256: modelSha256,
    manifest: readManifest(bytes, { sha256: modelSha256 }),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, text(value)])),
    tags: { 'data.synthetic': run.tags['data.synthetic'] ?? 'false' },
    metrics,
    // As many digits as MLflow gives a digest.
    dataset: { name: described.name, digest: datasetSha256.slice(0, DIGEST) },
  });
}

async function publish(
  context: StageContext,
  outputs: RegisterOutputs,
  evaluated: EvaluateOutputs,
): Promise<void> {
  const { deps, workspace, runId } = context;
  await deps.runs.setTags(workspace, runId, {
    'model.name': outputs.model,
    'model.version': outputs.version,
  });
  if (outputs.modelId !== undefined) {
    await deps.runs.addModelOutputs(workspace, runId, [{ modelId: outputs.modelId, step: 0 }]);
  }
  await deps.runs.addArtifact(workspace, runId, {
    path: 'model/model.arbm',
    key: outputs.modelKey,
    size: evaluated.sizeBytes,
    contentType: 'application/octet-stream',
    sha256: outputs.modelSha256,
  });
}
