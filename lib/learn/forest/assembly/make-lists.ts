// What a subtree of at most 256 rows is grown on. A row is its place among them, a byte. For each feature there is a list
// of two-byte entries, sorted: the row's code above, its place below. Of a coarse feature, where a bin holds several
// values, the code is anew the value's rank among the subtree's: small nodes tell all values apart, as exact trees do.
import { Job } from './job';
import { middleValue } from './partition';
import { Ptr, ptr } from '../../kernel/assembly/ptr';
import { CODES, COUNTS, LIST_ROWS, LISTS, LOCAL, LOCAL_BINS, MEANINGS, PAIRS, ROWS, VALUES } from './scratch';

// In LOCAL: pairs (weight, weighted target), 16 bytes a row; targets; sides; room for what goes right.
@inline const TARGETS: usize = <usize>LIST_ROWS * 16;
@inline export const SIDES: usize = TARGETS + <usize>LIST_ROWS * 8;
@inline export const RIGHT: usize = SIDES + <usize>LIST_ROWS;

/** `pairs` is LOCAL, which loops read once: a global is read from memory each time. */
@inline export function pairOf(pairs: usize, place: u32): v128 { return v128.load(pairs + (<usize>place << 4)); }
@inline export function pairAt(place: u32): v128 { return pairOf(LOCAL, place); }
@inline export function targetAt(place: u32): f64 { return load<f64>(LOCAL + TARGETS + (<usize>place << 3)); }
@inline export function codeAt(feature: i32, place: u32): u32 { return <u32>load<u8>(CODES + (<usize>feature << 8) + <usize>place); }
@inline export function listOf(feature: i32): usize { return LISTS + <usize>feature * <usize>LIST_ROWS * 2; }
@inline function meaningsOf(feature: i32): Ptr<f32> { return MEANINGS.at(feature << 8); }

/** @param first where the subtree's rows begin among the tree's */
export function makeLists(job: Job, first: i32, rows: i32): void {
  const features = <usize>job.features, entries = ROWS + (<usize>first << 2), pairs = LOCAL, codes = CODES, valuesAt = VALUES;
  for (let i = 0; i < rows; i++) {
    const row = <i32>load<u32>(entries + (<usize>i << 2)), own = job.rowMajor + <usize>row * <usize>job.stride;
    v128.store(pairs + (<usize>i << 4), v128.load(PAIRS + (<usize>row << 4)));
    store<f64>(pairs + TARGETS + (<usize>i << 3), job.targets[row]);
    for (let f: usize = 0; f < features; f++) store<u8>(codes + (f << 8) + <usize>i, load<u8>(own + f));
    if (!job.rowValues) continue;
    const values = job.rowValues + (<usize>row * <usize>job.stride << 2);
    for (let f: usize = 0; f < features; f++) store<f32>(valuesAt + (((f << 8) + <usize>i) << 2), load<f32>(values + (f << 2)));
  }
  for (let f = 0; f < job.features; f++) {
    if (rows < 12) insertRows(f, rows);
    else countRows(job, f, rows);
    LOCAL_BINS[f] = <i32>job.valueBins[f];
    if (job.coarse[f]) rankValues(f, rows);
  }
}

/** The threshold of a split behind a code; `next` is the least code that goes right. */
export function thresholdBetween(job: Job, feature: i32, code: i32, next: i32): f32 {
  if (!job.coarse[feature]) return middleValue(job, feature, code, next);
  if (next >= LOCAL_BINS[feature]) return f32.MAX_VALUE;
  const a = meaningsOf(feature)[code], b = meaningsOf(feature)[next], middle = <f32>((<f64>a + <f64>b) / 2);
  return middle < b ? middle : a;
}

function insertRows(f: i32, rows: i32): void {
  const list = ptr<u16>(listOf(f)), codes = ptr<u8>(CODES + (<usize>f << 8));
  for (let i = 0; i < rows; i++) {
    const entry = <u16>((<u32>codes[i] << 8) | i);
    let to = i;
    for (; to > 0 && list[to - 1] > entry; to--) list[to] = list[to - 1];
    list[to] = entry;
  }
}

function countRows(job: Job, f: i32, rows: i32): void {
  const list = ptr<u16>(listOf(f)), last = <i32>job.valueBins[f], codes = ptr<u8>(CODES + (<usize>f << 8)), counts = COUNTS;
  memory.fill(counts.address, 0, 257 * 4);
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codes[i];
    counts[bin] = counts[bin] + 1;
  }
  let place = 0;
  for (let bin = 0; bin <= last; bin++) {
    const count = counts[bin];
    counts[bin] = place;
    place += count;
  }
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codes[i], at = counts[bin];
    list[at] = <u16>((bin << 8) | i);
    counts[bin] = at + 1;
  }
  memory.fill(counts.address, 0, 257 * 4);
}

/** Sorts the rows of each bin by value, and makes the values' ranks the codes. What is missing ranks behind all. */
function rankValues(f: i32, rows: i32): void {
  const list = ptr<u16>(listOf(f)), values = ptr<f32>(VALUES + (<usize>f << 10)), meanings = meaningsOf(f), codes = CODES + (<usize>f << 8);
  // What is missing comes last already, and NaN is not greater than anything.
  let present = rows, before = values[<u32>list[0] & 255];
  for (let i = 1; i < rows; i++) {
    const entry = list[i], value = values[<u32>entry & 255];
    if (before > value) {
      let to = i;
      for (; to > 0 && values[<u32>list[to - 1] & 255] > value; to--) list[to] = list[to - 1];
      list[to] = entry;
    } else before = value;
  }
  for (; present > 0; present--) {
    const value = values[<u32>list[present - 1] & 255];
    if (value == value) break;
  }
  let rank = -1;
  before = NaN;
  for (let i = 0; i < present; i++) {
    const place = <u32>list[i] & 255, value = values[place];
    rank += i32(value != before);
    before = value;
    // Of the two zeros the positive one.
    meanings[rank] = value + 0;
    list[i] = <u16>((<u32>rank << 8) | place);
    store<u8>(codes + <usize>place, <u8>rank);
  }
  rank++;
  LOCAL_BINS[f] = rank;
  for (let i = present; i < rows; i++) {
    const place = <u32>list[i] & 255;
    list[i] = <u16>((<u32>rank << 8) | place);
    store<u8>(codes + <usize>place, <u8>rank);
  }
}
