import * as z from 'zod';
import { BadDefinitionError } from '../../errors/index.ts';
import { listNames, requireFeatures } from '../matrix.ts';
import { float64Section, parseFacts, parseWith } from '../params.ts';
import type { Algorithm, FeatureCategories, FeatureMatrix, Model, ModelParts, Task } from '../types.ts';
import { columnStarts } from './design.ts';
import { addEffects, requireCompleteNumbers } from './effects.ts';

export const algorithm = 'linear-regression';
export const tasks: readonly Task[] = ['regression'];

const paramsSchema = z.strictObject({
  /** Strength of the ridge penalty on the coefficients (not the intercept); 0 is ordinary least squares. */
  alpha: z.number().min(0).max(1e12).default(0),
  fitIntercept: z.boolean().default(true),
});
export type LinearRegressionParams = z.output<typeof paramsSchema>;

const factsSchema = z.strictObject({
  intercept: z.number(),
  rank: z.int().min(0),
  /** Names of columns that say nothing new; absent in files of before. */
  dependent: z.array(z.string()).optional(),
});
export type Facts = z.output<typeof factsSchema>;

/** Linear regression but for fitting it. */
export const linearAlgorithm: Algorithm<LinearRegressionParams> = {
  algorithm,
  tasks,
  nativeCategories: true,
  parseParams: (input) => parseWith(paramsSchema, algorithm, input),
  fromFile(parts, { features, categories }) {
    const facts = parseFacts(factsSchema, parts);
    const width = columnStarts(features.length, categories)[features.length]!;
    const coefficients = float64Section(parts, 'coefficients', width);
    const importance = float64Section(parts, 'importance', features.length);
    // Files of before models were explained lack the means.
    const means = parts.sections.means && float64Section(parts, 'means', features.length);
    return linearModel(features, categories, facts, { coefficients, importance, ...(means && { means }) });
  },
};

/** A fitted model, or one that was read. */
export function linearModel(
  features: readonly string[],
  categories: FeatureCategories | undefined,
  facts: Facts,
  arrays: { coefficients: Float64Array; importance: Float64Array; means?: Float64Array },
): Model {
  const { coefficients, importance, means } = arrays;
  return {
    algorithm,
    task: 'regression',
    features,
    ...(categories && { categories }),
    classes: [],
    linear: { coefficients, intercepts: Float64Array.of(facts.intercept), ...(means && { means }) },
    notes: notesOf(facts, coefficients.length),
    predict(x: FeatureMatrix) {
      requireFeatures(x, features);
      const known = { ...x, ...(categories && { categories }) };
      requireCompleteNumbers(known, algorithm);
      const out = new Float64Array(x.rowCount).fill(facts.intercept);
      addEffects(known, coefficients, { out, stride: 1, place: 0, at: 0 });
      return out;
    },
    predictProbability() {
      throw new BadDefinitionError('a regression has no probabilities', {
        remedy: 'Ask for predict instead.',
      });
    },
    importance: () => importance.slice(),
    toFile: (): ModelParts => ({ facts: { ...facts }, sections: { ...arrays } }),
  };
}

function notesOf({ rank, dependent }: Facts, width: number): string[] {
  const count = dependent?.length ?? width - rank;
  if (count === 0) return [];
  const which = dependent === undefined ? '' : ` (${listNames(dependent)})`;
  return [
    `${count} of ${width} columns are constant or sums of others${which}; the answer of least norm was taken`,
  ];
}
