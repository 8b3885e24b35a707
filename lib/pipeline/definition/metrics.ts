import type { Row } from '../../table/index.ts';

/** What a pipeline's own metrics are computed from: the selected model on the test rows, which no fit has seen. */
export interface MetricInput {
  task: 'classification' | 'regression';
  /** The target of each test row: numbers, or names of classes. */
  actual: readonly (number | string)[];
  /** What the model answered for each test row, in the same order. */
  predicted: readonly (number | string)[];
  /** By class, for each test row; classification only. */
  probabilities?: readonly Readonly<Record<string, number>>[];
  /** The test rows before any fitted step, in the same order: what a figure in money or by group needs. */
  rows: readonly Row[];
  /** The built-in metrics of these rows, such as `r2`. */
  metrics: Readonly<Record<string, number>>;
}

/**
 * A pipeline's own (business) metrics, by name. Pure: the same rows give the same figures. Its text is part of the
 * evaluation's content key, that of what it calls is not: keep it in one piece, or run with `--force` after an edit.
 *
 * @example
 * metrics: ({ actual, predicted }) => ({
 *   within_10_percent: actual.filter((y, i) => Math.abs(predicted[i] - y) <= 0.1 * y).length / actual.length,
 * })
 */
export type CustomMetrics = (input: MetricInput) => Record<string, number>;
