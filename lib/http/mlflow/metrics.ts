import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { invalidParameter } from './errors.ts';
import { int32, repeated, string } from './fields.ts';
import { mlflowRoute } from './route.ts';
import { metricMessage } from './run-message.ts';
import { runId, runIdOf } from './runs.ts';

const PATH = '/api/2.0/mlflow/metrics';

const MAX_RUNS = 100;
/** Points of one run in a sample: MLflow's most, and what is taken where none is named. */
const MAX_SAMPLE = 2_500;

export const metricRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowGetMetricHistory',
    method: 'GET',
    path: `${PATH}/get-history`,
    permission: 'read',
    summary: 'The points of a metric by time, 25,000 a page',
    fields: {
      ...runId,
      metric_key: string('string', 'required'),
      page_token: string('string'),
      max_results: int32(),
    },
    handle: async ({ deps, workspace, input }) => {
      const { metric_key, page_token, max_results } = input;
      if (max_results !== undefined && max_results <= 0) {
        throw invalidParameter(
          `Invalid value ${max_results} for parameter 'max_results' supplied. It must be a positive integer.`,
        );
      }
      const page = await deps.clientRuns.history(workspace, runIdOf(input), metric_key, {
        ...(max_results !== undefined && { maxResults: max_results }),
        ...(page_token && { token: page_token }),
      });
      const metrics = page.items.map(metricMessage);
      return { ...(metrics.length > 0 && { metrics }), next_page_token: page.cursor };
    },
  }),
  mlflowRoute({
    id: 'mlflowSampleMetricHistory',
    method: 'GET',
    path: `${PATH}/get-history-bulk-interval`,
    permission: 'read',
    summary: 'A sample of the points of a metric in several runs, by step',
    fields: {
      run_ids: repeated(string(), 'required', 'array', {
        holds: (value) => !Array.isArray(value) || value.length <= MAX_RUNS,
        message: (value) =>
          `GetMetricHistoryBulkInterval request must specify at most ${MAX_RUNS} run_ids. Received ${(value as unknown[]).length} run_ids.`,
      }),
      metric_key: string('required', 'string'),
      start_step: int32('int'),
      end_step: int32('int'),
      max_results: int32('int', {
        holds: (value) => Number(value) >= 1 && Number(value) <= MAX_SAMPLE,
        message: `max_results must be between 1 and ${MAX_SAMPLE}.`,
      }),
    },
    handle: async ({ deps, workspace, input }) => {
      const { run_ids, metric_key, start_step, end_step, max_results = MAX_SAMPLE } = input;
      if ((start_step === undefined) !== (end_step === undefined)) {
        throw invalidParameter('If either start step or end step are specified, both must be specified.');
      }
      const steps =
        start_step === undefined || end_step === undefined ? undefined : ([start_step, end_step] as const);
      if (steps && steps[0] > steps[1]) {
        throw invalidParameter(
          `end_step must be greater than start_step. Found start_step=${steps[0]} and end_step=${steps[1]}.`,
        );
      }
      const metrics: object[] = [];
      // One run after the other: each reads its whole history, and only the samples are kept.
      for (const run_id of run_ids) {
        const sample = { maxResults: max_results, ...(steps && { steps }) };
        const points = await deps.clientRuns.sample(workspace, run_id, metric_key, sample);
        for (const point of points) metrics.push({ ...metricMessage(point), run_id });
      }
      return metrics.length > 0 ? { metrics } : {};
    },
  }),
];
