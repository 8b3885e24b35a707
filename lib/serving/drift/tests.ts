import { chiSquareTail, lnChoose } from './gamma.ts';

/** What a test found: how unlike the two samples are, and how often two of one source would be so. */
export interface TestResult {
  statistic: number;
  pValue: number;
}

/** Cells with fewer rows than this expected are put together: the chi-square distribution does not hold for them. */
export const LEAST_EXPECTED = 5;

/**
 * Chi-square test of homogeneity of two lists of counts over the same cells, without Yates' correction: scipy's
 * `chi2_contingency([a, b], correction=False)`. Both samples count as samples. A test of fit, as Evidently's, takes the
 * reference for the truth and alarms too often where the reference is no larger than the sample; for a large one the two agree.
 *
 * @returns undefined where fewer than two cells hold anything, so that nothing can differ
 */
export function chiSquare(a: readonly number[], b: readonly number[]): TestResult | undefined {
  const [n, m] = [sum(a), sum(b)];
  let statistic = 0;
  let cells = 0;
  for (const [i, one] of a.entries()) {
    const other = b[i] as number;
    if (one + other === 0) continue;
    cells++;
    const expected = ((one + other) * n) / (n + m);
    const expectedOther = one + other - expected;
    statistic += (one - expected) ** 2 / expected + (other - expectedOther) ** 2 / expectedOther;
  }
  if (cells < 2 || n === 0 || m === 0) return undefined;
  return { statistic, pValue: chiSquareTail(statistic, cells - 1) };
}

/** The counts with their thin cells put together, so that `chiSquare` may be asked; the order of cells is lost. */
export function joinThinCells(a: readonly number[], b: readonly number[]): [number[], number[]] {
  const [n, m] = [sum(a), sum(b)];
  const smaller = Math.min(n, m) / (n + m);
  const cells = a
    .map((one, i): [number, number] => [one, b[i] as number])
    .filter(([one, other]) => one + other > 0)
    .sort((x, y) => x[0] + x[1] - y[0] - y[1]);
  const joined: [number, number][] = [];
  let [one, other] = [0, 0];
  for (const cell of cells) {
    one += cell[0];
    other += cell[1];
    if ((one + other) * smaller < LEAST_EXPECTED) continue;
    joined.push([one, other]);
    [one, other] = [0, 0];
  }
  const last = joined.at(-1);
  // What is left over is the largest cells alone too thin: there is then one cell at most.
  if (one + other > 0 && last !== undefined) {
    last[0] += one;
    last[1] += other;
  }
  return [joined.map(([x]) => x), joined.map(([, y]) => y)];
}

/**
 * Fisher's exact test of a 2×2 table, two-sided: the chance of all tables with these margins that are no likelier than this one,
 * as scipy's `fisher_exact`. For shares that may be nothing at all on one side, where chi-square does not hold.
 *
 * @param a rows of the first sample that have the property, of `n`
 * @param b of the second, of `m`
 */
export function fisherExact(a: number, n: number, b: number, m: number): number {
  const having = a + b;
  const whole = lnChoose(n + m, having);
  const chance = (x: number) => Math.exp(lnChoose(n, x) + lnChoose(m, having - x) - whole);
  // Equal chances differ in their last digits.
  const limit = chance(a) * (1 + 1e-7);
  let total = 0;
  for (let x = Math.max(0, having - m); x <= Math.min(n, having); x++) {
    const p = chance(x);
    if (p <= limit) total += p;
  }
  return Math.min(1, total);
}

/**
 * Holm's adjustment: each p-value times the number of hypotheses not yet refused, never falling. At most a share α of
 * reports without any drift then has a value below α in it, whatever columns depend on each other (S. Holm, 1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((x, y) => (pValues[x] as number) - (pValues[y] as number));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let highest = 0;
  order.forEach((at, rank) => {
    highest = Math.max(highest, Math.min(1, (pValues[at] as number) * (pValues.length - rank)));
    adjusted[at] = highest;
  });
  return adjusted;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
