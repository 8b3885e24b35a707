import type { DatasetInput } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { entry } from './entries.ts';
import { invalidParameter } from './errors.ts';
import { type Input, int64, message, repeated, string } from './fields.ts';
import { parsePython, pyDumps } from './python.ts';
import { mlflowRoute } from './route.ts';
import { checkLength } from './rules.ts';
import { checkRunId } from './run-logging.ts';
import { runId, runIdOf } from './runs.ts';

const PATH = '/api/2.0/mlflow/runs';

const datasetInputShape = {
  tags: repeated(entry),
  dataset: message({
    name: string(),
    digest: string(),
    source_type: string(),
    source: string(),
    schema: string(),
    profile: string(),
  }),
} as const;

/** MLflow's limits, in characters, in the order in which it looks. */
const DATASET_LIMITS = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const;
const MAX_TAG_KEY = 255;
const MAX_TAG_VALUE = 500;

/** What was not sent is an empty text, as in MLflow. @throws MlflowError */
function datasetOf({ dataset, tags }: Input<typeof datasetInputShape>): DatasetInput {
  const { name = '', digest = '', source_type = '', source = '', schema, profile } = dataset ?? {};
  const texts = { name, digest, source, schema: schema ?? '', profile: profile ?? '' };
  for (const [field, limit] of Object.entries(DATASET_LIMITS)) {
    checkLength(field, limit, texts[field as keyof typeof texts]);
  }
  for (const { key = '', value = '' } of tags) {
    checkLength('key', MAX_TAG_KEY, key);
    checkLength('value', MAX_TAG_VALUE, value);
  }
  return {
    dataset: {
      name,
      digest,
      sourceType: source_type,
      source,
      ...(schema && { schema }),
      ...(profile && { profile }),
    },
    tags: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])),
  };
}

/** What a model's description must have for the list of a run's models. */
const MODEL_FIELDS = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];

/** What the list keeps of a model: flavors without their configuration. @throws MlflowError */
function historyEntry(text: string): string {
  let model: unknown;
  try {
    model = parsePython(text);
  } catch {
    // Said below, as for what is JSON and no object.
  }
  if (typeof model !== 'object' || model === null || Array.isArray(model)) {
    throw invalidParameter(`Malformed model info. \n ${text} \n is not a valid JSON.`);
  }
  const missing = MODEL_FIELDS.filter((field) => !Object.hasOwn(model, field));
  if (missing.length > 0) {
    const names = missing.map((field) => `'${field}'`).join(', ');
    throw invalidParameter(`Model json is missing mandatory fields: {${names}}`);
  }
  const {
    run_id,
    artifact_path,
    utc_time_created,
    model_uuid = null,
    flavors,
  } = model as Record<string, unknown>;
  if (typeof flavors !== 'object' || flavors === null || Array.isArray(flavors)) {
    throw invalidParameter('The flavors of a model are an object by their names');
  }
  const kept = Object.entries(flavors).map(([name, flavor]): [string, unknown] => {
    if (typeof flavor !== 'object' || flavor === null || Array.isArray(flavor)) return [name, flavor];
    return [name, Object.fromEntries(Object.entries(flavor).filter(([field]) => field !== 'config'))];
  });
  return pyDumps({ run_id, artifact_path, utc_time_created, model_uuid, flavors: Object.fromEntries(kept) });
}

export const runLinkRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowLogInputs',
    method: 'POST',
    path: `${PATH}/log-inputs`,
    permission: 'log',
    summary: 'Log the datasets and the models that a run read',
    fields: {
      ...runId,
      datasets: repeated(message(datasetInputShape), 'array'),
      models: repeated(message({ model_id: string() }), 'array'),
    },
    handle: async ({ deps, workspace, input }) => {
      const datasets = input.datasets.map(datasetOf);
      const models = input.models.map(({ model_id = '' }) => model_id);
      await deps.clientRuns.logInputs(workspace, checkRunId(runIdOf(input)), { datasets, models });
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowLogOutputs',
    method: 'POST',
    path: `${PATH}/outputs`,
    permission: 'log',
    summary: 'Log the models that a run made',
    fields: {
      ...runId,
      models: repeated(message({ model_id: string(), step: int64() }), 'required', 'array'),
    },
    handle: async ({ deps, workspace, input }) => {
      const models = input.models.map(({ model_id = '', step = 0 }) => ({ modelId: model_id, step }));
      await deps.clientRuns.logOutputs(workspace, runIdOf(input), models);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowLogModel',
    method: 'POST',
    path: `${PATH}/log-model`,
    permission: 'log',
    summary:
      "Add a model to the list in a run's tag `mlflow.log-model.history`, as clients before MLflow 3 do",
    fields: { ...runId, model_json: string('string', 'required') },
    handle: async ({ deps, workspace, input }) => {
      await deps.clientRuns.addModelToHistory(workspace, runIdOf(input), historyEntry(input.model_json));
      return {};
    },
  }),
];
