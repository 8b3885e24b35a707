import { gradientBoosting } from './boosting/gradient-boosting.ts';
import { UnknownAlgorithmError } from './errors.ts';
import { importedEnsemble } from './exchange/imported-ensemble.ts';
import { randomForest } from './forest/random-forest.ts';
import { linearRegression } from './linear/linear-regression.ts';
import { logisticRegression } from './linear/logistic-regression.ts';
import { mlRandomForest } from './ml-random-forest/ml-random-forest.ts';
import type { Trainer } from './types.ts';

/** Every algorithm that a pipeline may name. Another one is added here and nowhere else. */
const trainers = new Map<string, Trainer>(
  [gradientBoosting, linearRegression, logisticRegression, mlRandomForest, randomForest].map((trainer) => [
    trainer.algorithm,
    trainer as Trainer,
  ]),
);

/** Models that were trained elsewhere: it refuses to train, with what to do. */
const others = new Map<string, Trainer>([[importedEnsemble.algorithm, importedEnsemble]]);

/** Names for `candidates` and `--algorithm`. */
export const trainerNames: readonly string[] = [...trainers.keys()];

/**
 * The trainer of that name.
 *
 * @throws UnknownAlgorithmError (UNKNOWN_ALGORITHM) listing the names
 */
export function getTrainer(algorithm: string): Trainer {
  const trainer = trainers.get(algorithm) ?? others.get(algorithm);
  if (trainer !== undefined) return trainer;
  throw new UnknownAlgorithmError(`no algorithm is named ${JSON.stringify(algorithm)}`, {
    field: 'algorithm',
    remedy: `Choose one of: ${trainerNames.join(', ')}.`,
  });
}
