/**
 * Exponents of doubles read from their bits: `Math.log2` and `**` may be off by a rounding, and differently in another
 * engine, and grids of exact sums are laid by them.
 */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** 2^n for n from -1022 to 1023. */
export function powerOfTwo(n: number): number {
  words[0] = 0;
  words[1] = (n + 1023) << 20;
  return double[0]!;
}

/** The exponent E with 0.5 * 2^E <= x < 2^E, of a normal positive number. */
export function exponentOf(x: number): number {
  double[0] = x;
  return (words[1]! >>> 20) - 1022;
}

/** The least whole E with x <= 2^E, of a normal positive number; -1022 or less for what is smaller. */
export function exponentAbove(x: number): number {
  const exponent = exponentOf(x);
  // Only of a power of two are all bits below the exponent 0.
  return words[0] === 0 && (words[1]! & 0xfffff) === 0 ? exponent - 1 : exponent;
}
