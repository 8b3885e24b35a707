import type { Ensemble } from './ensemble/ensemble.ts';
import { type Link, probabilities } from './ensemble/links.ts';
import { plainScorer } from './ensemble/score.ts';
import { alignFeatures } from './matrix.ts';
import { logLoss } from './metrics/probability.ts';
import type { FeatureMatrix, Model, Target } from './types.ts';

/** The loss of the first so many trees of a forest, or rounds of boosting. */
export type CurvePoint = [trees: number, loss: number];

/** The most points of one curve, and leaves that are looked up for it: some tenths of a second. */
const MOST_POINTS = 50;
const MOST_LEAVES = 4_000_000;
const [FEWEST_ROWS, MOST_ROWS] = [200, 10_000];

/**
 * How the loss fell with the trees: the log loss of a classification, the root mean squared error of a regression. Found from the
 * finished model, whose score is a sum over its trees, so the fit itself does nothing for it. Of many rows some are looked at, evenly
 * spaced: the last point may differ a little from the figure on all of them. Points are evenly spaced too, the last has all trees.
 *
 * @returns undefined for a model that has no trees
 * @example learningCurve(model, validation.x, validation.y)?.at(-1); // [300, 0.31]
 */
export function learningCurve(model: Model, x: FeatureMatrix, y: Target): CurvePoint[] | undefined {
  const { ensemble, features, categories } = model;
  if (ensemble === undefined || x.rowCount === 0) return undefined;
  const trees = ensemble.roots.length - 1;
  // Boosting of several classes grows a tree for each of them in a round.
  const perRound = ensemble.aggregate === 'sum' ? ensemble.outputs : 1;
  const rounds = Math.floor(trees / perRound);
  if (rounds < 2) return undefined;
  const most = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_LEAVES / trees)));
  const rows = someRows(alignFeatures(x, { features, ...(categories && { categories }) }), y, most);
  const scores = startScores(ensemble, rows.x.rowCount);
  const points: CurvePoint[] = [];
  let done = 0;
  for (const upTo of stepsOf(rounds)) {
    const part = partOf(ensemble, done * perRound, upTo * perRound);
    const added = plainScorer(part)(rows.x);
    for (let i = 0; i < scores.length; i++) scores[i]! += added[i]!;
    done = upTo;
    points.push([upTo, lossOf(model, ensemble, scores, upTo, rows.y)]);
  }
  return points;
}

/** 1 to `rounds`, 50 of them at most. */
export function stepsOf(rounds: number): number[] {
  const count = Math.min(rounds, MOST_POINTS);
  return Array.from({ length: count }, (_, i) => Math.round(1 + (i * (rounds - 1)) / (count - 1)));
}

function startScores({ outputs, base, aggregate }: Ensemble, rows: number): Float64Array {
  const scores = new Float64Array(rows * outputs);
  if (aggregate === 'sum') for (let i = 0; i < scores.length; i++) scores[i] = base[i % outputs]!;
  return scores;
}

/** Trees `from` to `to - 1`, to be summed onto nothing: views of the same arrays. */
function partOf(ensemble: Ensemble, from: number, to: number): Ensemble {
  const { leaves, outputs } = ensemble;
  return {
    ...ensemble,
    roots: ensemble.roots.subarray(from, to + 1),
    aggregate: 'sum',
    base: new Float64Array(outputs),
    leaves:
      leaves.kind === 'value'
        ? { ...leaves, treeOutputs: leaves.treeOutputs.subarray(from, to) }
        : { ...leaves, tableStarts: leaves.tableStarts.subarray(from, to + 1) },
  };
}

function lossOf(
  { classes }: Model,
  { aggregate, outputs }: Ensemble,
  sums: Float64Array,
  trees: number,
  y: Target,
): number {
  const scores = aggregate === 'mean' ? sums.map((sum) => sum / trees) : sums.slice();
  if (y.task === 'regression') {
    let squares = 0;
    for (const [i, value] of y.values.entries()) squares += (scores[i]! - value) ** 2;
    return Math.sqrt(squares / y.values.length);
  }
  const link: Link = aggregate === 'mean' ? 'none' : outputs === 1 ? 'logistic' : 'softmax';
  return logLoss(y.values, probabilities(scores, classes.length, link), classes.length);
}

/** Evenly spaced rows, `most` of them. */
function someRows(x: FeatureMatrix, y: Target, most: number): { x: FeatureMatrix; y: Target } {
  if (x.rowCount <= most) return { x, y };
  const places = Array.from({ length: most }, (_, i) => Math.floor((i * x.rowCount) / most));
  const columns = x.columns.map((column) => Float64Array.from(places, (i) => column[i]!));
  const values =
    y.task === 'regression'
      ? { task: y.task, values: Float64Array.from(places, (i) => y.values[i]!) }
      : { ...y, values: Int32Array.from(places, (i) => y.values[i]!) };
  return { x: { ...x, rowCount: most, columns }, y: values };
}
