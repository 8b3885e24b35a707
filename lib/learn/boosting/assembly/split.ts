import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { Block, bitOf, COUNT_BITS, COUNT_MASK, Feature, Job, Leaf, record, setBit, Split } from "./job";
import { histogramAt } from "./histogram";
import { scanCategories } from "./categories";

/** Least sum of hessians of a child: see ../plain/split.ts. */
@inline const MIN_HESSIAN: f64 = 1e-3;
@inline const MIN_CLASS_HESSIAN: f64 = 0.1;
/** A gain below this share of what the leaf has is rounding. */
@inline export const MIN_GAIN: f64 = 1e-10;

// Of the leaf that is being scanned; a thread's own.
export let leafGradient: i64, leafHessian: i64, leafRows: i32;
export let gUnit: f64, hUnit: f64, l2: f64, minLeaf: i32, minHessian: f64;

@inline export function cellGradient(at: usize, c: i32, narrow: bool): i64 {
  return narrow ? load<i64>(at + (<usize>c << 3)) >> COUNT_BITS : load<i64>(at + (<usize>c << 4));
}
/** hessian << 24 | rows */
@inline export function cellHessian(at: usize, c: i32, narrow: bool): i64 {
  if (!narrow) return load<i64>(at + (<usize>c << 4), 8);
  const rows = load<i64>(at + (<usize>c << 3)) & COUNT_MASK;
  return rows << COUNT_BITS | rows;
}

/** G^2 / (H + l2): twice what a leaf of these sums takes off the loss. */
@inline export function worth(g: i64, h: i64, penalty: f64): f64 {
  const G = <f64>g * gUnit;
  return G * G / (<f64>(h >> COUNT_BITS) * hUnit + penalty);
}

@inline export function heavy(h: i64): bool { return <f64>(h >> COUNT_BITS) * hUnit >= minHessian; }

/** A bundled feature's cells with its default code's, which is what the leaf has beside the others. */
function unbundle(from: usize, to: usize, codes: i32, defaultCode: i32, narrow: bool): void {
  let g = leafGradient, h = leafHessian;
  const shift = narrow ? 3 : 4;
  for (let c = 0, next = 0; c < codes; c++) {
    if (c == defaultCode) continue;
    const source = from + (<usize>next << shift), target = to + (<usize>c << shift);
    next++;
    g -= cellGradient(source, 0, narrow); h -= cellHessian(source, 0, narrow);
    if (narrow) store<i64>(target, load<i64>(source)); else v128.store(target, v128.load(source));
  }
  const target = to + (<usize>defaultCode << shift);
  if (narrow) store<i64>(target, (g << COUNT_BITS) + (h & COUNT_MASK));
  else { store<i64>(target, g); store<i64>(target, h, 8); }
}

/**
 * Ascending codes: left is what is at most c, with the missing rows right, then left where the leaf has some. Both sides
 * are judged at once, as two lanes, by the formula of `worth`. What belongs to the thread is read once: a global is
 * read from memory each time.
 */
