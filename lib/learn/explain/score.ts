import { BadDefinitionError } from '../../errors/index.ts';
import {
  accuracy,
  classScores,
  confusionMatrix,
  macroAverage,
  weightedAverage,
} from '../metrics/classification.ts';
import { metricDirection } from '../metrics/names.ts';
import { averageAuc, classAucs, logLoss } from '../metrics/probability.ts';
import { regressionScores } from '../metrics/regression.ts';
import type { FeatureMatrix, Model, Target } from '../types.ts';

/** One metric of a model on rows, under the names of `metricNames`; NaN where it has no meaning on them. */
export type Scorer = (model: Model, x: FeatureMatrix) => number;

/**
 * A function that computes this one figure, as `evaluate` does, and nothing else: permutation importance asks hundreds of
 * times.
 *
 * @throws BadDefinitionError for an unknown metric, or one of the other task
 */
export function scorerOf(metric: string, y: Target): Scorer {
  metricDirection(metric);
  if (y.task === 'regression') return regressionScorer(metric, y.values);
  const { classes, values: truth } = y;
  const byProbability = probabilityMetrics[metric];
  if (byProbability !== undefined) {
    return (model, x) => byProbability(truth, model.predictProbability(x), classes.length) ?? Number.NaN;
  }
  const average = metric.endsWith('_macro') ? macroAverage : weightedAverage;
  const figure = (['precision', 'recall', 'f1'] as const).find((name) => metric.startsWith(name));
  if (metric !== 'accuracy' && figure === undefined) wrongTask(metric, 'classification');
  return (model, x) => {
    const confusion = confusionMatrix(truth, model.predict(x), classes.length);
    return figure === undefined ? accuracy(confusion) : average(classScores(confusion, classes), figure);
  };
}

type ProbabilityMetric = (
  truth: ArrayLike<number>,
  probabilities: Float64Array,
  classes: number,
) => number | undefined;

const probabilityMetrics: Record<string, ProbabilityMetric> = {
  roc_auc: (...rows) => averageAuc(classAucs(...rows), 'macro'),
  roc_auc_weighted: (...rows) => averageAuc(classAucs(...rows), 'weighted'),
  log_loss: logLoss,
};

function regressionScorer(metric: string, truth: Float64Array): Scorer {
  if (metric !== 'r2' && metric !== 'rmse' && metric !== 'mae') wrongTask(metric, 'regression');
  return (model, x) => regressionScores(truth, model.predict(x))[metric] ?? Number.NaN;
}

function wrongTask(metric: string, task: string): never {
  throw new BadDefinitionError(`${metric} is no metric of a ${task}`, {
    field: 'metric',
    remedy: 'Choose a metric of the task.',
  });
}
