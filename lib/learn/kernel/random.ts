/**
 * The kernels' random stream, for their TypeScript twins: sfc32 (Chris Doty-Humphrey, PractRand 2013), seeded by a
 * 32-bit seed and the stream's number. Same numbers as assembly/rng.ts.
 */
export class KernelRandom {
  #a: number;
  #b: number;
  #c = 0xb7e15162 | 0;
  #d = 1;

  constructor(seed: number, stream: number) {
    this.#a = 0x9e3779b9 ^ seed;
    this.#b = 0x243f6a88 ^ stream;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** Uniform unsigned 32-bit integer. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, n). The product of two 32-bit numbers is cut to 53 bits, then to its high half: both halves apart. */
  below(n: number): number {
    const r = this.next();
    const low = (r & 0xffff) * n;
    return Math.floor(((r >>> 16) * n + Math.floor(low / 65536)) / 65536);
  }
}

/** A seed of up to 53 bits as the 32 that a kernel takes: all of them count. */
export function kernelSeed(seed: number): number {
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return ((seed >>> 0) ^ Math.imul(high, 0x85ebca6b)) >>> 0;
}
