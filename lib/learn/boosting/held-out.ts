import type { Bins } from '../bins/index.ts';
import { BadTargetError } from '../errors.ts';
import { alignFeatures } from '../matrix.ts';
import type { FeatureMatrix, Target } from '../types.ts';
import { type BoostingProblem, UNSEEN_MISSING } from './engine.ts';
import { exp, log } from './math.ts';

/**
 * Rows in the codes of bins that they took no part in: column-major as the bins. A missing value has the code that
 * training's had, or 256 where there was none.
 */
export function encode(x: FeatureMatrix, features: readonly string[], bins: Bins): Uint16Array {
  const { rowCount, columns } = alignFeatures(x, { features, categories: bins.categories });
  const codes = new Uint16Array(rowCount * features.length);
  for (let f = 0; f < features.length; f++) {
    const missing = bins.hasMissing[f] === 1 ? bins.valueBins[f]! : UNSEEN_MISSING;
    const edges = bins.edges[f]!;
    const categorical = bins.categorical[f] === 1;
    for (let i = 0; i < rowCount; i++) {
      const value = columns[f]![i]!;
      codes[f * rowCount + i] = Number.isNaN(value)
        ? missing
        : categorical
          ? value
          : edgesBelow(Math.fround(value), edges);
    }
  }
  return codes;
}

function edgesBelow(value: number, edges: Float32Array): number {
  let from = 0;
  let to = edges.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (value > edges[middle]!) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The mean loss of scores (output k of row i is entry k * rows + i): squared error, or minus the log of the true
 * class's probability.
 *
 * @throws BadTargetError where the target is of another task or length
 */
export function meanLoss(scores: Float64Array, y: Target, { loss, outputs }: BoostingProblem): number {
  const rows = y.values.length;
  if (scores.length !== rows * outputs || (loss === 'squared') !== (y.task === 'regression')) {
    throw new BadTargetError('the target of the validation rows is not like that of the training rows');
  }
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const value = y.values[i]!;
    if (loss === 'squared') sum += (scores[i]! - value) ** 2;
    else if (loss === 'logistic') sum += softplus(value === 1 ? -scores[i]! : scores[i]!);
    else {
      let top = scores[i]!;
      for (let k = 1; k < outputs; k++) top = Math.max(top, scores[k * rows + i]!);
      let total = 0;
      for (let k = 0; k < outputs; k++) total += exp(scores[k * rows + i]! - top);
      sum += top + log(total) - scores[value * rows + i]!;
    }
  }
  return sum / rows;
}

/**
 * log(1 + e^z) without overflow. Not that of probability.ts: this loss chooses the round to stop at, and so the model's
 * bytes, and an engine's own `Math.log1p` may differ in the last bit.
 */
function softplus(z: number): number {
  return Math.max(z, 0) + log(1 + exp(-Math.abs(z)));
}
