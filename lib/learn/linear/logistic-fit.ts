import type { FeatureMatrix } from '../types.ts';
import { makeDesign } from './design.ts';
import { type Minimum, minimise } from './lbfgs.ts';
import { softmaxLoss } from './logistic-loss.ts';
import { logisticCurvature } from './logistic-preconditioner.ts';
import type { LogisticSystem } from './logistic-system.ts';

export interface LogisticProblem {
  x: FeatureMatrix;
  /** Class of each row, 0 to classCount - 1, each present. */
  classes: Int32Array;
  classCount: number;
  /** One weight a row. */
  weights: Float64Array;
  C: number;
  fitIntercept: boolean;
  tolerance: number;
  maxIterations: number;
  onIteration?: (done: number, gradientNorm: number) => void;
}

export interface LogisticFit extends Omit<Minimum, 'point'> {
  /** Row-major, outputs × columns (each category is one), in the columns' own units; one output for two classes. */
  coefficients: Float64Array;
  intercepts: Float64Array;
}

/**
 * Minimises scikit-learn's objective, C·Σ wᵢ·loss(i) + ½‖W‖², divided by C·Σwᵢ: the softmax loss over all classes, or
 * the binary loss on one score where there are two. Intercepts are not penalised.
 *
 * The search runs in centred columns divided by √(¼·variance + 1/(C·Σw)), about the root of the objective's curvature:
 * the minimum is the same, and columns in cents or in millions take the same number of steps. It starts at the classes'
 * shares and steps through the curvature there, so that correlated columns cost no more steps than others.
 */
export function fitLogistic(problem: LogisticProblem): LogisticFit {
  const { classCount, fitIntercept } = problem;
  const outputs = classCount === 2 ? 1 : classCount;
  const total = problem.weights.reduce((sum, weight) => sum + weight, 0);
  const penalty = 1 / (problem.C * total);
  const weights = problem.weights.map((weight) => weight / total);
  const shares = new Float64Array(classCount);
  for (const [i, k] of problem.classes.entries()) shares[k]! += weights[i]!;
  const design = makeDesign(problem.x, {
    weights,
    centre: fitIntercept,
    scaleOf: ({ rootMeanSquare }) => Math.sqrt(0.25 * rootMeanSquare ** 2 + penalty),
  });
  const system: LogisticSystem = {
    design,
    classes: problem.classes,
    outputs,
    weights,
    shares,
    penalty,
    fitIntercept,
  };
  const stride = design.width + 1;
  const start = new Float64Array(outputs * stride);
  if (fitIntercept) {
    if (outputs === 1) start[design.width] = Math.log(shares[1]! / shares[0]!);
    else for (let k = 0; k < outputs; k++) start[k * stride + design.width] = Math.log(shares[k]!);
  }
  const { point, ...end } = minimise(softmaxLoss(system), start, {
    ...problem,
    preconditioner: logisticCurvature(system),
  });
  const coefficients = new Float64Array(outputs * design.width);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    intercepts[k] = point[k * stride + design.width]!;
    for (let j = 0; j < design.width; j++) {
      const coefficient = point[k * stride + j]! / design.scales[j]!;
      coefficients[k * design.width + j] = coefficient;
      intercepts[k]! -= coefficient * design.centres[j]!;
    }
  }
  if (outputs > 1) {
    centreOutputs(intercepts, outputs);
    centreOutputs(coefficients, outputs);
  }
  return { ...end, coefficients, intercepts };
}

/**
 * The softmax is the same where one number is added to all outputs; the penalty is least where they sum to 0. Weakly
 * penalised, the search may stop before it gets there: this goes the rest of the way at once.
 */
function centreOutputs(values: Float64Array, outputs: number): void {
  const width = values.length / outputs;
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += values[k * width + j]!;
    for (let k = 0; k < outputs; k++) values[k * width + j]! -= sum / outputs;
  }
}
