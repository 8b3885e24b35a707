import { ensembleModel } from '../ensemble/model.ts';
import type { FeatureMatrix, FitOptions, Model, Target, Trainer } from '../types.ts';
import { forestAlgorithm } from './algorithm.ts';
import { assemble, importanceOf } from './assemble.ts';
import { checkForestSize, forestCost } from './cost.ts';
import type { Grown, GrowTask } from './grown.ts';
import { outOfBagScore } from './out-of-bag.ts';
import { algorithm, type ForestParams } from './params.ts';
import { fromParts, toParts } from './parts.ts';
import { grow, withTask } from './train.ts';

/**
 * Random forest (Breiman 2001) on binned features: scikit-learn's parameters, and besides missing values and categories
 * as they are. The trees depend on data, parameters and seed alone: not on threads, shards, or the order of columns.
 *
 * Least numbers of rows (`minSamplesSplit`, `minSamplesLeaf`) count different rows in the bag, not their weights, as
 * scikit-learn does. A node is a leaf where its rows are of one class or one number, or differ in no feature.
 *
 * @example
 * const params = randomForest.parseParams({ trees: 200, minSamplesLeaf: 2, oobScore: true });
 * const model = randomForest.fit(x, y, params, { seed: 42, threads: 4 });
 * model.toFile().facts.outOfBag; // { metric: 'accuracy', score: 0.91, rows: 20640 }
 */
export const randomForest: Trainer<ForestParams> = {
  ...forestAlgorithm,
  checkSize: (rows, columns, params, task) => checkForestSize(rows, columns, params, task),
  cost: forestCost,
  fit: (x, y, params, options) =>
    grow(x, y, params, { ...options, from: 0, to: params.trees }, (grown, task, ordered) =>
      forestModel(grown, task, ordered, y, params),
    ),
  shards: {
    count: (params) => params.trees,
    fitPart: (x, y, params, options) =>
      grow(x, y, params, options, (grown) => toParts(grown, options, grownBy(x, params, options))),
    merge: (x, y, params, options, parts) =>
      withTask(x, y, params, { ...options, pieces: 1 }, (_, task, ordered) => {
        const { bins, target } = task;
        const expected = { trees: params.trees, bins, target, votes: params.oobScore };
        const grown = fromParts(parts, { ...expected, grownBy: grownBy(x, params, options) });
        return forestModel(grown, task, ordered, y, params);
      }),
  },
};

function grownBy({ rowCount, names }: FeatureMatrix, params: ForestParams, { seed }: FitOptions): string {
  return JSON.stringify({ seed, rows: rowCount, columns: names.length, params });
}

function forestModel(grown: Grown, task: GrowTask, x: FeatureMatrix, y: Target, params: ForestParams): Model {
  const { bins, target } = task;
  const { trees, votes } = grown;
  const classes = y.task === 'classification' ? y.classes : [];
  const full = trees.filter((tree) => tree.full).length;
  return ensembleModel({
    algorithm,
    task: y.task,
    features: x.names,
    categories: bins.categories,
    classes,
    ensemble: assemble(bins, trees, classes.length),
    importance: importanceOf(trees, bins.featureCount),
    facts: {
      trees: params.trees,
      ...(votes === undefined ? {} : { outOfBag: outOfBagScore(y, target, votes) }),
    },
    notes: [
      ...bins.notes,
      ...(full > 0 ? [`${full} of ${trees.length} trees grew to the most nodes that a tree may have`] : []),
    ],
    link: y.task === 'classification' ? 'none' : 'identity',
    range: target.kind === 'numbers' ? target.range : undefined,
  });
}
