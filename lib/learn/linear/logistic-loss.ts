import type { Objective } from './lbfgs.ts';
import type { LogisticSystem } from './logistic-system.ts';
import { addGradient, addScores, blockOf, centreSums, shiftOf } from './products.ts';

/**
 * The penalised mean loss and its gradient. A point is, for each output, `width` coefficients of the scaled columns and
 * the intercept behind them. Blocks of rows in order, so that the additions have one order.
 */
export function softmaxLoss(system: LogisticSystem): Objective {
  const { design, outputs, fitIntercept } = system;
  const { width, blockRows } = design;
  const stride = width + 1;
  const sums = new Float64Array(outputs);
  return (point, gradient) => {
    gradient.fill(0);
    sums.fill(0);
    const blocks = new BlockScores(system, point);
    let loss = 0;
    for (let b = 0; b < design.blocks; b++) {
      const scores = blocks.scores(b);
      loss += outputs === 1 ? binaryRows(system, b, scores, sums) : softmaxRows(system, b, scores, sums);
      for (let k = 0; k < outputs; k++) addGradient(design, b, scores, k * blockRows, gradient, k * stride);
    }
    for (let k = 0; k < outputs; k++) {
      centreSums(design, gradient, k * stride, sums[k]!);
      if (fitIntercept) gradient[k * stride + width] = sums[k]!;
    }
    return loss + addPenalty(system, point, gradient);
  };
}

/** Scores at a point, a block of rows at a time: row i of output k is entry k × blockRows + i. One array for all. */
export class BlockScores {
  readonly #system: LogisticSystem;
  readonly #point: Float64Array;
  /** What a score has in every row: the intercept, less what centring takes off sparse columns. */
  readonly #constants: Float64Array;
  readonly #scores: Float64Array;

  constructor(system: LogisticSystem, point: Float64Array) {
    const { design, outputs } = system;
    const stride = design.width + 1;
    this.#system = system;
    this.#point = point;
    this.#constants = new Float64Array(outputs);
    for (let k = 0; k < outputs; k++) {
      this.#constants[k] = point[k * stride + design.width]! - shiftOf(design, point, k * stride);
    }
    this.#scores = new Float64Array(outputs * design.blockRows);
  }

  scores(b: number): Float64Array {
    const { design, outputs } = this.#system;
    const { width, blockRows } = design;
    const scores = this.#scores;
    for (let k = 0; k < outputs; k++) {
      scores.fill(this.#constants[k]!, k * blockRows, (k + 1) * blockRows);
      addScores(design, b, this.#point, k * (width + 1), scores, k * blockRows);
    }
    return scores;
  }

  /** The probability of each output; of the second class where there are two. */
  probabilities(b: number): Float64Array {
    const { design, outputs } = this.#system;
    const { blockRows } = design;
    const scores = this.scores(b);
    for (let i = 0; i < blockRows; i++) {
      if (outputs === 1) {
        scores[i] = 1 / (1 + Math.exp(-scores[i]!));
        continue;
      }
      const total = exponentials(scores, i, blockRows).total;
      for (let at = i; at < scores.length; at += blockRows) scores[at]! /= total;
    }
    return scores;
  }
}

/** Replaces the scores of one row by their exponentials, the largest made 0 first. */
function exponentials(scores: Float64Array, i: number, stride: number): { largest: number; total: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = i; at < scores.length; at += stride) if (scores[at]! > largest) largest = scores[at]!;
  let total = 0;
  for (let at = i; at < scores.length; at += stride) {
    const power = Math.exp(scores[at]! - largest);
    scores[at] = power;
    total += power;
  }
  return { largest, total };
}

/** The loss of a block's rows; their scores become weighted residuals, which are added up in `sums`. */
function binaryRows(
  { design, classes, weights }: LogisticSystem,
  b: number,
  scores: Float64Array,
  sums: Float64Array,
): number {
  const [from, count] = blockOf(design, b);
  let [loss, sum] = [0, 0];
  for (let i = 0; i < count; i++) {
    const z = scores[i]!;
    const truth = classes[from + i]!;
    const weight = weights[from + i]!;
    const small = Math.exp(-Math.abs(z));
    // softplus of the score against the truth, and the logistic function, from one exponential that cannot overflow.
    loss += weight * (Math.max(truth === 1 ? -z : z, 0) + Math.log1p(small));
    const residual = weight * ((z >= 0 ? 1 : small) / (1 + small) - truth);
    scores[i] = residual;
    sum += residual;
  }
  sums[0]! += sum;
  return loss;
}

function softmaxRows(
  { design, classes, weights, outputs }: LogisticSystem,
  b: number,
  scores: Float64Array,
  sums: Float64Array,
): number {
  const [from, count] = blockOf(design, b);
  const { blockRows } = design;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const trueAt = classes[from + i]! * blockRows + i;
    const score = scores[trueAt]!;
    const { largest, total } = exponentials(scores, i, blockRows);
    const weight = weights[from + i]!;
    loss += weight * (Math.log(total) + largest - score);
    const factor = weight / total;
    for (let at = i; at < scores.length; at += blockRows) scores[at]! *= factor;
    scores[trueAt]! -= weight;
  }
  for (let k = 0; k < outputs; k++) {
    let sum = 0;
    for (let at = k * blockRows, end = at + count; at < end; at++) sum += scores[at]!;
    sums[k]! += sum;
  }
  return loss;
}

function addPenalty(
  { design, outputs, penalty }: LogisticSystem,
  point: Float64Array,
  gradient: Float64Array,
): number {
  const { width, scales } = design;
  let loss = 0;
  for (let k = 0; k < outputs; k++) {
    for (let j = 0; j < width; j++) {
      const at = k * (width + 1) + j;
      const coefficient = point[at]! / scales[j]!;
      loss += 0.5 * penalty * coefficient * coefficient;
      gradient[at]! += (penalty * coefficient) / scales[j]!;
    }
  }
  return loss;
}
