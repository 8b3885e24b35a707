import { exponentOf, powerOfTwo } from '../exponent.ts';

/**
 * Exponential and logarithm by fixed additions and multiplications, so that no engine's own (which may differ in the
 * last bit) decides a gradient. `exp` has the same bits as assembly/exp.ts.
 */
const COEFFICIENTS = [
  2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6, 2.48015873015873e-5,
  1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3, 4.1666666666666664e-2,
  1.6666666666666666e-1, 0.5, 1, 1,
] as const;
/** 1.5 * 2^52: adding and taking it away again leaves the nearest integer (the even one of two). */
export const ROUND = 6755399441055744;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** e^x, off by at most about one bit; x beyond -700 or 700 is taken for that. */
export function exp(x: number): number {
  const cut = Math.min(Math.max(x, -700), 700);
  const n = cut * Math.LOG2E + ROUND - ROUND;
  const r = cut - n * LN2_HIGH - n * LN2_LOW;
  let sum: number = COEFFICIENTS[0];
  for (let i = 1; i < COEFFICIENTS.length; i++) sum = sum * r + COEFFICIENTS[i]!;
  return sum * powerOfTwo(n);
}

/** The natural logarithm of a normal positive number, by Halley's steps on `exp`: each trebles the right digits. */
export function log(x: number): number {
  const exponent = exponentOf(x) - 1;
  const mantissa = x / powerOfTwo(exponent);
  // Between ln 1 and ln 2, off by at most 0.06: two steps reach the last bits, a third costs little.
  let y = exponent * Math.LN2 + (mantissa - 1) * Math.LN2 + 0.03;
  for (let step = 0; step < 3; step++) {
    const e = exp(y);
    y += (2 * (x - e)) / (x + e);
  }
  return y;
}
