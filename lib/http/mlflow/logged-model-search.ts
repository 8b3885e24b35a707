import type { LoggedModel, LoggedModelMetric, LoggedModelSearch } from '../../tracking/index.ts';
import { comparator, loggedModelOrder, matches, parseFilter } from '../../tracking/search/index.ts';
import type { Subject } from '../../tracking/search/types.ts';
import { invalidParameter } from './errors.ts';

/** A dataset that metrics were measured on. */
export interface DatasetFilter {
  dataset_name?: string | undefined;
  dataset_digest?: string | undefined;
}

export interface LoggedModelOrder extends DatasetFilter {
  field_name?: string | undefined;
  ascending?: boolean | undefined;
}

export interface LoggedModelQuery {
  filter?: string | undefined;
  datasets: readonly DatasetFilter[];
  order_by: readonly LoggedModelOrder[];
}

/**
 * Filter and order of a search as MLflow's server has them. Where datasets are named, a metric counts only where it was
 * measured on one of them; without a metric in the filter, a model counts only with any metric on them.
 *
 * @throws MlflowError, InvalidSearchError in MLflow's words
 */
export function loggedModelQuery(query: LoggedModelQuery): Pick<LoggedModelSearch, 'matches' | 'compare'> {
  const { datasets, order_by: orders } = query;
  if (datasets.some(({ dataset_name: name }) => !name)) {
    throw invalidParameter('`dataset_name` in the `datasets` clause must be specified.');
  }
  const clauses = parseFilter(query.filter, 'logged_model');
  const measured = clauses.some(({ type }) => type === 'metric');
  const onDatasets = (metric: LoggedModelMetric) =>
    datasets.length === 0 || datasets.some((dataset) => isOn(metric, dataset));
  return {
    matches: (model) =>
      (datasets.length === 0 || measured || model.metrics.some(onDatasets)) &&
      matches(clauses, subjectOf(model, onDatasets)),
    ...(orders.length > 0 && { compare: orderOf(orders) }),
  };
}

const isOn = (metric: LoggedModelMetric, dataset: DatasetFilter): boolean =>
  metric.datasetName === dataset.dataset_name &&
  (!dataset.dataset_digest || metric.datasetDigest === dataset.dataset_digest);

/** Each key looks at the metrics of its own dataset, where it names one. */
function orderOf(orders: readonly LoggedModelOrder[]): (a: LoggedModel, b: LoggedModel) => number {
  const keys = orders.map((order) => {
    const { dataset_name: name, dataset_digest: digest } = order;
    const counts = (metric: LoggedModelMetric) =>
      (!name || metric.datasetName === name) && (!digest || metric.datasetDigest === digest);
    // A sort asks for the same model many times.
    const held = new WeakMap<LoggedModel, Subject>();
    const subject = (model: LoggedModel): Subject => {
      const known = held.get(model) ?? subjectOf(model, counts);
      held.set(model, known);
      return known;
    };
    const compare = comparator([loggedModelOrder(order.field_name ?? '', order.ascending ?? true)]);
    return (a: LoggedModel, b: LoggedModel) => compare(subject(a), subject(b));
  });
  return (a, b) => {
    for (const key of keys) {
      const order = key(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** What a filter and an order look at; of a metric the latest value comes first, by time, step and run. */
function subjectOf(model: LoggedModel, counts: (metric: LoggedModelMetric) => boolean): Subject {
  const latestFirst = model.metrics
    .filter(counts)
    .toSorted((a, b) => b.timestamp - a.timestamp || b.step - a.step || (a.runId < b.runId ? -1 : 1));
  const metrics = new Map<string, number[]>();
  for (const { key, value } of latestFirst) {
    const values = metrics.get(key);
    if (values === undefined) metrics.set(key, [value]);
    else values.push(value);
  }
  return {
    attributes: {
      model_id: model.modelId,
      experiment_id: model.experimentId,
      name: model.name,
      artifact_location: model.artifactLocation,
      creation_timestamp: model.createdAt,
      last_updated_timestamp: model.updatedAt,
      status: model.status,
      lifecycle_stage: model.lifecycleStage,
      // What a model does not have is empty and no null, as in MLflow's own store.
      model_type: model.modelType ?? '',
      source_run_id: model.sourceRunId ?? '',
    },
    params: model.params,
    tags: model.tags,
    metrics: Object.fromEntries(metrics),
  };
}
