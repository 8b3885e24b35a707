import { below, shuffleBy, xoshiro128StarStar } from '../table/random.ts';

/** A stream of pseudo-random numbers that depends on its seed alone, on any machine. */
export interface RandomStream {
  /** Uniform 32-bit unsigned integer. */
  next(): number;
  /** Uniform integer in [0, bound), without modulo bias. `bound` at most 2^32. */
  below(bound: number): number;
  /** The array itself in a random order (Fisher and Yates), every order as likely. */
  shuffle<A extends { readonly length: number; [place: number]: unknown }>(values: A): A;
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
  const next = xoshiro128StarStar(fill(), fill(), fill(), fill() | 1);
  return {
    next,
    below: (bound) => below(next, bound),
    shuffle: (values) => {
      shuffleBy(values, next);
      return values;
    },
  };
}

/** `count` different ones of the numbers 0 to total - 1, in random order (the front of a Fisher-Yates shuffle). */
export function drawDistinct(random: RandomStream, total: number, count: number): Int32Array {
  const order = Int32Array.from({ length: total }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const other = i + random.below(total - i);
    const kept = order[i]!;
    order[i] = order[other]!;
    order[other] = kept;
  }
  return order.slice(0, count);
}

/** All 53 bits of the seed count: the high part is folded into the low one. */
function foldSeed(seed: number): number {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return (low ^ Math.imul(high, 0x85ebca6b)) >>> 0;
}
