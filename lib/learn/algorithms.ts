import { boostingAlgorithm } from './boosting/algorithm.ts';
import { UnknownAlgorithmError } from './errors.ts';
import { importedEnsemble } from './exchange/imported-ensemble.ts';
import { forestAlgorithm } from './forest/algorithm.ts';
import { linearAlgorithm } from './linear/linear-algorithm.ts';
import { logisticAlgorithm } from './linear/logistic-algorithm.ts';
import { mlForestAlgorithm } from './ml-random-forest/algorithm.ts';
import type { Algorithm } from './types.ts';

/** Every algorithm that a model file may hold, without what trains it: see trainers.ts for that. */
const algorithms = new Map<string, Algorithm>(
  [
    boostingAlgorithm,
    linearAlgorithm,
    logisticAlgorithm,
    mlForestAlgorithm,
    forestAlgorithm,
    importedEnsemble,
  ].map((one) => [one.algorithm, one as Algorithm]),
);

/**
 * What is known of an algorithm without training; for reading models and checking definitions. A function that imports
 * this and not `getTrainer` carries no kernel that trains.
 *
 * @throws UnknownAlgorithmError (UNKNOWN_ALGORITHM) listing the names that can be trained
 */
export function getAlgorithm(name: string): Algorithm {
  const found = algorithms.get(name);
  if (found !== undefined) return found;
  const names = [...algorithms.keys()].filter((one) => one !== importedEnsemble.algorithm);
  throw new UnknownAlgorithmError(`no algorithm is named ${JSON.stringify(name)}`, {
    field: 'algorithm',
    remedy: `Choose one of: ${names.join(', ')}.`,
  });
}