@inline function scanNumbers(at: usize, f: i32, feature: Feature, best: Split, narrow: bool): void {
  const values = feature.values, allG = leafGradient, allH = leafHessian, allRows = leafRows, least = minLeaf;
  const gUnits = f64x2.splat(gUnit), hUnits = f64x2.splat(hUnit), penalty = f64x2.splat(l2), lightest = f64x2.splat(minHessian);
  let missingG: i64 = 0, missingH: i64 = 0, most = best.gain;
  if (feature.codes > values) { missingG = cellGradient(at, values, narrow); missingH = cellHessian(at, values, narrow); }
  const someMissing = (missingH & COUNT_MASK) != 0;
  for (let pass = 0, passes = someMissing ? 2 : 1; pass < passes; pass++) {
    let g: i64 = 0, h: i64 = 0;
    if (pass) { g = missingG; h = missingH; }
    // All values left and the missing right is a split too.
    const last = someMissing && !pass ? values : values - 1;
    for (let c = 0; c < last; c++) {
      const cell = cellHessian(at, c, narrow);
      if ((cell & COUNT_MASK) == 0) continue; // the same split as the code before
      g += cellGradient(at, c, narrow); h += cell;
      const rows = <i32>(h & COUNT_MASK);
      if (rows < least) continue;
      if (allRows - rows < least) break;
      const H = f64x2.mul(f64x2(<f64>(h >> COUNT_BITS), <f64>(allH - h >> COUNT_BITS)), hUnits);
      if (!i64x2.all_true(f64x2.ge(H, lightest))) continue;
      const G = f64x2.mul(f64x2(<f64>g, <f64>(allG - g)), gUnits);
      const worths = f64x2.div(f64x2.mul(G, G), f64x2.add(H, penalty));
      const gain = f64x2.extract_lane(worths, 0) + f64x2.extract_lane(worths, 1);
      if (gain > most) {
        most = gain;
        best.gain = gain; best.feature = f; best.code = c; best.categorical = 0;
        best.missing = i32(someMissing);
        best.leftGradient = g; best.leftHessian = h;
        best.set0 = pass; // whether the missing go left, until the set is made
      }
    }
  }
}

/** The codes that go left in a numeric split. */
function makeSet(best: Split, feature: Feature): void {
  const set = changetype<usize>(best) + offsetof<Split>("set0"), missingLeft = best.set0 != 0;
  memory.fill(set, 0, 32);
  for (let c = 0; c <= best.code; c++) setBit(set, c);
  if (missingLeft) setBit(set, feature.values);
}

@inline function scanFeatures(job: Job, block: Block, leaf: Leaf, best: Split, scratch: usize, narrow: bool): void {
  const histogram = histogramAt(job, leaf.histogram, block), list = ptr<i32>(job.featureList);
  const shift = narrow ? 3 : 4;
  for (let i = 0; i < block.features; i++) {
    const f = list[block.firstFeature + i];
    if (load<u8>(job.used + f) == 0) continue;
    const feature = record<Feature>(job.table, f);
    if (feature.codes < 2) continue;
    let at = histogram + (<usize>(feature.cell - block.cell) << shift);
    if (feature.defaultCode >= 0) {
      unbundle(at, scratch, feature.codes, feature.defaultCode, narrow);
      at = scratch;
    }
    const before = best.gain;
    if (feature.categorical) scanCategories(at, f, feature, best, scratch + 4096, narrow);
    else {
      scanNumbers(at, f, feature, best, narrow);
      if (best.gain > before) makeSet(best, feature);
    }
  }
}

/** Takes over the round's grid: a thread that has scanned nothing yet does not know it. */
export function useGrid(job: Job): void {
  gUnit = job.gradientUnit; hUnit = job.hessianUnit; l2 = job.l2; minLeaf = job.minLeaf;
}

/**
 * The best split of a leaf among a block's features, into `best`: the first of equals, by feature, by direction of the
 * missing (right first), by code. `gain` stays with the leaf's own worth in it, to compare.
 */
export function scan(job: Job, block: Block, leaf: Leaf, best: Split, scratch: usize): void {
  leafGradient = leaf.gradient; leafHessian = leaf.hessian; leafRows = <i32>(leaf.hessian & COUNT_MASK);
  useGrid(job);
  minHessian = MIN_HESSIAN;
  if (job.loss != 0) {
    minHessian = max(MIN_CLASS_HESSIAN, <f64>minLeaf * (<f64>(leafHessian >> COUNT_BITS) * hUnit) * (job.weightScale / leaf.weight));
  }
  best.feature = -1;
  best.gain = worth(leafGradient, leafHessian, l2) * (1 + MIN_GAIN);
  if (job.narrow) scanFeatures(job, block, leaf, best, scratch, true);
  else scanFeatures(job, block, leaf, best, scratch, false);
}
