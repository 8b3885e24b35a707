import { z } from 'zod';
import { BadDefinitionError, IntegrityError } from '../../errors/index.ts';
import { requireComplete, requireFeatures, rowMajor } from '../matrix.ts';
import { float64Section, normalise, parseFacts, parseWith, requireFitInput, requireSeed } from '../params.ts';
import { largestOfEachRow } from '../probability.ts';
import type { FeatureMatrix, Model, ModelParts, Task, Trainer } from '../types.ts';
import {
  type FlatForest,
  flatten,
  forestSections,
  leafOf,
  readForest,
  type TreeShape,
} from './flat-forest.ts';
import { algorithm, checkForestSize, type ForestParams, forestParamsSchema } from './forest-params.ts';
import { growTree } from './grow-tree.ts';
import { addImportance } from './impurity.ts';

const tasks: readonly Task[] = ['classification', 'regression'];
const factsSchema = z.strictObject({ trees: z.int().min(1), nodes: z.int().min(1) });

/**
 * Random forest grown by ml-random-forest and walked by us: the library's trees are laid flat, so that the file is
 * binary, loading runs no code, and probabilities are the shares of all trees' votes (the library loses the first's).
 *
 * Its training time grows with the square of the rows, so `checkSize` refuses what would take over ten minutes.
 *
 * @example
 * const trainer = getTrainer('ml-random-forest');
 * const model = trainer.fit(x, y, trainer.parseParams({ trees: 50 }), { seed: 42 });
 */
export const mlRandomForest: Trainer<ForestParams> = {
  algorithm,
  tasks,
  parseParams: (input) => parseWith(forestParamsSchema, algorithm, input),
  checkSize: (rows, columns, params, task) => checkForestSize(rows, columns, params, task),
  fit(x, y, params, options) {
    const width = x.columns.length;
    const seed = requireSeed(options);
    const classes = y.task === 'classification' ? y.classes : [];
    requireFitInput(algorithm, tasks, y, { rows: x.rowCount, columns: width });
    checkForestSize(x.rowCount, width, params, y.task, classes.length);
    requireComplete(x, algorithm);
    const data = rowMajor(x);
    const shapes: TreeShape[] = [];
    const importance = new Float64Array(width);
    for (let index = 0; index < params.trees; index++) {
      const { shape, sample } = growTree(x, y, params, { seed, index });
      addImportance(flatten([shape]), 0, data, width, y, sample, importance);
      shapes.push(shape);
      options.onProgress?.((index + 1) / params.trees);
    }
    return forestModel(y.task, x.names, classes, flatten(shapes), normalise(importance));
  },
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

function forestModel(
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
