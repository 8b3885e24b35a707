/**
 * e^x for two numbers, by the same additions and multiplications as `exp` in ../math.ts, so with the same bits: no
 * engine's own exp takes part. x = n ln 2 + r with |r| <= ln 2 / 2, Taylor's polynomial of degree 12 for e^r (error
 * below 2e-16), and n added to the exponent. x is cut to -700..700, where all of it stays normal.
 */
@inline const ROUND: f64 = 6755399441055744.0; // 1.5 * 2^52: adding it leaves the nearest integer in the low bits

@inline function step(sum: v128, r: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(coefficient));
}

@inline export function exp2(x0: v128): v128 {
  const x = f64x2.pmin(f64x2.pmax(x0, f64x2.splat(-700)), f64x2.splat(700));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(ROUND));
  const n = f64x2.sub(shifted, f64x2.splat(ROUND));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, f64x2.splat(0.6931471803691238))), f64x2.mul(n, f64x2.splat(1.9082149292705877e-10)));
  let sum = f64x2.splat(2.08767569878681e-9);
  sum = step(sum, r, 2.505210838544172e-8);
  sum = step(sum, r, 2.755731922398589e-7);
  sum = step(sum, r, 2.7557319223985893e-6);
  sum = step(sum, r, 2.48015873015873e-5);
  sum = step(sum, r, 1.984126984126984e-4);
  sum = step(sum, r, 1.388888888888889e-3);
  sum = step(sum, r, 8.333333333333333e-3);
  sum = step(sum, r, 4.1666666666666664e-2);
  sum = step(sum, r, 1.6666666666666666e-1);
  sum = step(sum, r, 0.5);
  sum = step(sum, r, 1);
  sum = step(sum, r, 1);
  return i64x2.add(sum, i64x2.shl(shifted, 52));
}
