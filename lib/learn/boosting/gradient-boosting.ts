import { BINS_KERNEL, type Bins, binFeatures, canonicalOrder } from '../bins/index.ts';
import { kernel as binsKernel } from '../bins/kernel.generated.ts';
import { buildEnsemble } from '../ensemble/build.ts';
import { ensembleModel } from '../ensemble/model.ts';
import { compileKernel, KernelMemory, kernelsRun } from '../kernel/host.ts';
import { Team } from '../kernel/team.ts';
import { normalise, requireFitInput, requireSeed } from '../params.ts';
import { threadsToStart } from '../threads.ts';
import type { FeatureMatrix, FitOptions, Model, Target, Trainer } from '../types.ts';
import { trueWeights } from '../weights.ts';
import { boostingAlgorithm } from './algorithm.ts';
import { type Boosted, boost } from './boost.ts';
import { boostingCost, checkBoostingSize, sharedSeconds } from './cost.ts';
import type { BoostingEngine, BoostingProblem } from './engine.ts';
import { encode, meanLoss } from './held-out.ts';
import { kernel } from './kernel.generated.ts';
import { BOOSTING_KERNEL, KernelEngine } from './on-kernel.ts';
import { algorithm, type BoostingParams, NO_DEPTH } from './params.ts';
import { PlainEngine } from './plain/plain-engine.ts';
import { roundSample } from './sample.ts';
import { startOf } from './start.ts';
import { addGains, plainTree } from './trees.ts';
import { integerWeights } from './weights.ts';

/**
 * Gradient boosting of leaf-wise trees on histograms, as LightGBM grows them: squared loss for numbers, logistic for
 * two classes, softmax for more. Missing values and categories are taken as they are. On an engine without WebAssembly
 * SIMD and threads the plain TypeScript twin grows the same bytes.
 *
 * @example
 * const trainer = getTrainer('gradient-boosting');
 * const params = trainer.parseParams({ rounds: 500, earlyStoppingRounds: 20 });
 * const model = trainer.fit(x, y, params, { seed: 42, validation: { x: xHeldOut, y: yHeldOut } });
 */
export const gradientBoosting: Trainer<BoostingParams> = {
  ...boostingAlgorithm,
  checkSize: (rows, columns, params, task) => checkBoostingSize(rows, columns, params, task),
  cost: boostingCost,
  fit: (x, y, params, options) => fitBoosting(x, y, params, options, kernelsRun()),
};

/** `fit`, with the kernel or with its twin. */
export function fitBoosting(
  x: FeatureMatrix,
  y: Target,
  params: BoostingParams,
  options: FitOptions,
  onKernel: boolean,
): Model {
  const seed = requireSeed(options);
  const classes = y.task === 'classification' ? y.classes : [];
  requireFitInput(algorithm, boostingAlgorithm.tasks, y, { rows: x.rowCount, columns: x.columns.length });
  checkBoostingSize(x.rowCount, x.columns.length, params, y.task, classes.length);
  const weights = trueWeights(algorithm, y, options.weights, params.classWeight);
  const counted = weights?.some((weight) => weight !== 1) ? integerWeights(weights) : undefined;
  const start = startOf(y, counted?.weights);
  const ordered = canonicalOrder(x);
  const { maxLeaves, maxDepth = NO_DEPTH, minSamplesLeaf: minLeaf, learningRate, l2 } = params;
  const stops = params.earlyStoppingRounds !== undefined && options.validation !== undefined;

  const threads = threadsToStart(
    options,
    sharedSeconds(x.rowCount, x.columns.length, params, y.task, classes.length),
  );
  return withEngine(onKernel, threads, (make, on) => {
    const bins = binFeatures(ordered, { weights: options.weights, ...(on && { on }) });
    const heldOut = stops
      ? { rows: options.validation!.x.rowCount, codes: encode(options.validation!.x, ordered.names, bins) }
      : undefined;
    const problem: BoostingProblem = {
      ...{ bins, ...start, weights: counted?.weights, weightScale: counted?.scale ?? 1, heldOut },
      ...{ learningRate, maxLeaves, maxDepth, minLeaf, l2 },
    };
    const engine = make(problem);
    const { subsample, colsample } = params;
    const rules = { seed, rows: x.rowCount, features: ordered.names.length, subsample, colsample };
    const boosted = boost(engine, {
      rounds: params.rounds,
      sample: (round) => roundSample(rules, round),
      stopping: stops
        ? {
            loss: () => meanLoss(engine.heldOutScores(), options.validation!.y, problem),
            patience: params.earlyStoppingRounds!,
          }
        : undefined,
      onProgress: options.onProgress,
    });
    options.onThreads?.(engine.pieces());
    return modelOf(boosted, problem, ordered.names, y, notesOf(bins, boosted, params, stops));
  });
}

/** Runs with an engine's makers, on threads that are let go whatever happens. */
function withEngine<T>(
  onKernel: boolean,
  threads: number,
  use: (make: (problem: BoostingProblem) => BoostingEngine, on?: { memory: KernelMemory; team: Team }) => T,
): T {
  if (!onKernel) return use((problem) => new PlainEngine(problem));
  const memory = new KernelMemory();
  const kernels = { [BINS_KERNEL]: compileKernel(binsKernel), [BOOSTING_KERNEL]: compileKernel(kernel) };
  const team = new Team({ memory, threads, kernels });
  try {
    return use((problem) => new KernelEngine(problem, { memory, team }), { memory, team });
  } finally {
    team.close();
  }
}

function notesOf(
  bins: Bins,
  { rounds, grown, ended }: Boosted,
  params: BoostingParams,
  stops: boolean,
): string[] {
  const notes = [...bins.notes];
  if (params.earlyStoppingRounds !== undefined && !stops) {
    notes.push('no validation rows were given, so nothing could stop the rounds early');
  }
  if (stops && rounds.length < grown) {
    notes.push(
      `early stopping kept ${rounds.length} of ${grown} rounds grown (at most ${params.rounds}): there the loss on the validation rows was least`,
    );
  } else if (ended === 'nothing left') {
    notes.push(`no split was left after ${grown} of ${params.rounds} rounds`);
  }
  return notes;
}

function modelOf(
  { rounds, grown }: Boosted,
  { bins, base, outputs, loss }: BoostingProblem,
  features: readonly string[],
  y: Target,
  notes: string[],
): Model {
  const gains = new Float64Array(features.length);
  for (const tree of rounds.flat()) addGains(tree, gains);
  const ensemble = buildEnsemble({
    featureCount: features.length,
    outputs,
    categoryCounts: bins.categoryCounts,
    aggregate: 'sum',
    base,
    trees: rounds.flatMap((trees) => trees.map((tree, k) => plainTree(tree, bins, k))),
  });
  return ensembleModel({
    algorithm,
    task: y.task,
    features,
    categories: bins.categories,
    classes: y.task === 'classification' ? y.classes : [],
    ensemble,
    importance: normalise(gains),
    facts: { rounds: rounds.length, grown },
    notes,
    link: loss === 'squared' ? 'identity' : loss,
  });
}
