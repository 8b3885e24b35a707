import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { chunksOf, CHUNK, COUNT_BITS, Job } from "./job";
import { exp2 } from "./exp";

@inline const ROUND: f64 = 6755399441055744.0;

/** Two rows at `i`, and the largest so far: of the gradients' sizes in lane 0, of the hessians in lane 1. */
@inline function keep(gradients: usize, hessians: usize, i: i32, g: v128, h: v128, largest: v128): v128 {
  const g32 = f32x4.demote_f64x2_zero(g), h32 = f32x4.demote_f64x2_zero(h);
  v128.store64_lane(gradients + (<usize>i << 2), g32, 0);
  v128.store64_lane(hessians + (<usize>i << 2), h32, 0);
  // [g0 g1 h0 h1]: as four f32 maxima
  return f32x4.max(largest, f32x4.abs(v128.shuffle<i32>(g32, h32, 0, 1, 4, 5)));
}

/**
 * Gradients and hessians of one piece of rows, for all outputs, and the largest of each: of a squared loss s - y and 1,
 * of a logistic one p - y and p (1 - p), of a softmax one p_k - y_k and K / (K - 1) p_k (1 - p_k).
 * Rows go by twos; the arrays have room for one row more than there are.
 */
export function gradientsOf(job: Job, chunk: i32, scratch: usize): void {
  const from = chunk * CHUNK, to = min(from + CHUNK, job.rows), outputs = job.outputs;
  const stride = <usize>(job.rows + 1 & ~1);
  const out = job.chunkMax + (<usize>(chunk * outputs) << 4);
  if (job.loss == 2) { softmax(job, from, to, stride, out, scratch); return; }
  const classes = ptr<i32>(job.target), one = f64x2.splat(1);
  let largest = f32x4.splat(0);
  for (let i = from; i < to; i += 2) {
    const s = v128.load(job.scores + (<usize>i << 3));
    let g: v128, h = one;
    if (job.loss == 0) g = f64x2.sub(s, v128.load(job.target + (<usize>i << 3)));
    else {
      const p = f64x2.div(one, f64x2.add(one, exp2(f64x2.neg(s))));
      g = f64x2.sub(p, f64x2(<f64>classes[i], <f64>classes[i + 1]));
      h = f64x2.mul(p, f64x2.sub(one, p));
    }
    if (i + 1 == to) { g = f64x2.replace_lane(g, 1, 0); h = f64x2.replace_lane(h, 1, 0); }
    largest = keep(job.gradients, job.hessians, i, g, h, largest);
  }
  storeLargest(out, largest);
}

@inline function storeLargest(out: usize, m: v128): void {
  store<f64>(out, <f64>max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)));
  store<f64>(out, <f64>max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)), 8);
}

function softmax(job: Job, from: i32, to: i32, stride: usize, out: usize, scratch: usize): void {
  const outputs = job.outputs, classes = ptr<i32>(job.target), one = f64x2.splat(1);
  const factor = f64x2.splat(<f64>outputs / <f64>(outputs - 1));
  const probabilities = scratch, maxima = scratch + (<usize>outputs << 4);
  memory.fill(maxima, 0, <usize>outputs << 4);
  for (let i = from; i < to; i += 2) {
    let score = job.scores + (<usize>i << 3);
    let top = v128.load(score), total = f64x2.splat(0);
    for (let k = 1; k < outputs; k++) { score += stride << 3; top = f64x2.pmax(top, v128.load(score)); }
    score = job.scores + (<usize>i << 3);
    for (let k = 0; k < outputs; k++) {
      const e = exp2(f64x2.sub(v128.load(score), top));
      v128.store(probabilities + (<usize>k << 4), e);
      total = f64x2.add(total, e);
      score += stride << 3;
    }
    const class0 = classes[i], class1 = classes[i + 1];
    for (let k = 0; k < outputs; k++) {
      const p = f64x2.div(v128.load(probabilities + (<usize>k << 4)), total);
      let g = f64x2.sub(p, f64x2(<f64>i32(class0 == k), <f64>i32(class1 == k)));
      let h = f64x2.mul(factor, f64x2.mul(p, f64x2.sub(one, p)));
      if (i + 1 == to) { g = f64x2.replace_lane(g, 1, 0); h = f64x2.replace_lane(h, 1, 0); }
      const at = <usize>k * stride << 2, m = maxima + (<usize>k << 4);
      v128.store(m, keep(job.gradients + at, job.hessians + at, i, g, h, v128.load(m)));
    }
  }
  for (let k = 0; k < outputs; k++) storeLargest(out + (<usize>k << 4), v128.load(maxima + (<usize>k << 4)));
}

/** The power of two by which numbers up to `largest`, `total` of them, still sum to less than 2^bits. */
function gridScale(largest: f64, total: f64, bits: i32): f64 {
  const bound = largest * total;
  if (bound < 1e-290) return 0;
  const exponent = <i32>(reinterpret<i64>(bound) >> 52) - 1022; // bound < 2^exponent
  return reinterpret<f64>(<i64>(bits - exponent + 1023) << 52);
}

/** Bits that sums of gradients, and of hessians, may take on the grid. */
@inline const NARROW_BITS: i32 = 38;
@inline const WIDE_BITS: i32 = 50;
@inline const HESSIAN_BITS: i32 = 38;

/** The grid of output k in this round. Returns the gradients' scale; the hessians' is the inverse of its unit. */
export function chooseGrid(job: Job, k: i32): void {
  let g: f64 = 0, h: f64 = 0;
  for (let c = 0, n = chunksOf(job.rows); c < n; c++) {
    const at = job.chunkMax + (<usize>(c * job.outputs + k) << 4);
    g = max(g, load<f64>(at)); h = max(h, load<f64>(at, 8));
  }
  const gScale = gridScale(g, job.weightTotal, job.narrow ? NARROW_BITS : WIDE_BITS);
  const hScale = job.loss == 0 ? 1 : gridScale(h, job.weightTotal, HESSIAN_BITS);
  job.gradientUnit = gScale > 0 ? 1 / gScale / job.weightScale : 0;
  job.hessianUnit = hScale > 0 ? 1 / hScale / job.weightScale : 0;
}

/** What each row of a piece adds to its cells: on the grid, times its weight, packed. */
export function packRows(job: Job, chunk: i32, k: i32): void {
  const from = chunk * CHUNK, to = min(from + CHUNK, job.rows), at = <usize>k * <usize>(job.rows + 1 & ~1) << 2;
  const gradients = ptr<f32>(job.gradients + at), hessians = ptr<f32>(job.hessians + at);
  const gScale = job.gradientUnit > 0 ? 1 / (job.gradientUnit * job.weightScale) : 0;
  const hScale = job.hessianUnit > 0 ? 1 / (job.hessianUnit * job.weightScale) : 0;
  const zero = reinterpret<i64>(ROUND);
  if (job.narrow) {
    for (let i = from; i < to; i++) {
      const g = reinterpret<i64>(<f64>gradients[i] * gScale + ROUND) - zero;
      store<i64>(job.packed + (<usize>i << 3), (g << COUNT_BITS) + 1);
    }
    return;
  }
  const weights = ptr<i32>(job.weights), weighted = job.weights != 0;
  for (let i = from; i < to; i++) {
    let g = reinterpret<i64>(<f64>gradients[i] * gScale + ROUND) - zero;
    let h = reinterpret<i64>(<f64>hessians[i] * hScale + ROUND) - zero;
    if (weighted) { const w = <i64>weights[i]; g *= w; h *= w; }
    v128.store(job.packed + (<usize>i << 4), i64x2(g, (h << COUNT_BITS) + 1));
  }
}
