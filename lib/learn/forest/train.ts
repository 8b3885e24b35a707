import { BadDefinitionError } from '../../errors/index.ts';
import { BINS_KERNEL, binFeatures, canonicalOrder } from '../bins/index.ts';
import { kernel as binsKernel } from '../bins/kernel.generated.ts';
import { TrainingTooLargeError } from '../errors.ts';
import { compileKernel, KernelMemory, kernelsRun } from '../kernel/host.ts';
import { kernelSeed } from '../kernel/random.ts';
import { Team } from '../kernel/team.ts';
import { requireFitInput, requireSeed } from '../params.ts';
import { threadsToStart } from '../threads.ts';
import type { FeatureMatrix, FitOptions, Target, Task } from '../types.ts';
import { checkForestSize, forestCost } from './cost.ts';
import type { Grown, GrowTask } from './grown.ts';
import { kernel as forestKernel } from './kernel.generated.ts';
import { FOREST_KERNEL, growOnKernel, type Where } from './on-kernel.ts';
import { algorithm, type ForestParams, growSettings } from './params.ts';
import { forestTarget } from './targets.ts';
import { growPlain } from './twin/grow.ts';

const tasks: readonly Task[] = ['classification', 'regression'];
/** Labels are 16-bit. */
const MOST_CLASSES = 65_535;
/** Bytes of a kernel's memory from which on a failure is for want of more. */
const NEARLY_ALL = 3.5e9;
/** Work between two reports of progress. */
const BATCH_SECONDS = 1;

/** Where and how to work: `plain` does without WebAssembly, for tests and for engines that lack it. */
export interface WorkOptions extends FitOptions {
  plain?: boolean;
}
/** Which trees to grow. */
export interface GrowOptions extends WorkOptions {
  from: number;
  to: number;
}

/** What is done with the task, or its trees, while the memory that they lie in is still there. */
type Use<T, R> = (made: T, task: GrowTask, x: FeatureMatrix) => R;

/**
 * Bins the features and grows a range of trees.
 *
 * @param use receives trees whose arrays are views of the kernel's memory: copy what shall last
 */
export function grow<R>(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: GrowOptions,
  use: Use<Grown, R>,
): R {
  const { onProgress, onThreads, from, to } = options;
  return withTask(x, y, params, { ...options, pieces: to - from }, (where, task, ordered) => {
    const batches = onProgress === undefined ? 1 : batchCount(x, y, params, options);
    const grown =
      where === undefined
        ? growPlain(task, options, onProgress)
        : growOnKernel(task, options, where, { batches, onProgress });
    onThreads?.(grown.pieces);
    return use(grown, task, ordered);
  });
}

/** Checks all, and bins the features, in the kernel's memory where there is one. */
export function withTask<R>(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: WorkOptions & { pieces: number },
  use: Use<Where | undefined, R>,
): R {
  const { plain = !kernelsRun(), weights } = options;
  const { ordered, ...parts } = prepare(x, y, params, options);
  if (plain) return use(undefined, { bins: binFeatures(ordered, { weights }), ...parts }, ordered);
  const memory = new KernelMemory();
  const kernels = { [BINS_KERNEL]: compileKernel(binsKernel), [FOREST_KERNEL]: compileKernel(forestKernel) };
  const threads = Math.max(1, Math.min(threadsFor(x, y, params, options), options.pieces));
  const team = new Team({ memory, threads, kernels });
  try {
    const where = { memory, team };
    return use(where, { bins: binFeatures(ordered, { weights, on: where }), ...parts }, ordered);
  } catch (error) {
    throw error instanceof RangeError || memory.used > NEARLY_ALL ? tooLarge(x, error) : error;
  } finally {
    team.close();
  }
}

const classCount = (y: Target): number => (y.task === 'classification' ? y.classes.length : 0);

function prepare(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: FitOptions,
): Omit<GrowTask, 'bins'> & { ordered: FeatureMatrix } {
  const seed = kernelSeed(requireSeed(options));
  const [rows, columns] = [x.rowCount, x.columns.length];
  requireFitInput(algorithm, tasks, y, { rows, columns });
  const classes = classCount(y);
  if (classes > MOST_CLASSES) {
    throw new BadDefinitionError(`${algorithm} takes at most ${MOST_CLASSES} classes, not ${classes}`, {
      field: 'target',
      remedy: 'Group the rare classes, or predict a number instead.',
    });
  }
  if (params.oobScore && !params.bootstrap) {
    throw new BadDefinitionError(`${algorithm}: without bootstrap no row is out of a tree's bag`, {
      field: 'oobScore',
      remedy: 'Leave oobScore out, or set bootstrap to true.',
    });
  }
  checkForestSize(rows, columns, params, y.task, classes);
  const settings = growSettings(rows, columns, params, y.task);
  const target = forestTarget(y, options.weights, params, settings.bootstrap ? settings.drawn : undefined);
  return { ordered: canonicalOrder(x), target, settings, seed, outOfBag: params.oobScore };
}

/** Threads for the trees `from` to `to - 1`. */
function threadsFor(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: WorkOptions & { pieces: number },
): number {
  const { seconds } = forestCost(x.rowCount, x.columns.length, params, y.task, classCount(y));
  return threadsToStart(options, (seconds * options.pieces) / params.trees);
}

/** About a second each, but enough trees in one that no thread waits long for the others at its end. */
function batchCount(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  { from, to, threads = 1 }: GrowOptions,
): number {
  const { seconds } = forestCost(x.rowCount, x.columns.length, params, y.task);
  const share = (to - from) / params.trees / threads;
  return Math.max(
    1,
    Math.min(Math.floor((seconds * share) / BATCH_SECONDS), Math.floor((to - from) / (4 * threads))),
  );
}

/** The memory of a kernel ends at 4 GB, which an estimate may miss. */
function tooLarge(x: FeatureMatrix, cause: unknown): TrainingTooLargeError {
  return new TrainingTooLargeError(
    `${algorithm}: the trees of ${x.rowCount} rows x ${x.columns.length} columns do not fit the 4 GB that one machine can address`,
    { cause, remedy: 'Train in shards, with fewer `trees`, fewer `maxSamples`, or a `maxDepth`.' },
  );
}
