/** What a set of labels says of the predictions that they belong to, as sums, so that two sets add up. */
export interface LabelSums {
  labels: number;
  /** Of a classification: those that were predicted right. */
  correct?: number;
  /** Of a regression: squared and absolute errors, the labels and their squares. */
  squared?: number;
  absolute?: number;
  sum?: number;
  sumOfSquares?: number;
}

export type TrafficUnit = '5m' | 'hour';

/** What one version did within one span of time, as sums. */
export interface TrafficSums extends LabelSums {
  requests: number;
  /** Rows answered: none of a request that failed. */
  rows: number;
  /** Requests that failed by our fault. */
  errors: number;
  /** Requests by the logarithm of their latency: see latency.ts. */
  latency: Record<string, number>;
}

/** Metrics of labelled predictions, by name: `accuracy`, or `rmse`, `mae` and `r2`. */
export type LabelMetrics = Partial<Record<'accuracy' | 'rmse' | 'mae' | 'r2', number>>;

export interface TrafficBucket {
  /** Its beginning, ISO 8601. */
  at: string;
  version: string;
  /** What it computed beside the version that answered. Absent: it answered. */
  shadow?: boolean;
  requests: number;
  rows: number;
  errors: number;
  /** Of requests whose latency is known; null where there is none. Within 5 %. */
  latencyMs: { p50: number | null; p95: number | null; p99: number | null };
  /** Predictions of this time whose label is known, whenever it came. */
  labels: number;
  metrics: LabelMetrics;
}

/** What is known of a version whose recent rows are yet to be compared with its training's. */
export interface OpenWindow {
  from: string;
  /** Its end, once a look has decided to judge it: whoever repeats that look judges the same rows. */
  to?: string;
  /** Rows counted since. */
  rows: number;
}

/** How far a model is watched. */
export interface WatchState {
  /** Sort keys of gsi1 up to which predictions, and changes of labels, are counted. */
  predictions: string;
  labels: string;
  windows: Record<string, OpenWindow>;
  /** Something was counted that alarms were not judged by yet. */
  due: boolean;
}

/** A drift report in a list; the whole of it is an object. */
export interface DriftSummary {
  id: string;
  model: string;
  version: string;
  /** ISO 8601: rows predicted from, included, to, not included. */
  from: string;
  to: string;
  rows: number;
  status: 'ok' | 'drift' | 'too-few-rows';
  /** Names of the features that drifted, and `prediction`. */
  drifted: string[];
  /** Of all features, the greatest; null where none could be worked out. */
  highestPsi: number | null;
}

/** Something that is wrong with a model, or was. */
export interface ModelAlarm {
  /** `drift`, or the metric: `accuracy`. */
  name: string;
  state: 'ok' | 'alarm';
  version: string;
  /** ISO 8601: when it came into this state. */
  since: string;
  reason: string;
  /** What to do. */
  remedy: string;
  /** The run that was started for it last. */
  runId?: string;
}
