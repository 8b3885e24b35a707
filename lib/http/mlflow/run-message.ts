import { artifactUriOf } from '../../tracking/artifacts/index.ts';
import type { MetricPoint, Run, RunDetail } from '../../tracking/types.ts';

/** MLflow's names and numbers of a run's status. */
export const RUN_STATUS = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 } as const;

/** MLflow's RunInfo. */
export function runInfo(run: Run): object {
  return {
    run_uuid: run.runId,
    run_id: run.runId,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId ?? '',
    status: run.status,
    start_time: Date.parse(run.startTime),
    end_time: run.endTime === undefined ? undefined : Date.parse(run.endTime),
    artifact_uri: artifactUriOf(run),
    lifecycle_stage: run.lifecycleStage ?? 'active',
  };
}

/** MLflow's Run. An empty list is left out, as protobuf's JSON does; `outputs` is there in all answers but that of create. */
export function runMessage(run: RunDetail, { outputs = true } = {}): object {
  return {
    info: runInfo(run),
    data: {
      metrics: listOf(run.latest.map(metricMessage)),
      params: entriesOf(run.params),
      tags: entriesOf(run.tags),
    },
    inputs: {
      dataset_inputs: listOf(
        run.datasets.map(({ dataset, tags }) => ({
          tags: entriesOf(tags),
          dataset: {
            name: dataset.name,
            digest: dataset.digest,
            source_type: dataset.sourceType,
            source: dataset.source,
            schema: dataset.schema || undefined,
            profile: dataset.profile || undefined,
          },
        })),
      ),
      model_inputs: listOf(run.modelInputs.map((model_id) => ({ model_id }))),
    },
    outputs: outputs
      ? { model_outputs: listOf(run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step }))) }
      : undefined,
  };
}

/** MLflow's Metric. */
export const metricMessage = ({ key, value, timestamp, step }: MetricPoint) => ({
  key,
  value,
  timestamp,
  step,
});

const listOf = <T>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list);

const entriesOf = (record: Record<string, string>) =>
  listOf(Object.entries(record).map(([key, value]) => ({ key, value })));
