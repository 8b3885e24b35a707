import * as z from 'zod';
import { BadDefinitionError, IntegrityError } from '../../errors/index.ts';
import { requireComplete, requireFeatures, rowMajor } from '../matrix.ts';
import { float64Section, parseFacts, parseWith } from '../params.ts';
import { largestOfEachRow } from '../probability.ts';
import type { Algorithm, FeatureMatrix, Model, ModelParts, Task } from '../types.ts';
import { type FlatForest, forestSections, leafOf, readForest } from './flat-forest.ts';
import { algorithm, type ForestParams, forestParamsSchema } from './forest-params.ts';

const factsSchema = z.strictObject({ trees: z.int().min(1), nodes: z.int().min(1) });

/** The forest of ml-random-forest but for growing it: nothing here needs that library. */
export const mlForestAlgorithm: Algorithm<ForestParams> = {
  algorithm,
  tasks: ['classification', 'regression'],
  parseParams: (input) => parseWith(forestParamsSchema, algorithm, input),
  fromFile(parts, { task, features, classes }) {
    const facts = parseFacts(factsSchema, parts);
    const isClass = (value: number): boolean =>
      Number.isInteger(value) && value >= 0 && value < classes.length;
    const forest = readForest(parts, features.length, task === 'classification' ? isClass : Number.isFinite);
    if (facts.trees !== forest.treeStarts.length - 1 || facts.nodes !== forest.feature.length) {
      throw new IntegrityError('the forest has other trees or nodes than its facts say');
    }
    return forestModel(task, features, classes, forest, float64Section(parts, 'importance', features.length));
  },
};

/** The model of trees that lie flat. */
export function forestModel(
  task: Task,
  features: readonly string[],
  classes: readonly string[],
  forest: FlatForest,
  importance: Float64Array,
): Model {
  const trees = forest.treeStarts.length - 1;
  /** Calls back with each row's leaf value in each tree. */
  const walk = (x: FeatureMatrix, visit: (row: number, value: number) => void): void => {
    requireFeatures(x, features);
    requireComplete(x, algorithm);
    const data = rowMajor(x);
    for (let i = 0; i < x.rowCount; i++) {
      for (let t = 0; t < trees; t++) {
        visit(i, forest.value[leafOf(forest, forest.treeStarts[t]!, data, i * features.length)]!);
      }
    }
  };
  const votes = (x: FeatureMatrix): Float64Array => {
    const out = new Float64Array(x.rowCount * classes.length);
    walk(x, (row, vote) => {
      out[row * classes.length + vote]! += 1;
    });
    return out;
  };
  const means = (x: FeatureMatrix): Float64Array => {
    const out = new Float64Array(x.rowCount);
    walk(x, (row, value) => {
      out[row]! += value / trees;
    });
    return out;
  };
  return {
    algorithm,
    task,
    features,
    classes,
    notes: [],
    predict: (x) => (task === 'regression' ? means(x) : largestOfEachRow(votes(x), classes.length)),
    predictProbability(x) {
      if (task === 'classification') return votes(x).map((count) => count / trees);
      throw new BadDefinitionError('a regression has no probabilities', {
        remedy: 'Ask for predict instead.',
      });
    },
    importance: () => importance.slice(),
    toFile: (): ModelParts => ({
      facts: { trees, nodes: forest.feature.length },
      sections: { ...forestSections(forest), importance },
    }),
  };
}
