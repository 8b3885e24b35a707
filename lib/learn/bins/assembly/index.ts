// Columns of numbers to bytes: what ../plain.ts does, bit for bit, on any number of threads.
import { Ptr, ptr } from "../../kernel/assembly/ptr";

@unmanaged class Job {
  next: i32; columns: i32; rows: i32; sample: i32; maxBins: i32;
  values: Ptr<f32>; weights: Ptr<f64>; edges: Ptr<f32>;
  /** Three words a column: number of edges, 1 where values are missing, 1 where a code may stand for several values. */
  facts: Ptr<u32>;
  /** Address of each column's codes. */
  codes: Ptr<usize>;
  scratch: usize; scratchBytes: usize;
}

@inline const EDGE_SLOTS: i32 = 256;
@inline const INFINITY: f32 = f32.MAX_VALUE * 2;
/** Digits of 11 bits: three of them make 32. */
@inline const DIGITS: i32 = 2048;

/** Claims a column at a time until none is left. */
export function bin(job: Job, slot: i32): void {
  for (;;) {
    const column = atomic.add<i32>(changetype<usize>(job), 1);
    if (column >= job.columns) return;
    const scratch = job.scratch + <usize>slot * job.scratchBytes;
    const values = job.values.at(column * job.rows);
    const edges = job.edges.at(column * EDGE_SLOTS);
    const missing = anyMissing(values, job.rows);
    const distinct = distinctValues(job, values, scratch);
    const bins = job.maxBins - <i32>missing;
    const count = findEdges(ptr<f32>(distinctAt(job, scratch)), ptr<f64>(weightsAt(job, scratch)), distinct, bins, edges);
    job.facts[3 * column] = count;
    job.facts[3 * column + 1] = <u32>missing;
    job.facts[3 * column + 2] = u32(distinct > bins || job.rows > job.sample);
    encode(values, job.rows, edges, count, missing, ptr<u8>(job.codes[column]));
  }
}

function anyMissing(values: Ptr<f32>, rows: i32): bool {
  for (let i = 0; i < rows; i++) { const v = values[i]; if (v != v) return true; }
  return false;
}

// Scratch of a thread: counts of digits | keys, rows | keys, rows (to and fro) | distinct values | their weights.
@inline function keysAt(job: Job, scratch: usize, side: i32): usize { return scratch + 3 * DIGITS * 4 + <usize>side * 8 * <usize>job.sample; }
@inline function distinctAt(job: Job, scratch: usize): usize { return keysAt(job, scratch, 2); }
@inline function weightsAt(job: Job, scratch: usize): usize { return (distinctAt(job, scratch) + 4 * <usize>job.sample + 15) & ~15; }

/** Sorts the sample and puts together what is equal; returns how many distinct values there are. */
function distinctValues(job: Job, values: Ptr<f32>, scratch: usize): i32 {
  const counts = ptr<u32>(scratch), rows = job.rows, sample = job.sample, weighted = job.weights.address != 0;
  const out = ptr<f32>(distinctAt(job, scratch)), sums = ptr<f64>(weightsAt(job, scratch));
  memory.fill(scratch, 0, 3 * DIGITS * 4);
  let keys = ptr<u32>(keysAt(job, scratch, 0)), places = keys.at(sample);
  let keys2 = ptr<u32>(keysAt(job, scratch, 1)), places2 = keys2.at(sample);
  let found = 0;
  for (let i = 0; i < sample; i++) {
    const row = rows == sample ? i : <i32>(<i64>i * <i64>rows / <i64>sample), v = values[row] + 0;
    if (v != v) continue;
    // Bits of a float32 in an order that unsigned comparison keeps: negatives turned round, positives behind them.
    let u = reinterpret<u32>(v); u ^= <u32>(<i32>u >> 31) | 0x80000000;
    keys[found] = u; places[found] = row; found++;
    for (let d = 0; d < 3; d++) { const c = d * DIGITS + ((u >> (11 * d)) & (DIGITS - 1)); counts[c] = counts[c] + 1; }
  }
  for (let d = 0; d < 3; d++) {
    let start: u32 = 0;
    for (let c = d * DIGITS; c < (d + 1) * DIGITS; c++) { const here = counts[c]; counts[c] = start; start += here; }
    for (let i = 0; i < found; i++) {
      const u = keys[i], c = d * DIGITS + ((u >> (11 * d)) & (DIGITS - 1)), to = counts[c];
      counts[c] = to + 1; keys2[to] = u; if (weighted) places2[to] = places[i];
    }
    const k = keys; keys = keys2; keys2 = k;
    const p = places; places = places2; places2 = p;
  }
  let distinct = 0, last: u32 = 0;
  for (let i = 0; i < found; i++) {
    const u = keys[i], w = weighted ? job.weights[places[i]] : 1;
    if (distinct && u == last) { sums[distinct - 1] = sums[distinct - 1] + w; continue; }
    last = u; out[distinct] = reinterpret<f32>(u ^ (((u >> 31) - 1) | 0x80000000)); sums[distinct] = w; distinct++;
  }
  return distinct;
}

/** As findEdges of ../edges.ts; the rest of the column's slots become +Infinity. */
function findEdges(values: Ptr<f32>, weights: Ptr<f64>, distinct: i32, maxBins: i32, out: Ptr<f32>): i32 {
  for (let i = 0; i < EDGE_SLOTS; i++) out[i] = INFINITY;
  let rest: f64 = 0, inside: f64 = 0, count = 0, bins = min(distinct, maxBins);
  for (let i = 0; i < distinct; i++) rest += weights[i];
  for (let i = 0; i + 1 < distinct && bins > 1; i++) {
    inside += weights[i];
    const share = rest / <f64>bins;
    if (distinct > maxBins && inside < share && weights[i + 1] < share) continue;
    const a = values[i], b = values[i + 1], middle = <f32>((<f64>a + <f64>b) / 2);
    out[count++] = middle < b ? middle : a;
    rest -= inside; inside = 0; bins--;
  }
  return count;
}

@inline function next(edges: Ptr<f32>, v: f32, code: i32, step: i32): i32 { return code + (<i32>(v > edges[code + step - 1]) * step); }

/** Codes by a binary search without branches, four rows together so that their loads overlap. */
function encode(values: Ptr<f32>, rows: i32, edges: Ptr<f32>, count: i32, missing: bool, codes: Ptr<u8>): void {
  if (count <= 1) {
    const edge = edges[0];
    for (let i = 0; i < rows; i++) codes[i] = <u8>(values[i] > edge);
  } else {
    const top = 1 << (31 - clz(count));
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const v0 = values[i], v1 = values[i + 1], v2 = values[i + 2], v3 = values[i + 3];
      let a = 0, b = 0, c = 0, d = 0;
      for (let step = top; step; step >>= 1) { a = next(edges, v0, a, step); b = next(edges, v1, b, step); c = next(edges, v2, c, step); d = next(edges, v3, d, step); }
      codes[i] = <u8>a; codes[i + 1] = <u8>b; codes[i + 2] = <u8>c; codes[i + 3] = <u8>d;
    }
    for (; i < rows; i++) { let a = 0; const v = values[i]; for (let step = top; step; step >>= 1) a = next(edges, v, a, step); codes[i] = <u8>a; }
  }
  if (!missing) return;
  for (let i = 0; i < rows; i++) { const v = values[i]; if (v != v) codes[i] = <u8>(count + 1); }
}
