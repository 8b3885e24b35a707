import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { COUNT_MASK, Feature, setBit, Split } from "./job";
import { cellGradient, cellHessian, gUnit, heavy, hUnit, l2, leafGradient, leafHessian, leafRows, minLeaf, worth } from "./split";

/** Up to so many codes are ordered and weighed without smoothing. */
@inline const FEW: i32 = 4;
/** Hessian added to each category's when they are ordered, and to both sides' when a split is weighed (LightGBM's). */
@inline const SMOOTH: f64 = 10;

/**
 * The leaf's categories (missing is one of them) ordered by gradient / (hessian + smooth), then scanned as if they were
 * numbers: for a convex loss the best of all subsets is a prefix of that order (Fisher 1958).
 * `scratch`: 256 keys, then 256 codes.
 */
@inline export function scanCategories(at: usize, f: i32, feature: Feature, best: Split, scratch: usize, narrow: bool): void {
  const keys = ptr<f64>(scratch), codes = ptr<i32>(scratch + 2048);
  const smooth: f64 = feature.codes > FEW ? SMOOTH : 0, penalty = l2 + smooth;
  let present = 0, present0: u64 = 0, present1: u64 = 0, present2: u64 = 0, present3: u64 = 0;
  for (let c = 0; c < feature.codes; c++) {
    const h = cellHessian(at, c, narrow);
    if ((h & COUNT_MASK) == 0) continue;
    const bit = <u64>1 << (c & 63);
    if (c < 64) present0 |= bit; else if (c < 128) present1 |= bit; else if (c < 192) present2 |= bit; else present3 |= bit;
    const H = <f64>(h >> 24) * hUnit + smooth;
    const key = H > 0 ? <f64>cellGradient(at, c, narrow) * gUnit / H : 0;
    // Insertion keeps equals in the order of their codes.
    let i = present++;
    for (; i > 0 && keys[i - 1] > key; i--) { keys[i] = keys[i - 1]; codes[i] = codes[i - 1]; }
    keys[i] = key; codes[i] = c;
  }
  let g: i64 = 0, h: i64 = 0, taken = 0;
  for (let i = 0; i < present - 1; i++) {
    g += cellGradient(at, codes[i], narrow); h += cellHessian(at, codes[i], narrow);
    const rows = <i32>(h & COUNT_MASK);
    if (rows < minLeaf) continue;
    if (leafRows - rows < minLeaf) break;
    const otherH = leafHessian - h;
    if (!heavy(h) || !heavy(otherH)) continue;
    const gain = worth(g, h, penalty) + worth(leafGradient - g, otherH, penalty);
    if (gain > best.gain) { best.gain = gain; best.leftGradient = g; best.leftHessian = h; taken = i + 1; }
  }
  if (taken == 0) return;
  best.feature = f; best.code = 0; best.categorical = 1; best.missing = 1;
  best.present0 = present0; best.present1 = present1; best.present2 = present2; best.present3 = present3;
  const set = changetype<usize>(best) + offsetof<Split>("set0");
  memory.fill(set, 0, 32);
  for (let i = 0; i < taken; i++) setBit(set, codes[i]);
}
