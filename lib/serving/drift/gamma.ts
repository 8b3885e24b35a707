/** Lanczos' approximation with g = 7 and nine terms, good to 15 digits (P. Godfrey, 2001). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const at = x - 1;
  const t = at + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (at + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** ln of "n over k". */
export const lnChoose = (n: number, k: number): number =>
  k === 0 || k === n ? 0 : lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);

/**
 * The chance that a chi-square variable of `df` degrees of freedom is at least `x`: the regularized upper incomplete gamma
 * function Q(df / 2, x / 2), by its series below a + 1 and by its continued fraction (Lentz) above.
 */
export function chiSquareTail(x: number, df: number): number {
  if (x <= 0) return 1;
  const [a, z] = [df / 2, x / 2];
  const front = Math.exp(a * Math.log(z) - z - lnGamma(a));
  return z < a + 1 ? Math.max(0, 1 - front * lowerSeries(a, z)) : Math.min(1, front * upperFraction(a, z));
}

const EPSILON = 1e-16;
const MOST_STEPS = 10_000;

function lowerSeries(a: number, z: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_STEPS && term > sum * EPSILON; n++) {
    term *= z / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, z: number): number {
  const tiny = 1e-300;
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n < MOST_STEPS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / notZero(an * d + b, tiny);
    c = notZero(b + an / c, tiny);
    const factor = d * c;
    result *= factor;
    if (Math.abs(factor - 1) < EPSILON * 4) break;
  }
  return result;
}

const notZero = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);
