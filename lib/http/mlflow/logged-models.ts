import { NotFoundError } from '../../errors/index.ts';
import { ParamChangedError, requireActive, type SearchPosition } from '../../tracking/index.ts';
import { decodePageToken, encodePageToken } from '../../tracking/search/index.ts';
import type { Experiment } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { invalidParameter, MlflowError } from './errors.ts';
import { bool, int32, json, message, repeated, string } from './fields.ts';
import { loggedModelJson, statusOf } from './logged-model-json.ts';
import { loggedModelQuery } from './logged-model-search.ts';
import { pyString } from './python.ts';
import { mlflowRoute } from './route.ts';
import { experimentIdOf, isHeldId, knownExperimentId } from './rules.ts';

const BASE = '/api/2.0/mlflow/logged-models';
/** Models a page, where a search names no number. */
const PAGE = 100;

const entry = message({ key: string(), value: string() });
const allStrings = {
  holds: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

export const loggedModelRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowCreateLoggedModel',
    method: 'POST',
    path: BASE,
    permission: 'log',
    summary: 'Make a logged model, PENDING until its files are there',
    fields: {
      experiment_id: string('string', 'required'),
      name: string('string'),
      model_type: string('string'),
      source_run_id: string('string'),
      params: repeated(entry, 'array'),
      tags: repeated(entry, 'array'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { name, model_type: modelType, source_run_id: sourceRunId } = input;
      const experiment = await activeExperiment(deps, workspace, input.experiment_id);
      const params = onceEach(input.params);
      const model = await deps.loggedModels.create(workspace, {
        experimentId: experiment.experimentId,
        ...(experiment.artifactLocation && { experimentLocation: experiment.artifactLocation }),
        ...(name && { name }),
        ...(modelType && { modelType }),
        ...(sourceRunId && { sourceRunId }),
        params,
        tags: byKey(input.tags),
      });
      return { model: loggedModelJson(model) };
    },
  }),
  mlflowRoute({
    id: 'mlflowSearchLoggedModels',
    method: 'POST',
    path: `${BASE}/search`,
    permission: 'read',
    summary: 'Find logged models of experiments',
    fields: {
      experiment_ids: repeated(string(), 'array', 'required', allStrings),
      filter: string('string'),
      datasets: repeated(message({ dataset_name: string(), dataset_digest: string() }), 'array'),
      max_results: int32('int'),
      order_by: repeated(
        message({
          field_name: string(),
          ascending: bool(),
          dataset_name: string(),
          dataset_digest: string(),
        }),
        'array',
      ),
      page_token: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { experiment_ids: ids, filter, datasets, order_by, page_token: token, max_results } = input;
      const experimentIds = ids.map(experimentIdOf).filter(isHeldId);
      const limit = max_results || PAGE;
      if (limit < 0) throw invalidParameter(`Invalid value ${limit} for parameter 'max_results' supplied.`);
      const query = [workspace, experimentIds, filter ?? '', datasets, order_by];
      const page = await deps.loggedModels.search(workspace, {
        experimentIds,
        limit,
        ...loggedModelQuery({ filter, datasets, order_by }),
        ...afterOf(decodePageToken<SearchPosition>(query, token)),
      });
      return {
        models: page.models.length === 0 ? undefined : page.models.map(loggedModelJson),
        next_page_token: page.next && encodePageToken(query, page.next),
      };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetLoggedModel',
    method: 'GET',
    path: `${BASE}/{model_id}`,
    permission: 'read',
    summary: 'A logged model with its params, tags and metrics',
    fields: { allow_deleted: string() },
    handle: async ({ deps, workspace, params, input }) => {
      const deleted = input.allow_deleted?.toLowerCase() === 'true';
      return {
        model: loggedModelJson(await deps.loggedModels.get(workspace, params.model_id!, { deleted })),
      };
    },
  }),
  mlflowRoute({
    id: 'mlflowFinalizeLoggedModel',
    method: 'PATCH',
    path: `${BASE}/{model_id}`,
    permission: 'log',
    summary: 'Set the status of a logged model',
    fields: { model_id: string('string', 'required'), status: json('required') },
    // As in MLflow it is the body that names the model.
    handle: async ({ deps, workspace, input }) => {
      const model = await deps.loggedModels.finalize(workspace, input.model_id, statusOf(input.status));
      return { model: loggedModelJson(model) };
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteLoggedModel',
    method: 'DELETE',
    path: `${BASE}/{model_id}`,
    permission: 'log',
    summary: 'Mark a logged model as deleted',
    handle: async ({ deps, workspace, params }) => {
      await deps.loggedModels.delete(workspace, params.model_id!);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowSetLoggedModelTags',
    method: 'PATCH',
    path: `${BASE}/{model_id}/tags`,
    permission: 'log',
    summary: 'Set tags of a logged model',
    fields: { tags: repeated(entry, 'array') },
    handle: async ({ deps, workspace, params, input }) => {
      await deps.loggedModels.setTags(workspace, params.model_id!, byKey(input.tags));
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteLoggedModelTag',
    method: 'DELETE',
    path: `${BASE}/{model_id}/tags/{tag_key}`,
    permission: 'log',
    summary: 'Delete a tag of a logged model',
    handle: async ({ deps, workspace, params }) => {
      await deps.loggedModels.deleteTag(workspace, params.model_id!, params.tag_key!);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowLogLoggedModelParams',
    method: 'POST',
    path: `${BASE}/{model_id}/params`,
    permission: 'log',
    summary: 'Add params to a logged model',
    fields: { model_id: string('string', 'required'), params: repeated(entry, 'array') },
    handle: async ({ deps, workspace, params, input }) => {
      const logging = deps.loggedModels.logParams(workspace, params.model_id!, onceEach(input.params));
      await logging.catch((error: unknown) => {
        if (!(error instanceof ParamChangedError)) throw error;
        throw new MlflowError('BAD_REQUEST', error.message, { cause: error });
      });
      return {};
    },
  }),
];

const afterOf = (after: SearchPosition | undefined) => (after === undefined ? {} : { after });

type Entry = { key?: string | undefined; value?: string | undefined };

/** The last of equal keys counts. */
const byKey = (entries: readonly Entry[]): Record<string, string> =>
  Object.fromEntries(entries.map(({ key = '', value = '' }) => [key, value]));

/** A param has one value: the same twice is fine. @throws MlflowError BAD_REQUEST */
function onceEach(entries: readonly Entry[]): Record<string, string> {
  const params = byKey(entries);
  const changed = entries.find(({ key = '', value = '' }) => params[key] !== value);
  if (changed === undefined) return params;
  throw new MlflowError('BAD_REQUEST', `the param ${pyString(changed.key ?? '')} is given two values`);
}

/** @throws MlflowError where there is none, or it is deleted */
async function activeExperiment(deps: ApiDeps, workspace: string, given: string): Promise<Experiment> {
  const id = knownExperimentId(given);
  const experiment = await deps.experiments.get(workspace, id).catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
    throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${id} exists`, {
      cause: error,
    });
  });
  requireActive(experiment);
  return experiment;
}
