import { latencyAt } from './latency.ts';
import type { LabelMetrics, LabelSums, TrafficBucket, TrafficSums } from './types.ts';

/** Of a number: beyond it a square is no number any more. */
export const LARGEST_LABEL = 1e100;

export const noTraffic = (): TrafficSums => ({ requests: 0, rows: 0, errors: 0, latency: {}, labels: 0 });

const LABEL_SUMS = ['labels', 'correct', 'squared', 'absolute', 'sum', 'sumOfSquares'] as const;

/** Two sets of labels as one; `times` -1 takes the second out of the first. */
export function addLabels<T extends LabelSums>(to: T, from: Partial<LabelSums>, times: 1 | -1 = 1): T {
  const result = { ...to };
  for (const name of LABEL_SUMS) {
    const value = from[name];
    if (value !== undefined) Object.assign(result, { [name]: (result[name] ?? 0) + times * value });
  }
  return result;
}

/** Two spans of time as one. */
export function addTraffic(to: TrafficSums, from: Partial<TrafficSums>): TrafficSums {
  const latency = { ...to.latency };
  for (const [bin, count] of Object.entries(from.latency ?? {})) latency[bin] = (latency[bin] ?? 0) + count;
  return {
    ...addLabels(to, from),
    requests: to.requests + (from.requests ?? 0),
    rows: to.rows + (from.rows ?? 0),
    errors: to.errors + (from.errors ?? 0),
    latency,
  };
}

/** One label beside what was predicted. */
export function labelSums(
  task: 'classification' | 'regression',
  prediction: string | number,
  label: string | number | boolean,
): LabelSums {
  if (task === 'classification') return { labels: 1, correct: String(prediction) === String(label) ? 1 : 0 };
  const value = Number(label);
  // Sums of squares must stay finite: JSON has no infinity.
  const error = Math.min(LARGEST_LABEL, Math.max(-LARGEST_LABEL, Number(prediction) - value));
  return { labels: 1, squared: error ** 2, absolute: Math.abs(error), sum: value, sumOfSquares: value ** 2 };
}

/** Empty where there are no labels. R² has no value where all labels are one. */
export function metricsOf({
  labels,
  correct,
  squared,
  absolute,
  sum,
  sumOfSquares,
}: LabelSums): LabelMetrics {
  if (labels <= 0) return {};
  if (correct !== undefined) return { accuracy: correct / labels };
  if (squared === undefined || absolute === undefined) return {};
  const spread = (sumOfSquares ?? 0) - (sum ?? 0) ** 2 / labels;
  return {
    rmse: Math.sqrt(Math.max(0, squared) / labels),
    mae: absolute / labels,
    ...(spread > 1e-9 * (sumOfSquares ?? 0) && { r2: 1 - squared / spread }),
  };
}

/** Sums as a reader wants them. */
export function bucketOf(at: string, version: string, shadow: boolean, sums: TrafficSums): TrafficBucket {
  const { requests, rows, errors, latency, labels } = sums;
  return {
    at,
    version,
    ...(shadow && { shadow }),
    requests,
    rows,
    errors,
    latencyMs: { p50: latencyAt(latency, 0.5), p95: latencyAt(latency, 0.95), p99: latencyAt(latency, 0.99) },
    labels,
    metrics: metricsOf(sums),
  };
}
