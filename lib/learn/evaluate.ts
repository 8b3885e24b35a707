import { BadDataError } from '../errors/index.ts';
import {
  accuracy,
  type ClassScores,
  type Confusion,
  classScores,
  confusionMatrix,
  macroAverage,
  weightedAverage,
} from './metrics/classification.ts';
import { averageAuc, classAucs, logLoss } from './metrics/probability.ts';
import { regressionScores } from './metrics/regression.ts';
import type { FeatureMatrix, Model, Target, Task } from './types.ts';

/** What a model did on rows whose answer is known. JSON, so that it is an artifact of the run. */
export interface Evaluation {
  task: Task;
  rows: number;
  /** By the names of `metricNames`; a figure that has no meaning on these rows is left out. */
  metrics: Record<string, number>;
  classes?: readonly string[];
  /** `confusion[t][p]`: rows of class t predicted as class p. */
  confusion?: Confusion;
  perClass?: ClassScores[];
  residuals?: ResidualSample;
}

/** Every nth row, at most 2,000, for the residual plot. */
export interface ResidualSample {
  /** How many rows the sample stands for. */
  of: number;
  actual: number[];
  predicted: number[];
}

const MOST_RESIDUALS = 2_000;

/**
 * Judges a model on rows whose answer is known.
 *
 * @param y target with the model's own classes (`toTarget(table, target, task, model.classes)`)
 * @throws BadDataError where there is no row, or y is of another task or has other classes
 * @example
 * const { metrics } = evaluate(model, xTest, yTest); // metrics.f1_weighted
 */
export function evaluate(model: Model, x: FeatureMatrix, y: Target): Evaluation {
  const sameClasses =
    y.task === 'regression' ||
    (y.classes.length === model.classes.length && y.classes.every((name, k) => name === model.classes[k]));
  if (y.task !== model.task || !sameClasses || y.values.length !== x.rowCount) {
    throw new BadDataError('the rows to evaluate on have another target than the model', {
      details: { model: { task: model.task, classes: model.classes.slice(0, 100) }, rows: x.rowCount },
      remedy: 'Make the target with `toTarget(table, target, task, model.classes)` of the same rows.',
    });
  }
  return y.task === 'regression'
    ? evaluateRegression(y.values, model.predict(x))
    : evaluateClassification(y.classes, y.values, model.predict(x), model.predictProbability(x));
}

/**
 * The figures of a classification from its vectors: class indices, and row-major probabilities where there are any.
 *
 * @throws BadDataError where there is no row
 */
export function evaluateClassification(
  classes: readonly string[],
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  probabilities?: Float64Array,
): Evaluation {
  requireRows(truth.length);
  const confusion = confusionMatrix(truth, predicted, classes.length);
  const perClass = classScores(confusion, classes);
  const aucs = probabilities === undefined ? [] : classAucs(truth, probabilities, classes.length);
  const metrics = definedOnly({
    accuracy: accuracy(confusion),
    precision_macro: macroAverage(perClass, 'precision'),
    precision_weighted: weightedAverage(perClass, 'precision'),
    recall_macro: macroAverage(perClass, 'recall'),
    recall_weighted: weightedAverage(perClass, 'recall'),
    f1_macro: macroAverage(perClass, 'f1'),
    f1_weighted: weightedAverage(perClass, 'f1'),
    roc_auc: averageAuc(aucs, 'macro'),
    roc_auc_weighted: classes.length > 2 ? averageAuc(aucs, 'weighted') : undefined,
    log_loss: probabilities && logLoss(truth, probabilities, classes.length),
  });
  return { task: 'classification', rows: truth.length, metrics, classes, confusion, perClass };
}

/**
 * The figures of a regression from its vectors.
 *
 * @throws BadDataError where there is no row
 */
export function evaluateRegression(truth: Float64Array, predicted: Float64Array): Evaluation {
  requireRows(truth.length);
  const metrics = definedOnly({ ...regressionScores(truth, predicted) });
  return { task: 'regression', rows: truth.length, metrics, residuals: sampleResiduals(truth, predicted) };
}

function sampleResiduals(truth: Float64Array, predicted: Float64Array): ResidualSample {
  const stride = Math.max(1, Math.ceil(truth.length / MOST_RESIDUALS));
  const nth = (values: Float64Array): number[] => Array.from(values.filter((_, i) => i % stride === 0));
  return { of: truth.length, actual: nth(truth), predicted: nth(predicted) };
}

function definedOnly(metrics: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

function requireRows(rows: number): void {
  if (rows > 0) return;
  throw new BadDataError('there is no row to evaluate on', {
    remedy: 'Give the split a share of at least one row.',
  });
}
