import { alloc } from "../../kernel/assembly/heap";
import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { Block, CHUNK, chunksOf, Feature, Job, record } from "./job";

/** Most bundles that a feature is tried in. */
@inline const MOST_TRIED: i32 = 64;
@inline const MOST_LANES: i32 = 8;
@inline const MOST_CELLS: i32 = 256;

/**
 * Columns that are never off their usual code in the same row (one-hot ones) share one lane of the histogram, as
 * LightGBM's exclusive feature bundling does, but only where no row at all contradicts: so it changes no sum, and the
 * trees are those without it. The usual code's cell is what the leaf has beside the others.
 */
@unmanaged
class Lane {
  cells: i32; // of the bundle, that of "all as usual" (the first) among them
  members: i32;
  first: i32; // feature; -1: joined to another
  bits: usize; // rows where a member is off its usual code
}

/** How often each code comes in a feature: 256 u32. */
export function countCodes(job: Job, f: i32, counts: usize): void {
  const mine = ptr<u32>(counts + (<usize>f << 10)), codes = job.codes + <usize>f * <usize>job.rows;
  memory.fill(mine.address, 0, 1024);
  for (let i = 0; i < job.rows; i++) { const c = load<u8>(codes + i); mine[c] = mine[c] + 1; }
}

/** Bit i: row i is off the code. Sixteen rows at once. */
function offBits(job: Job, f: i32, code: i32, bits: usize): void {
  const codes = job.codes + <usize>f * <usize>job.rows, usual = i8x16.splat(<i8>code), rows = job.rows;
  let i = 0;
  for (; i + 16 <= rows; i += 16) store<u16>(bits + (<usize>i >> 3), <u16>i8x16.bitmask(i8x16.ne(v128.load(codes + i), usual)));
  let last: u32 = 0;
  for (let j = i; j < rows; j++) last |= <u32>(load<u8>(codes + j) != <u8>code) << (j - i);
  store<u16>(bits + (<usize>i >> 3), <u16>last);
}

function disjoint(a: usize, b: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i += 16) if (v128.any_true(v128.and(v128.load(a + i), v128.load(b + i)))) return false;
  return true;
}

/** Which lane each feature goes to, and where its cells are in it: Feature.block is the lane until blocks are cut. */
export function bundle(job: Job, counts: usize): void {
  const rows = job.rows, features = job.features, bytes = (<usize>rows >> 7) + 1 << 4;
  const lanes = alloc(<usize>features * offsetof<Lane>()), mine = alloc(bytes);
  let laneCount = 0;
  for (let f = 0; f < features; f++) {
    const feature = record<Feature>(job.table, f), count = ptr<u32>(counts + (<usize>f << 10));
    let usual = 0;
    for (let c = 1; c < feature.codes; c++) if (count[c] > count[usual]) usual = c;
    let lane = -1;
    const sparse = <u64>count[usual] * 2 >= <u64>rows && feature.codes > 1;
    if (sparse) {
      memory.fill(mine, 0, bytes);
      offBits(job, f, usual, mine);
      for (let l = 0, tried = 0; l < laneCount && tried < MOST_TRIED; l++) {
        const other = record<Lane>(lanes, l);
        if (other.bits == 0) continue;
        tried++;
        if (other.cells + feature.codes - 1 > MOST_CELLS || !disjoint(other.bits, mine, bytes)) continue;
        lane = l;
        break;
      }
    }
    feature.defaultCode = sparse ? usual : -1;
    if (lane < 0) {
      lane = laneCount++;
      const made = record<Lane>(lanes, lane);
      made.cells = sparse ? 1 : 0; made.members = 0; made.first = f; made.bits = 0;
      if (sparse) { made.bits = alloc(bytes); memory.fill(made.bits, 0, bytes); }
    }
    const home = record<Lane>(lanes, lane);
    feature.block = lane;
    feature.cell = home.cells;
    home.cells += sparse ? feature.codes - 1 : feature.codes;
    home.members++;
    if (sparse) {
      for (let i: usize = 0; i < bytes; i += 16) v128.store(home.bits + i, v128.or(v128.load(home.bits + i), v128.load(mine + i)));
    }
  }
  cutBlocks(job, lanes, laneCount);
}

/** Lanes to blocks of at most eight, as even as can be, in a number that suits the threads. */
function cutBlocks(job: Job, lanes: usize, laneCount: i32): void {
  let blocks = (laneCount + MOST_LANES - 1) / MOST_LANES;
  if (job.threads > 1) blocks = min((blocks + job.threads - 1) / job.threads * job.threads, laneCount);
  job.blockCount = blocks;
  job.blocks = alloc(<usize>blocks * offsetof<Block>());
  const laneCell = ptr<i32>(alloc(<usize>laneCount << 2)), list = ptr<i32>(job.featureList);
  let cell = 0, listed = 0;
  for (let b = 0; b < blocks; b++) {
    const block = record<Block>(job.blocks, b), from = b * laneCount / blocks, to = (b + 1) * laneCount / blocks;
    block.lanes = to - from; block.firstLane = from; block.cell = cell; block.active = 1;
    for (let l = from; l < to; l++) { laneCell[l] = cell; cell += record<Lane>(lanes, l).cells; }
    block.cells = cell - block.cell;
    block.records = alloc(<usize>job.rows * <usize>block.lanes << 1);
    block.firstFeature = listed;
    for (let f = 0; f < job.features; f++) {
      const lane = record<Feature>(job.table, f).block;
      if (lane >= from && lane < to) list[listed++] = f;
    }
    block.features = listed - block.firstFeature;
  }
  job.cells = cell;
  job.firstCells = record<Lane>(lanes, 0).cells;
  // Features know their lane as long as the records are made: see writeRecords.
  for (let f = 0; f < job.features; f++) {
    const feature = record<Feature>(job.table, f);
    feature.cell += laneCell[feature.block];
  }
}

/** A piece (some rows of one block) of the records: each lane's cell, as a byte offset in the block's histogram. */
export function writeRecords(job: Job, piece: i32): void {
  const chunks = chunksOf(job.rows), block = record<Block>(job.blocks, piece / chunks);
  const from = piece % chunks * CHUNK, to = min(from + CHUNK, job.rows), shift = job.narrow ? 3 : 4;
  const list = ptr<i32>(job.featureList), width = <usize>block.lanes << 1;
  for (let l = 0; l < block.lanes; l++) {
    let first = true;
    for (let i = 0; i < block.features; i++) {
      const f = list[block.firstFeature + i], feature = record<Feature>(job.table, f);
      if (feature.block != block.firstLane + l) continue;
      const codes = job.codes + <usize>f * <usize>job.rows, cell = feature.cell - block.cell, usual = feature.defaultCode;
      let to16 = block.records + <usize>from * width + (<usize>l << 1);
      // The first of a bundle: its cells begin behind the one of "all as usual".
      if (usual < 0) for (let row = from; row < to; row++, to16 += width) store<u16>(to16, <u16>((cell + <i32>load<u8>(codes + row)) << shift));
      else for (let row = from; row < to; row++, to16 += width) {
        const c = <i32>load<u8>(codes + row);
        if (c != usual) store<u16>(to16, <u16>((cell + c - i32(c > usual)) << shift));
        else if (first) store<u16>(to16, <u16>((cell - 1) << shift));
      }
      first = false;
    }
  }
}
