import { logSumExp, softmaxInPlace, softplus } from '../probability.ts';
import { type Minimum, minimise, type Objective } from './lbfgs.ts';

export interface LogisticProblem {
  columns: readonly Float64Array[];
  /** Class of each row, 0 to classCount - 1, each present. */
  classes: Int32Array;
  classCount: number;
  /** One weight a row. */
  weights: Float64Array;
  C: number;
  fitIntercept: boolean;
  tolerance: number;
  maxIterations: number;
  onIteration?: (done: number) => void;
}

export interface LogisticFit extends Omit<Minimum, 'point'> {
  /** Row-major, outputs × columns, in the columns' own units; one output where there are two classes. */
  coefficients: Float64Array;
  intercepts: Float64Array;
  deviations: Float64Array;
}

/**
 * Minimises scikit-learn's objective, C·Σ wᵢ·loss(i) + ½‖W‖², divided by C·Σwᵢ: the softmax loss over all classes, or
 * the binary loss on one score where there are two. Intercepts are not penalised.
 *
 * The search runs in centred columns divided by √(¼·variance + 1/(C·Σw)), about the root of the objective's curvature:
 * the minimum is the same, and columns in cents or in millions take the same number of steps.
 */
export function fitLogistic(problem: LogisticProblem): LogisticFit {
  const { columns, classCount, fitIntercept } = problem;
  const rows = problem.classes.length;
  const width = columns.length;
  const outputs = classCount === 2 ? 1 : classCount;
  const totalWeight = problem.weights.reduce((sum, weight) => sum + weight, 0);
  const penalty = 1 / (problem.C * totalWeight);
  const { centres, scales, deviations, data } = precondition(columns, rows, penalty, fitIntercept);

  const stride = width + 1;
  const scores = new Float64Array(outputs);
  const objective: Objective = (point, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < outputs; k++) scores[k] = affine(point, k * stride, data, i * width, width);
      const truth = problem.classes[i]!;
      const weight = problem.weights[i]! / totalWeight;
      if (outputs === 1) {
        const z = scores[0]!;
        loss += weight * (truth === 1 ? softplus(-z) : softplus(z));
        scores[0] = 1 / (1 + Math.exp(-z)) - truth;
      } else {
        loss += weight * (logSumExp(scores) - scores[truth]!);
        softmaxInPlace(scores, 0, outputs);
        scores[truth]! -= 1;
      }
      for (let k = 0; k < outputs; k++) {
        const residual = weight * scores[k]!;
        const at = k * stride;
        for (let j = 0; j < width; j++) gradient[at + j]! += residual * data[i * width + j]!;
        if (fitIntercept) gradient[at + width]! += residual;
      }
    }
    for (let k = 0; k < outputs; k++) {
      for (let j = 0; j < width; j++) {
        const at = k * stride + j;
        const coefficient = point[at]! / scales[j]!;
        loss += 0.5 * penalty * coefficient * coefficient;
        gradient[at]! += (penalty * coefficient) / scales[j]!;
      }
    }
    return loss;
  };

  const { point, ...end } = minimise(objective, new Float64Array(outputs * stride), problem);
  const coefficients = new Float64Array(outputs * width);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    intercepts[k] = point[k * stride + width]!;
    for (let j = 0; j < width; j++) {
      coefficients[k * width + j] = point[k * stride + j]! / scales[j]!;
      intercepts[k]! -= coefficients[k * width + j]! * centres[j]!;
    }
  }
  return { ...end, coefficients, intercepts, deviations };
}

/** bias + Σ point · data, the bias lying behind the `width` weights. */
function affine(point: Float64Array, at: number, data: Float64Array, from: number, width: number): number {
  let score = point[at + width]!;
  for (let j = 0; j < width; j++) score += point[at + j]! * data[from + j]!;
  return score;
}

function precondition(
  columns: readonly Float64Array[],
  rows: number,
  penalty: number,
  fitIntercept: boolean,
) {
  const width = columns.length;
  const centres = new Float64Array(width);
  const scales = new Float64Array(width);
  const deviations = new Float64Array(width);
  const data = new Float64Array(rows * width);
  for (let j = 0; j < width; j++) {
    const column = columns[j]!;
    const mean = column.reduce((sum, value) => sum + value / rows, 0);
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2 / rows, 0);
    deviations[j] = Math.sqrt(variance);
    centres[j] = fitIntercept ? mean : 0;
    const square = fitIntercept ? variance : variance + mean ** 2;
    scales[j] = Math.sqrt(0.25 * square + penalty);
    for (let i = 0; i < rows; i++) data[i * width + j] = (column[i]! - centres[j]!) / scales[j]!;
  }
  return { centres, scales, deviations, data };
}
