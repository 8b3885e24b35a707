/**
 * x log2 x of a whole number, 0 at 0 and 1, by +, *, / alone: `Math.log2` may differ from engine to engine, and from
 * the kernel (assembly/entropy.ts), which does the same steps.
 */
export function xlogx(x: number): number {
  if (x < 2) return 0;
  let exponent = 31 - Math.clz32(x);
  let m = x / 2 ** exponent;
  if (m > 1.4) {
    m *= 0.5;
    exponent++;
  }
  // log2 m = 2 / ln 2 * atanh t with t = (m - 1) / (m + 1), |t| < 0.177: eleven terms reach the last bit.
  const t = (m - 1) / (m + 1);
  const q = t * t;
  let sum = 0;
  for (let k = 21; k > 0; k -= 2) sum = sum * q + 1 / k;
  return x * (exponent + 2.8853900817779268 * t * sum);
}
