import { Ptr } from '../../kernel/assembly/ptr';
import { CHOSEN, ORDER, PRESENT } from './scratch';

/** How a split treats what is missing. */
@inline export const NONE_MISSING: i32 = 0; //  no row of the node lacks the value
@inline export const MISSING_RIGHT: i32 = 1;
@inline export const MISSING_LEFT: i32 = 2;
@inline export const BY_SET: i32 = 3; //        categorical: the set CHOSEN goes left

// The best split of the node so far: of equal ones the first that was met. Module globals belong to one thread.
export let bestGain: f64;
export let bestFeature: i32;
/** The last bin that goes left. */
export let bestCode: i32;
export let bestKind: i32;
/** Left of it: (weight, weighted sum) of numbers, or 16-bit counts of up to eight classes. */
export let bestLeft: v128 = i64x2.splat(0);

export function clearBest(): void {
  bestGain = -Infinity;
  bestFeature = -1;
}

@inline export function keepBest(gain: f64, feature: i32, code: i32, kind: i32, left: v128): void {
  bestGain = gain;
  bestFeature = feature;
  bestCode = code;
  bestKind = kind;
  bestLeft = left;
}

/** A split by a code, of which what goes left is summed later. */
@inline export function keepCode(gain: f64, feature: i32, code: i32): void {
  bestGain = gain;
  bestFeature = feature;
  bestCode = code;
  bestKind = NONE_MISSING;
}
@inline export function keepLeft(left: v128): void { bestLeft = left; }

/** A split that no other was compared with. */
@inline export function setBest(feature: i32, kind: i32): void {
  bestFeature = feature;
  bestKind = kind;
}

/**
 * Keeps the split behind place `at` of the `count` bins in ORDER: by one code where that is a threshold, else by the
 * set. Where only what is missing goes right, all values go left, those too that no row of the node has.
 */
export function keepOrdered(gain: f64, feature: i32, at: i32, count: i32, bins: i32, kind: i32, left: v128): void {
  const code = kind == MISSING_RIGHT && at == count - 2 ? bins - 1 : <i32>ORDER[at];
  keepBest(gain, feature, code, kind, left);
  if (kind != BY_SET) return;
  const chosen = CHOSEN, present = PRESENT, order = ORDER;
  for (let word = 0; word < 4; word++) chosen[word] = present[word] = 0;
  for (let i = 0; i < count; i++) {
    const bin = <i32>order[i], word = bin >> 6, bit = <u64>1 << (bin & 63);
    present[word] = present[word] | bit;
    if (i <= at) chosen[word] = chosen[word] | bit;
  }
}

@inline export function addChosen(code: i32): void {
  CHOSEN[code >> 6] = CHOSEN[code >> 6] | (<u64>1 << (code & 63));
}
/** 1 where a bin is in the set at `chosen`, which is CHOSEN, read once a loop. */
@inline export function isChosen(chosen: Ptr<u64>, code: i32): i32 { return <i32>((chosen[code >> 6] >> (code & 63)) & 1); }
