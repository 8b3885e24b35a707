/** Plain statistics of repeated measurements. */

/** @throws RangeError where there is nothing to take the middle of */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @throws RangeError where there is nothing to take the mean of */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of the mean: the sample's standard deviation over the root of its size; 0 for one value. */
export function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** How a score stands to a peer's. Higher is better in both. */
export type Standing = 'better' | 'within 1 SE' | 'within 1 SE of the difference' | 'worse';

/**
 * Our scores against a peer's over the same number of seeds. The strict bar is the peer's own standard error; where
 * ours are noisy too, equal models miss it by chance one time in four, hence the milder bar of the difference, which
 * is told apart by name.
 */
export function standing(ours: readonly number[], peers: readonly number[]): Standing {
  const difference = mean(ours) - mean(peers);
  const peerError = standardError(peers);
  if (difference >= 0) return 'better';
  if (difference >= -peerError) return 'within 1 SE';
  return difference >= -Math.hypot(peerError, standardError(ours))
    ? 'within 1 SE of the difference'
    : 'worse';
}

/** y = scale * x^exponent. */
export interface PowerLaw {
  exponent: number;
  /** Standard error of the exponent; 0 for two points. */
  exponentError: number;
  scale: number;
}

/**
 * Least squares of log y on log x: the exponent of growth.
 *
 * @throws RangeError on fewer than two different positive x
 * @example
 * powerLaw([1, 2, 4], [3, 6, 12]); // { exponent: 1, exponentError: 0, scale: 3 }
 */
export function powerLaw(x: readonly number[], y: readonly number[]): PowerLaw {
  if (x.length !== y.length || [...x, ...y].some((value) => !(value > 0))) {
    throw new RangeError('as many positive y as x are needed');
  }
  const [logX, logY] = [x.map(Math.log), y.map(Math.log)];
  const [middleX, middleY] = [mean(logX), mean(logY)];
  const spread = logX.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
  if (!(spread > 0)) throw new RangeError('two different x are needed');
  const together = logX.reduce((sum, value, i) => sum + (value - middleX) * (logY[i]! - middleY), 0);
  const exponent = together / spread;
  const rest = logX.reduce(
    (sum, value, i) => sum + (logY[i]! - middleY - exponent * (value - middleX)) ** 2,
    0,
  );
  const freedom = x.length - 2;
  return {
    exponent,
    exponentError: freedom > 0 ? Math.sqrt(rest / freedom / spread) : 0,
    scale: Math.exp(middleY - exponent * middleX),
  };
}

/**
 * Seconds on n cores by Amdahl's law from the times on one and on two: t(n) = serial + (one - serial) / n, where
 * serial = 2 * two - one (never below 0: what two threads gain beyond twice is caches and noise).
 */
export function onCores(one: number, two: number, cores: number): { serial: number; seconds: number } {
  const serial = Math.min(one, Math.max(0, 2 * two - one));
  return { serial, seconds: serial + (one - serial) / cores };
}
