import { NotFoundError } from '../../errors/index.ts';
import { ParamChangedError } from '../../tracking/errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import {
  checkBatchSize,
  checkMetric,
  checkParam,
  checkPresent,
  checkTag,
  checkUniqueParams,
  entry,
  MAX_BATCH_BYTES,
  type MetricInput,
  metric,
} from './entries.ts';
import { invalidParameter, MlflowError } from './errors.ts';
import { double, int64, repeated, string } from './fields.ts';
import { pyJson, pyString } from './python.ts';
import { mlflowRoute } from './route.ts';
import { runId, runIdOf } from './runs.ts';

const PATH = '/api/2.0/mlflow/runs';
/** What MLflow's server takes for a run's id in log-batch and log-inputs. */
const RUN_ID = /^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}$/u;

/** @throws MlflowError */
export function checkRunId(id: string): string {
  if (RUN_ID.test(id)) return id;
  throw invalidParameter(`Invalid value ${pyJson(id)} for parameter 'run_id' supplied.`);
}

interface Change {
  key: string;
  before: string;
  now: string;
}

/** A param that would change, in MLflow's words: one at a time, or all of a batch. */
async function withParams<T>(log: Promise<T>, words: (changes: [Change, ...Change[]]) => string): Promise<T> {
  try {
    return await log;
  } catch (error) {
    if (!(error instanceof ParamChangedError)) throw error;
    throw invalidParameter(words(error.details?.changes as [Change, ...Change[]]));
  }
}

/**
 * Metrics that name a logged model are that model's too. Whether there are such models is asked before anything is written;
 * theirs are written last, so that a call that ended in between is completed by making it again.
 */
async function logToModels(
  { loggedModels }: Pick<ApiDeps, 'loggedModels'>,
  workspace: string,
  run: string,
  metrics: readonly MetricInput[],
  logToRun: () => Promise<void>,
): Promise<void> {
  const ofModels = metrics.flatMap((one) => (one.model_id ? [{ ...one, model_id: one.model_id }] : []));
  for (const modelId of new Set(ofModels.map((one) => one.model_id))) {
    try {
      await loggedModels.get(workspace, modelId);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw new MlflowError(
        'BAD_REQUEST',
        `Metrics name the logged model '${modelId}', and there is none of this id`,
      );
    }
  }
  await logToRun();
  if (ofModels.length === 0) return;
  await loggedModels.logMetrics(
    workspace,
    ofModels.map((one) => ({
      ...checkMetric(one),
      modelId: one.model_id,
      runId: run,
      ...(one.dataset_name && { datasetName: one.dataset_name }),
      ...(one.dataset_digest && { datasetDigest: one.dataset_digest }),
    })),
  );
}

export const runLoggingRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowLogMetric',
    method: 'POST',
    path: `${PATH}/log-metric`,
    permission: 'log',
    summary: 'Log one point of a metric; the same point again counts once',
    fields: {
      ...runId,
      key: string('required', 'string'),
      value: double('required', 'float'),
      timestamp: int64('int', 'required'),
      step: int64('int'),
      model_id: string('string'),
      dataset_name: string('string'),
      dataset_digest: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const id = runIdOf(input);
      const metrics = [checkMetric(input)];
      await logToModels(deps, workspace, id, [input], () =>
        deps.clientRuns.logBatch(workspace, id, { metrics }),
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowLogParam',
    method: 'POST',
    path: `${PATH}/log-parameter`,
    permission: 'log',
    summary: 'Log a param, once: another value of the same key is refused',
    fields: { ...runId, key: string('required', 'string'), value: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const id = runIdOf(input);
      await withParams(
        deps.clientRuns.logBatch(workspace, id, { params: [checkParam(input)] }),
        ([{ key, before, now }]) =>
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${id}'. Attempted logging new value '${now}'.`,
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowLogBatch',
    method: 'POST',
    path: `${PATH}/log-batch`,
    permission: 'log',
    summary:
      'Log up to 1,000 metrics, 100 params and 100 tags, 1,000 in all: whole, or completed by repeating it',
    fields: {
      ...runId,
      metrics: repeated(metric, 'array'),
      params: repeated(entry, 'array'),
      tags: repeated(entry, 'array'),
    },
    handle: async ({ deps, workspace, input, request }) => {
      const size = request.body.length;
      if (size > MAX_BATCH_BYTES) {
        throw invalidParameter(
          `Batched logging API requests must be at most ${MAX_BATCH_BYTES} bytes, got a request of size ${size}.`,
        );
      }
      checkPresent('metrics', input.metrics, ['key', 'value', 'timestamp']);
      checkPresent('params', input.params, ['key']);
      checkPresent('tags', input.tags, ['key']);
      const id = checkRunId(runIdOf(input));
      const metrics = input.metrics.map((one, index) => checkMetric(one, `metrics[${index}]`));
      const params = input.params.map((one, index) => checkParam(one, `params[${index}]`));
      const tags = input.tags.map((one, index) => checkTag(one, `tags[${index}]`));
      checkBatchSize({ metrics: metrics.length, params: params.length, tags: tags.length });
      checkUniqueParams(params);
      await logToModels(deps, workspace, id, input.metrics, () =>
        withParams(deps.clientRuns.logBatch(workspace, id, { metrics, params, tags }), (changes) => {
          const list = changes.map(
            ({ key, before, now }) =>
              `{'key': ${pyString(key)}, 'old_value': ${pyString(before)}, 'new_value': ${pyString(now)}}`,
          );
          return `Changing param values is not allowed. Params were already logged='[${list.join(', ')}]' for run ID='${id}'.`;
        }),
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowSetTag',
    method: 'POST',
    path: `${PATH}/set-tag`,
    permission: 'log',
    summary: 'Set a tag; `mlflow.runName` renames the run',
    fields: { ...runId, key: string('required', 'string'), value: string('string') },
    handle: async ({ deps, workspace, input }) => {
      await deps.clientRuns.logBatch(workspace, runIdOf(input), { tags: [checkTag(input)] });
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteTag',
    method: 'POST',
    path: `${PATH}/delete-tag`,
    permission: 'log',
    summary: 'Delete a tag for good',
    fields: { ...runId, key: string('required', 'string') },
    handle: async ({ deps, workspace, input }) => {
      await deps.clientRuns.deleteTag(workspace, runIdOf(input), input.key);
      return {};
    },
  }),
];
