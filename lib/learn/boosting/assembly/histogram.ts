import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { Block, Job, record } from "./job";

/**
 * A cell is the exact sum of what its rows add, so no order matters and a sibling is had by subtraction. Narrow: one
 * 64-bit integer, gradient << 24 | rows. Wide: two, the gradient, and hessian << 24 | rows.
 */
@inline function addNarrow(histogram: usize, lane: usize, cells: i64): void {
  const at = histogram + <usize>load<u16>(lane);
  store<i64>(at, load<i64>(at) + cells);
}

@inline function addWide(histogram: usize, lane: usize, cells: v128): void {
  const at = histogram + <usize>load<u16>(lane);
  v128.store(at, i64x2.add(v128.load(at), cells));
}

@inline function fillNarrow(lanes: i32, histogram: usize, records: usize, packed: usize, order: usize, count: i32): void {
  for (let end = order + (<usize>count << 2); order < end; order += 4) {
    const row = <usize>load<i32>(order), at = records + row * (<usize>lanes << 1);
    const cells = load<i64>(packed + (row << 3));
    addNarrow(histogram, at, cells);
    if (lanes > 1) addNarrow(histogram, at + 2, cells);
    if (lanes > 2) addNarrow(histogram, at + 4, cells);
    if (lanes > 3) addNarrow(histogram, at + 6, cells);
    if (lanes > 4) addNarrow(histogram, at + 8, cells);
    if (lanes > 5) addNarrow(histogram, at + 10, cells);
    if (lanes > 6) addNarrow(histogram, at + 12, cells);
    if (lanes > 7) addNarrow(histogram, at + 14, cells);
  }
}

@inline function fillWide(lanes: i32, histogram: usize, records: usize, packed: usize, order: usize, count: i32): void {
  for (let end = order + (<usize>count << 2); order < end; order += 4) {
    const row = <usize>load<i32>(order), at = records + row * (<usize>lanes << 1);
    const cells = v128.load(packed + (row << 4));
    addWide(histogram, at, cells);
    if (lanes > 1) addWide(histogram, at + 2, cells);
    if (lanes > 2) addWide(histogram, at + 4, cells);
    if (lanes > 3) addWide(histogram, at + 6, cells);
    if (lanes > 4) addWide(histogram, at + 8, cells);
    if (lanes > 5) addWide(histogram, at + 10, cells);
    if (lanes > 6) addWide(histogram, at + 12, cells);
    if (lanes > 7) addWide(histogram, at + 14, cells);
  }
}

@inline export function histogramAt(job: Job, slot: i32, block: Block): usize {
  const shift = job.narrow ? 3 : 4;
  return job.pool + ((<usize>slot * <usize>job.cells + <usize>block.cell) << shift);
}

/** Fills a block's part of a histogram with `count` rows from `job.order[start]`. */
export function fill(job: Job, block: Block, slot: i32, start: i32, count: i32): void {
  const histogram = histogramAt(job, slot, block), order = job.order + (<usize>start << 2);
  memory.fill(histogram, 0, <usize>block.cells << (job.narrow ? 3 : 4));
  const records = block.records, packed = job.packed;
  if (job.narrow) {
    switch (block.lanes) {
      case 1: fillNarrow(1, histogram, records, packed, order, count); break;
      case 2: fillNarrow(2, histogram, records, packed, order, count); break;
      case 3: fillNarrow(3, histogram, records, packed, order, count); break;
      case 4: fillNarrow(4, histogram, records, packed, order, count); break;
      case 5: fillNarrow(5, histogram, records, packed, order, count); break;
      case 6: fillNarrow(6, histogram, records, packed, order, count); break;
      case 7: fillNarrow(7, histogram, records, packed, order, count); break;
      default: fillNarrow(8, histogram, records, packed, order, count);
    }
    return;
  }
  switch (block.lanes) {
    case 1: fillWide(1, histogram, records, packed, order, count); break;
    case 2: fillWide(2, histogram, records, packed, order, count); break;
    case 3: fillWide(3, histogram, records, packed, order, count); break;
    case 4: fillWide(4, histogram, records, packed, order, count); break;
    case 5: fillWide(5, histogram, records, packed, order, count); break;
    case 6: fillWide(6, histogram, records, packed, order, count); break;
    case 7: fillWide(7, histogram, records, packed, order, count); break;
    default: fillWide(8, histogram, records, packed, order, count);
  }
}

/** Slot `whole` becomes what is left of it without slot `part`. */
export function subtract(job: Job, block: Block, whole: i32, part: i32): void {
  let to = histogramAt(job, whole, block), from = histogramAt(job, part, block);
  const bytes = <usize>block.cells << (job.narrow ? 3 : 4), even = bytes & ~15;
  for (let end = to + even; to < end; to += 16, from += 16) {
    v128.store(to, i64x2.sub(v128.load(to), v128.load(from)));
  }
  if (even < bytes) store<i64>(to, load<i64>(to) - load<i64>(from));
}
