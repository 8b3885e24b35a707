/**
 * A seeded generator of numbers in [0, 1): xoshiro128** 1.1 by Blackman and Vigna
 * (https://prng.di.unimi.it/xoshiro128starstar.c), its state filled by splitmix32 (the 32-bit finaliser of MurmurHash3).
 * The same seed gives the same numbers on every machine: only 32-bit integer operations are used.
 *
 * @param seed any safe integer
 * @returns a function; each call gives the next number, with 32 random bits
 * @example
 * const random = seededRandom(42);
 * random(); // always the same number
 */
export function seededRandom(seed: number): () => number {
  const next = xoshiro128(seed);
  return () => next() / 0x1_0000_0000;
}

/**
 * The numbers 0 to count - 1 in a random order (Fisher-Yates, Durstenfeld's form), without modulo bias.
 *
 * @example
 * shuffled(3, 42); // Int32Array of 0, 1 and 2 in an order that depends on the seed alone
 */
export function shuffled(count: number, seed: number): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  shuffleInPlace(order, seed);
  return order;
}

/** Shuffles the array itself; see {@link shuffled}. */
export function shuffleInPlace(values: Int32Array, seed: number): void {
  shuffleBy(values, xoshiro128(seed));
}

/** Shuffles an array by 32-bit draws: its length less one of them, from the last place down (some are thrown away). */
export function shuffleBy<T>(
  values: { readonly length: number; [place: number]: T },
  next: () => number,
): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = below(next, i + 1);
    const kept = values[i] as T;
    values[i] = values[j] as T;
    values[j] = kept;
  }
}

/**
 * A uniform integer in [0, bound): draws in the last, incomplete cycle are thrown away.
 *
 * @param next 32-bit unsigned draws
 * @param bound at most 2^32
 */
export function below(next: () => number, bound: number): number {
  const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
  let draw = next();
  while (draw >= limit) draw = next();
  return draw % bound;
}

/** Unsigned 32-bit draws from a seed; both halves of it count, so that seeds past 2^32 differ too. */
function xoshiro128(seed: number): () => number {
  let state = (seed ^ Math.imul(Math.floor(seed / 0x1_0000_0000), 0x9e3779b1)) | 0;
  const split = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  return xoshiro128StarStar(split(), split(), split(), split());
}

/** The generator itself, from its four words of state (not all zero): unsigned 32-bit draws. */
export function xoshiro128StarStar(s0: number, s1: number, s2: number, s3: number): () => number {
  let [a, b, c, d] = [s0, s1, s2, s3];
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result >>> 0;
  };
}
