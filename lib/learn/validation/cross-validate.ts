import { BadDataError, BadDefinitionError } from '../../errors/index.ts';
import { evaluate } from '../evaluate.ts';
import { metricNames } from '../metrics/names.ts';
import type { FeatureMatrix, FitOptions, Target, Trainer } from '../types.ts';
import type { Fold } from './folds.ts';
import { pick, rowsOfMatrix, rowsOfTarget } from './rows.ts';

export interface CrossValidation {
  /** One a fold, in the order given. */
  folds: { trainRows: number; testRows: number; metrics: Record<string, number>; notes: readonly string[] }[];
  /** Over the folds; only metrics that have a value in every fold. */
  mean: Record<string, number>;
  /** Standard deviation of one fold's figure (divided by folds − 1): how much it depends on which rows were drawn. */
  deviation: Record<string, number>;
}

export interface CrossValidationOptions<P> {
  trainer: Trainer<P>;
  /** As `trainer.parseParams` gave them. */
  params: P;
  x: FeatureMatrix;
  y: Target;
  folds: readonly Fold[];
  seed: number;
  /** Which metrics to keep; all that the task has where absent. */
  metrics?: readonly string[];
  /** Weight of each row in the fits; the figures count each row once. */
  weights?: Float64Array;
  threads?: number;
  /** Rows outside of all folds, for early stopping: those of a fold's test part must not decide when to stop. */
  validation?: FitOptions['validation'];
  /** Share of the whole work, 0 to 1. */
  onProgress?: (share: number) => void;
  /** Called as each fold is done. */
  onFold?: (fold: number, metrics: Record<string, number>) => void;
}

/**
 * Fits on each fold's train rows and judges on its test rows. The same folds and seed give the same figures.
 *
 * @throws BadDefinitionError where there is no fold or a metric has no such name
 * @throws BadDataError where a fold cannot be learnt, naming it
 * @example
 * const folds = stratifiedKFold(y.values, { folds: 5, seed: 42 });
 * const { mean, deviation } = crossValidate({ trainer, params, x, y, folds, seed: 42 });
 */
export function crossValidate<P>(options: CrossValidationOptions<P>): CrossValidation {
  const { folds, metrics, onProgress } = options;
  const stranger = metrics?.find((name) => !metricNames.includes(name));
  if (folds.length === 0 || stranger !== undefined) {
    throw new BadDefinitionError(
      stranger === undefined ? 'there is no fold to validate on' : `no metric is named "${stranger}"`,
      {
        field: stranger === undefined ? 'folds' : 'metrics',
        remedy: `Metrics are: ${metricNames.join(', ')}.`,
      },
    );
  }
  const judged = folds.map((fold, index) => {
    const found = judgeFold(options, fold, index, (share) => onProgress?.((index + share) / folds.length));
    onProgress?.((index + 1) / folds.length);
    options.onFold?.(index, found.metrics);
    return found;
  });
  return { folds: judged, ...summarise(judged.map((fold) => fold.metrics)) };
}

function judgeFold<P>(
  { trainer, params, x, y, seed, weights, threads, validation, metrics }: CrossValidationOptions<P>,
  { train, test }: Fold,
  index: number,
  onProgress: (share: number) => void,
): CrossValidation['folds'][number] {
  try {
    const model = trainer.fit(rowsOfMatrix(x, train), rowsOfTarget(y, train), params, {
      seed,
      onProgress,
      ...(weights && { weights: pick(weights, train) }),
      ...(threads !== undefined && { threads }),
      ...(validation && { validation }),
    });
    const all = evaluate(model, rowsOfMatrix(x, test), rowsOfTarget(y, test)).metrics;
    const kept = Object.entries(all).filter(([name]) => metrics === undefined || metrics.includes(name));
    const { notes } = model;
    return { trainRows: train.length, testRows: test.length, metrics: Object.fromEntries(kept), notes };
  } catch (error) {
    if (error instanceof BadDataError) error.message = `fold ${index}: ${error.message}`;
    throw error;
  }
}

/** Mean and standard deviation of what every fold has. */
export function summarise(
  folds: readonly Record<string, number>[],
): Pick<CrossValidation, 'mean' | 'deviation'> {
  const names = Object.keys(folds[0] ?? {}).filter((name) => folds.every((fold) => name in fold));
  const mean: Record<string, number> = {};
  const deviation: Record<string, number> = {};
  for (const name of names) {
    const values = folds.map((fold) => fold[name]!);
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    mean[name] = middle;
    deviation[name] = values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0;
  }
  return { mean, deviation };
}
