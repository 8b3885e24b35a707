/** A stream of pseudo-random numbers that depends on its seed alone, on any machine. */
export interface RandomStream {
  /** Uniform 32-bit unsigned integer. */
  next(): number;
  /** Uniform integer in [0, bound), without modulo bias. `bound` at most 2^32. */
  below(bound: number): number;
}

/**
 * xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32 from the seed and the stream's number. Stream
 * i of a seed is independent of how many streams there are, so tree i is the same tree in a forest of 10 or 100.
 */
export function randomStream(seed: number, stream = 0): RandomStream {
  let mix = (foldSeed(seed) ^ Math.imul(stream + 1, 0x9e3779b1)) >>> 0;
  const fill = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [fill(), fill(), fill(), fill() | 1];
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  const below = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  };
  return { next, below };
}

/** All 53 bits of the seed count: the high part is folded into the low one. */
function foldSeed(seed: number): number {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return (low ^ Math.imul(high, 0x85ebca6b)) >>> 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
