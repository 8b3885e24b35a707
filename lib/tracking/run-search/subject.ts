import type { Subject } from '../search/types.ts';
import type { RunDetail } from '../types.ts';
import { DATASET_CONTEXT_TAG } from './entries.ts';

/** Where a run's files are, as MLflow's clients ask for them. */
const artifactUri = ({ artifactUri: own, experimentId, runId }: RunDetail): string =>
  own ?? `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;

/** A run as filters and orders see it. */
export function subjectOf(run: RunDetail): Subject {
  return {
    attributes: {
      run_id: run.runId,
      run_name: run.name,
      status: run.status,
      start_time: Date.parse(run.startTime),
      end_time: run.endTime === undefined ? undefined : Date.parse(run.endTime),
      user_id: run.userId,
      artifact_uri: artifactUri(run),
    },
    params: run.params,
    tags: run.tags,
    metrics: run.metrics,
    datasets: run.datasets.map(({ dataset, tags }) => ({
      name: dataset.name,
      digest: dataset.digest,
      context: Object.hasOwn(tags, DATASET_CONTEXT_TAG) ? tags[DATASET_CONTEXT_TAG] : undefined,
    })),
  };
}
