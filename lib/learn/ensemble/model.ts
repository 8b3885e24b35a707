import { BadDefinitionError } from '../../errors/index.ts';
import { counted } from '../../table/counted.ts';
import { unlessAllNumeric } from '../categories.ts';
import { alignFeatures } from '../matrix.ts';
import { largestOfEachRow } from '../probability.ts';
import type { FeatureMatrix, Model } from '../types.ts';
import { probabilities } from './links.ts';
import type { EnsembleModelInput } from './model-input.ts';
import { scorerOf } from './scorer.ts';
import { ensembleParts } from './sections.ts';

export type { EnsembleModelInput } from './model-input.ts';

/**
 * A model of trees. One row and a batch give the same bits.
 *
 * @throws BadDefinitionError where link, classes and outputs do not fit one another
 * @example
 * ensembleModel({ algorithm: 'random-forest', task: 'regression', features: ['area'], classes: [], ensemble,
 *   importance: Float64Array.of(1), link: 'identity', range: [10, 20] }).predict(x);
 */
export function ensembleModel(input: EnsembleModelInput): Model {
  requireFit(input);
  const { algorithm, task, features, classes, ensemble, link, range } = input;
  const categories = input.categories && unlessAllNumeric(input.categories);
  const score = scorerOf(ensemble);
  const shape = { features, categories };
  const predictProbability = (x: FeatureMatrix): Float64Array => {
    if (task === 'regression') {
      throw new BadDefinitionError('a regression has no probabilities', {
        remedy: 'Ask for predict instead.',
      });
    }
    return probabilities(score(alignFeatures(x, shape)), classes.length, link);
  };
  return {
    algorithm,
    task,
    features,
    ...(categories === undefined ? {} : { categories }),
    classes,
    ensemble,
    notes: input.notes ?? [],
    predict(x) {
      if (task === 'classification') return largestOfEachRow(predictProbability(x), classes.length);
      return clamp(score(alignFeatures(x, shape)), range);
    },
    predictProbability,
    importance: () => input.importance.slice(),
    toFile: () => ensembleParts(input),
  };
}

/** A mean of float32 leaves may miss the hull of the targets by a rounding. */
function clamp(values: Float64Array, range: EnsembleModelInput['range']): Float64Array {
  if (range === undefined) return values;
  const [least, greatest] = range;
  for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i]!, least), greatest);
  return values;
}

/** Refuses what could not be predicted with. */
function requireFit({ task, classes, features, ensemble, importance, link, categories }: EnsembleModelInput) {
  const { outputs, featureCount, categoryCounts } = ensemble;
  const fits =
    task === 'regression'
      ? link === 'identity' && outputs === 1 && classes.length === 0
      : link === 'logistic'
        ? outputs === 1 && classes.length === 2
        : link !== 'identity' && outputs === classes.length && classes.length > 0;
  if (!fits) {
    refuse(
      `the link "${link}" makes of ${counted(outputs, 'output')} no ${task} of ${counted(classes.length, 'class', 'classes')}`,
    );
  }
  if (features.length !== featureCount) {
    refuse(`the trees ask ${counted(featureCount, 'feature')}, and the model has ${features.length}`);
  }
  const strange = features.findIndex((_, f) => (categories?.[f]?.length ?? 0) !== categoryCounts[f]);
  if (strange >= 0) {
    refuse(
      `the trees know ${counted(categoryCounts[strange]!, 'category', 'categories')} of ${JSON.stringify(features[strange])}, and the model ${categories?.[strange]?.length ?? 0}`,
    );
  }
  if (importance.length !== featureCount) {
    refuse(`there are ${importance.length} importances for ${counted(featureCount, 'feature')}`);
  }
}

function refuse(what: string): never {
  throw new BadDefinitionError(what, {
    remedy: 'Give the model the features, categories and classes that its trees were built for.',
  });
}
