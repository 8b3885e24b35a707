/** A smooth function: fills `gradient` at `point` and returns the value. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  point: Float64Array;
  value: number;
  iterations: number;
  /** Largest absolute entry of the gradient at the end. */
  gradientNorm: number;
  converged: boolean;
}

/** Pairs of steps and gradient changes that are remembered. */
const MEMORY = 12;
/** Sufficient decrease and curvature of the weak Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;

/** An approximate inverse of the curvature, symmetric and positive definite. */
export interface Preconditioner {
  /** Multiplies by it, in place. */
  apply(vector: Float64Array): void;
  /** Called at the start (iteration 0) and after each iteration: where it may be taken anew. */
  refresh(point: Float64Array, iteration: number): void;
}

export interface MinimiseOptions {
  tolerance: number;
  maxIterations: number;
  /** The identity where absent. */
  preconditioner?: Preconditioner;
  onIteration?: (done: number, gradientNorm: number) => void;
}

/**
 * Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a bisecting weak-Wolfe line
 * search (Lewis and Overton 2013). No randomness and a fixed order of additions: the same input gives the same bits.
 *
 * @returns converged true where the gradient's largest entry is at most `tolerance`
 */
export function minimise(objective: Objective, start: Float64Array, options: MinimiseOptions): Minimum {
  const size = start.length;
  let point = start.slice();
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let iterations = 0;
  options.preconditioner?.refresh(point, 0);
  while (iterations < options.maxIterations && largest(gradient) > options.tolerance) {
    let direction = descent(gradient, steps, changes, options.preconditioner);
    if (dot(direction, gradient) >= 0) {
      // Rounding spoiled the memory: fall back to the steepest descent.
      steps.length = 0;
      changes.length = 0;
      direction = descent(gradient, steps, changes, options.preconditioner);
    }
    const unscaled = steps.length === 0 && options.preconditioner === undefined;
    const firstLength = unscaled ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const found = lineSearch(objective, point, value, gradient, direction, firstLength);
    if (found === undefined) {
      if (steps.length === 0) break;
      steps.length = 0;
      changes.length = 0;
      continue;
    }
    const step = found.point.map((p, i) => p - point[i]!);
    const change = found.gradient.map((g, i) => g - gradient[i]!);
    if (dot(step, change) > 0) {
      steps.push(step);
      changes.push(change);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    ({ point, gradient, value } = found);
    iterations++;
    options.preconditioner?.refresh(point, iterations);
    options.onIteration?.(iterations, largest(gradient));
  }
  const gradientNorm = largest(gradient);
  return { point, value, iterations, gradientNorm, converged: gradientNorm <= options.tolerance };
}

interface Trial {
  point: Float64Array<ArrayBuffer>;
  gradient: Float64Array<ArrayBuffer>;
  value: number;
}

/** A step that decreases enough and flattens enough, or undefined where rounding allows no progress. */
function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  firstLength: number,
): Trial | undefined {
  const slope = dot(gradient, direction);
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, firstLength];
  const slack = 1e-13 * Math.max(1, Math.abs(value));
  let best: Trial | undefined;
  for (let tries = 0; tries < 60; tries++) {
    const trial = point.map((p, i) => p + length * direction[i]!) as Float64Array<ArrayBuffer>;
    const trialGradient = new Float64Array(point.length);
    const trialValue = objective(trial, trialGradient);
    const newSlope = dot(trialGradient, direction);
    // Near the minimum the decrease drowns in rounding: there the slopes decide (Hager and Zhang 2005, eq. 4.1).
    const decreased =
      trialValue <= value + DECREASE * length * slope ||
      (trialValue <= value + slack && newSlope <= (2 * DECREASE - 1) * slope);
    if (decreased && trialValue <= (best?.value ?? value) + slack) {
      best = { point: trial, gradient: trialGradient, value: trialValue };
    }
    if (!decreased) high = length;
    else if (newSlope < CURVATURE * slope) low = length;
    else break;
    length = Number.isFinite(high) ? (low + high) / 2 : low * 2;
    if (length <= low || length >= high) break;
  }
  return best;
}

/** The two-loop recursion: minus the approximate inverse Hessian times the gradient. */
function descent(
  gradient: Float64Array,
  steps: Float64Array[],
  changes: Float64Array[],
  preconditioner?: Preconditioner,
): Float64Array {
  const direction = gradient.slice();
  const weights: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    weights[k] = dot(steps[k]!, direction) / dot(steps[k]!, changes[k]!);
    add(direction, changes[k]!, -weights[k]!);
  }
  const last = steps.length - 1;
  preconditioner?.apply(direction);
  if (last >= 0) {
    const image = changes[last]!.slice();
    preconditioner?.apply(image);
    const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, image);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let k = 0; k < steps.length; k++) {
    const back = dot(changes[k]!, direction) / dot(steps[k]!, changes[k]!);
    add(direction, steps[k]!, weights[k]! - back);
  }
  for (let i = 0; i < direction.length; i++) direction[i] = -direction[i]!;
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(into: Float64Array, other: Float64Array, times: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += times * other[i]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
