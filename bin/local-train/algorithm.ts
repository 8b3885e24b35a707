import { ArboledaError } from '../../lib/errors/index.ts';
import { getTrainer, type Task } from '../../lib/learn/index.ts';
import type { Table } from '../../lib/table/index.ts';
import { planSteps } from './plan.ts';

const FOREST = 'ml-random-forest';
/** Its cost grows with the square of the rows: so many are worth waiting for. */
const DEFAULT_TREES = 30;

export interface AlgorithmChoice {
  algorithm: string;
  params: unknown;
  /** Linear models want scaled numbers. */
  linear: boolean;
}

/**
 * The algorithm that was asked for; else the forest, where the data is within its bound, else the linear one of the task.
 * @throws BadDefinitionError for an unknown algorithm, one of another task, or wrong parameters.
 */
export function chooseAlgorithm(
  options: { algorithm?: string; trees?: number; target: string },
  task: Task,
  train: Table,
  note: (text: string) => void,
): AlgorithmChoice {
  const trees = { trees: options.trees ?? DEFAULT_TREES };
  if (options.algorithm !== undefined) {
    const linear = options.algorithm !== FOREST;
    const params = getTrainer(options.algorithm).parseParams(linear ? {} : trees);
    if (linear && options.trees !== undefined) note(`--trees says nothing to ${options.algorithm}`);
    return { algorithm: options.algorithm, params, linear };
  }
  const forest = getTrainer(FOREST);
  const params = forest.parseParams(trees);
  try {
    forest.checkSize(train.rowCount, encodedColumns(train, options.target), params);
    return { algorithm: FOREST, params, linear: false };
  } catch (error) {
    if (!(error instanceof ArboledaError)) throw error;
    const algorithm = task === 'classification' ? 'logistic-regression' : 'linear-regression';
    note(`${algorithm} is trained, as ${error.message}`);
    return { algorithm, params: getTrainer(algorithm).parseParams({}), linear: true };
  }
}

/** How many columns the encoded table will have, close enough for a bound. */
function encodedColumns(table: Table, target: string): number {
  const { steps } = planSteps(table, target, false);
  const oneHot = new Set(
    steps.flatMap((step) =>
      'method' in step && step.method === 'onehot' && Array.isArray(step.columns) ? step.columns : [],
    ),
  );
  return table.columns
    .filter((column) => column.name !== target)
    .reduce(
      (sum, column) => sum + ('codes' in column && oneHot.has(column.name) ? column.categories.length : 1),
      0,
    );
}
