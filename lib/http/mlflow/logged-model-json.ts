import type { LoggedModel, LoggedModelStatus } from '../../tracking/index.ts';

/** The names of the protocol's enum, in the order of its numbers. */
const STATUS_NAMES = {
  UNSPECIFIED: 'LOGGED_MODEL_STATUS_UNSPECIFIED',
  PENDING: 'LOGGED_MODEL_PENDING',
  READY: 'LOGGED_MODEL_READY',
  FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
} as const satisfies Record<LoggedModelStatus, string>;

/** A status by its name or its number; what is neither is unspecified, as in MLflow's server. */
export function statusOf(sent: unknown): LoggedModelStatus {
  const statuses = Object.keys(STATUS_NAMES) as LoggedModelStatus[];
  const number = typeof sent === 'string' && /^\s*\d+\s*$/.test(sent) ? Number(sent) : sent;
  return (
    statuses.find((status, index) => index === number || STATUS_NAMES[status] === number) ?? 'UNSPECIFIED'
  );
}

const entries = (values: Readonly<Record<string, string>>) => {
  const list = Object.entries(values).map(([key, value]) => ({ key, value }));
  return list.length === 0 ? undefined : list;
};

/** A logged model as the protocol writes it; empty lists are left out, absent texts are empty. */
export function loggedModelJson(model: LoggedModel) {
  const { modelId } = model;
  const metrics = model.metrics.map(({ key, value, timestamp, step, runId, datasetName, datasetDigest }) => ({
    key,
    value,
    timestamp,
    step,
    dataset_name: datasetName,
    dataset_digest: datasetDigest,
    model_id: modelId,
    run_id: runId,
  }));
  return {
    info: {
      model_id: modelId,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: model.artifactLocation,
      status: STATUS_NAMES[model.status],
      model_type: model.modelType ?? '',
      source_run_id: model.sourceRunId ?? '',
      tags: entries(model.tags),
    },
    data: { params: entries(model.params), metrics: metrics.length === 0 ? undefined : metrics },
  };
}
