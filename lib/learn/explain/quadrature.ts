/** Points in (0, 1) and their weights, which sum to 1. */
export interface Quadrature {
  points: Float64Array;
  weights: Float64Array;
  /** 1 - point, and weight / (1 - point): what walks divide and multiply by most. */
  rests: Float64Array;
  restWeights: Float64Array;
}

const known = new Map<number, Quadrature>();

/**
 * Gauss-Legendre quadrature with n points, moved from [-1, 1] to [0, 1]: exact for polynomials of degree up to 2n - 1.
 * The points are the roots of the Legendre polynomial, by Newton's method from Tricomi's first guess.
 */
export function gaussLegendre(n: number): Quadrature {
  const found = known.get(n);
  if (found !== undefined) return found;
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    // Newton doubles the digits a step: five reach the last one, the sixth gives the slope there.
    for (let step = 0; step < 6; step++) {
      const { value, derivative } = legendre(n, x);
      slope = derivative;
      x -= value / derivative;
    }
    points[n - 1 - i] = (1 + x) / 2;
    weights[n - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  const rests = points.map((point) => 1 - point);
  const made = { points, weights, rests, restWeights: weights.map((weight, i) => weight / rests[i]!) };
  known.set(n, made);
  return made;
}

/** P_n and its derivative at x, by the three-term recurrence. */
function legendre(n: number, x: number): { value: number; derivative: number } {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) {
    [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  }
  return { value, derivative: (n * (x * value - before)) / (x * x - 1) };
}
