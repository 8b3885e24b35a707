/**
 * sfc32 (Chris Doty-Humphrey, PractRand 2013), a stream for each (seed, number), as `KernelRandom` of ../random.ts is.
 * Module globals belong to one thread, so each thread has its own stream.
 */
let a: u32, b: u32, c: u32, d: u32;

@inline export function nextRandom(): u32 {
  const t = a + b + d;
  d++;
  a = b ^ (b >> 9);
  b = c + (c << 3);
  c = rotl<u32>(c, 21) + t;
  return t;
}

/** Uniform in [0, n), by the high half of a product: the bias is below n / 2^32. */
@inline export function below(n: u32): u32 { return <u32>((<u64>nextRandom() * <u64>n) >> 32); }

export function seedRandom(seed: u32, stream: u32): void {
  a = 0x9e3779b9 ^ seed; b = 0x243f6a88 ^ stream; c = 0xb7e15162; d = 1;
  for (let i = 0; i < 15; i++) nextRandom();
}
