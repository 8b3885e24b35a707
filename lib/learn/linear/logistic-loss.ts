import type { Objective } from './lbfgs.ts';
import type { LogisticSystem } from './logistic-fit.ts';
import { addGradient, addScores, blockOf, centreSums, shiftOf } from './products.ts';

/**
 * The penalised mean loss and its gradient. A point is, for each output, `width` coefficients of the scaled columns and
 * the intercept behind them. Blocks of rows in order, so that the additions have one order.
 */
export function softmaxLoss(system: LogisticSystem): Objective {
  const { design, outputs, fitIntercept } = system;
  const { width, blockRows } = design;
  const stride = width + 1;
  const scores = new Float64Array(outputs * blockRows);
  const sums = new Float64Array(outputs);
  return (point, gradient) => {
    gradient.fill(0);
    sums.fill(0);
    const constants = Float64Array.from(
      sums,
      (_, k) => point[k * stride + width]! - shiftOf(design, point, k * stride),
    );
    let loss = 0;
    for (let b = 0; b < design.blocks; b++) {
      for (let k = 0; k < outputs; k++) {
        scores.fill(constants[k]!, k * blockRows, (k + 1) * blockRows);
        addScores(design, b, point, k * stride, scores, k * blockRows);
      }
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
  const end = outputs * blockRows;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = i; at < end; at += blockRows) if (scores[at]! > largest) largest = scores[at]!;
    const true_ = classes[from + i]! * blockRows + i;
    const own = scores[true_]! - largest;
    let total = 0;
    for (let at = i; at < end; at += blockRows) {
      const power = Math.exp(scores[at]! - largest);
      scores[at] = power;
      total += power;
    }
    const weight = weights[from + i]!;
    loss += weight * (Math.log(total) - own);
    const factor = weight / total;
    for (let at = i; at < end; at += blockRows) scores[at]! *= factor;
    scores[true_]! -= weight;
  }
  for (let k = 0; k < outputs; k++) {
    let sum = 0;
    for (let at = k * blockRows, last = at + count; at < last; at++) sum += scores[at]!;
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
