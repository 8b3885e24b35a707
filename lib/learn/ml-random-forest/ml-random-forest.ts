import { BadDefinitionError } from '../../errors/index.ts';
import { requireComplete, rowMajor } from '../matrix.ts';
import { normalise, requireFitInput, requireSeed } from '../params.ts';
import type { Trainer } from '../types.ts';
import { forestModel, mlForestAlgorithm } from './algorithm.ts';
import { flatten, type TreeShape } from './flat-forest.ts';
import { algorithm, checkForestSize, type ForestParams } from './forest-params.ts';
import { growTree } from './grow-tree.ts';
import { addImportance } from './impurity.ts';

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
  ...mlForestAlgorithm,
  checkSize: (rows, columns, params, task) => checkForestSize(rows, columns, params, task),
  fit(x, y, params, options) {
    const width = x.columns.length;
    const seed = requireSeed(options);
    const classes = y.task === 'classification' ? y.classes : [];
    requireFitInput(algorithm, mlForestAlgorithm.tasks, y, { rows: x.rowCount, columns: width });
    if (options.weights !== undefined) {
      throw new BadDefinitionError(`${algorithm} cannot weigh rows`, {
        field: 'weights',
        remedy: 'Choose random-forest, or leave the weights out.',
      });
    }
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
};
