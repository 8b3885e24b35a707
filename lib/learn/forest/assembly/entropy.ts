// x log2 x of whole numbers by +, *, / alone, so that ../entropy.ts gives the same bits.
import { LOGS } from './scratch';

@inline const TABLE: i32 = 4096;

export function fillLogs(): void {
  for (let x = 0; x < TABLE; x++) LOGS[x] = compute(x);
}

/** x log2 x, 0 at 0. */
@inline export function xlogx(x: i32): f64 { return x < TABLE ? LOGS[x] : compute(x); }

function compute(x: i32): f64 {
  if (x < 2) return 0;
  let exponent = 31 - clz(x);
  let m = <f64>x / <f64>(<i64>1 << exponent);
  if (m > 1.4) {
    m *= 0.5;
    exponent++;
  }
  // log2 m = 2 / ln 2 * atanh t, |t| < 0.1765: eleven terms reach the last bit.
  const t = (m - 1) / (m + 1), q = t * t;
  let sum: f64 = 0;
  for (let k = 21; k > 0; k -= 2) sum = sum * q + 1 / <f64>k;
  return <f64>x * (<f64>exponent + 2.8853900817779268 * t * sum);
}
