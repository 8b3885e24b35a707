const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);
const double = new Float64Array(1);
const longWord = new BigUint64Array(double.buffer);

/** The largest float32 below `value`. */
export function below32(value: number): number {
  const near = Math.fround(value);
  return near < value ? near : step32(near, false);
}

/** The smallest float32 above `value`. */
export function above32(value: number): number {
  const near = Math.fround(value);
  return near > value ? near : step32(near, true);
}

/** The neighbour of a float32; infinities have none beyond them. */
function step32(value: number, up: boolean): number {
  if (value === (up ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)) return value;
  float[0] = value;
  if (value === 0) word[0] = up ? 1 : 0x80000001;
  else word[0] = value > 0 === up ? word[0]! + 1 : word[0]! - 1;
  return float[0]!;
}

/**
 * The smallest double that is above `threshold` when read as a float32: `fround(x) <= threshold` and `x < firstAbove`
 * say the same of every double x. It lies half way to the next float32, or just behind, where that half way is
 * rounded to the threshold (ties go to the even neighbour).
 */
export function firstAbove(threshold: number): number {
  const next = above32(threshold);
  // Half way from the largest float32 to where the next would be: from there on doubles become infinite.
  if (next === Number.POSITIVE_INFINITY) return 2 ** 128 - 2 ** 103;
  const half = (threshold + next) / 2;
  if (Math.fround(half) > threshold) return half;
  double[0] = half;
  longWord[0] = half >= 0 ? longWord[0]! + 1n : longWord[0]! - 1n;
  return double[0]!;
}

/**
 * The float32 t for which `fround(x) <= t` stands in best for `x < value` with a double `value`. No t is right for
 * every double x, as all that round to the same float32 must go the same way. This one is right for every x outside
 * the float32 of `value`, and within it for the x that data hold: the shortest decimal that is read as that float32
 * (1.2, where 1.1 and 1.3 have their middle at 1.2000000000000002), or, where data were float32 from the start and so
 * `value` is one or lies half way between two, those.
 *
 * @example
 * lessThan32(0.7); // 0.6999999284744263: 0.7 itself, read as 0.699999988, goes right, as it is not below 0.7
 */
export function lessThan32(value: number): number {
  const near = Math.fround(value);
  if (near === value) return below32(value);
  const lower = below32(value);
  if ((lower + above32(value)) / 2 === value) return lower;
  return shortest32(near) < value ? near : below32(near);
}

/** The decimal of fewest digits that is read as this float32. Nine digits tell every float32 apart. */
function shortest32(near: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(near.toPrecision(digits));
    if (Math.fround(candidate) === near) return candidate;
  }
  return Number(near.toPrecision(9));
}
