import { alloc } from '../../kernel/assembly/heap';
import { Ptr, ptr } from '../../kernel/assembly/ptr';
import { bestFeature, bestKind, BY_SET, MISSING_LEFT, NONE_MISSING } from './best';
import { copy32 } from './copy';
import { Job, RECORD_BYTES, TreeRecord } from './job';
import { ASKS, CHOSEN, COVER, LEAVES, NODES, PRESENT } from './scratch';

/** Nodes of the tree so far. */
export let nodeCount: i32;
let tableRows: i32, tableRoom: i32, table: Ptr<f32> = ptr<f32>(0);
let setCount: i32, setRoom: i32, sets: Ptr<u32> = ptr<u32>(0);
let full: i32;

/** A thread keeps the room for tables from tree to tree; at each entry it begins anew. */
export function startTables(): void {
  tableRoom = 0;
  setRoom = 0;
}

export function startTree(): void {
  nodeCount = 1;
  tableRows = 0;
  setCount = 0;
  full = 0;
}

/** Two nodes side by side; -1 where the layout can number no more, which makes the parent a leaf. */
export function takeChildren(job: Job): i32 {
  if (nodeCount + 2 > job.maxNodes) {
    full = 1;
    return -1;
  }
  const left = nodeCount;
  nodeCount += 2;
  return left;
}

function writeNode(node: i32, first: u32, second: u32, cover: f64): void {
  NODES[2 * node] = first;
  NODES[2 * node + 1] = second;
  COVER[node] = <f32>cover;
}

/**
 * The best split as an inner node; of one by a set the bins that the node's rows have are marked.
 *
 * @param threshold the greatest value that goes left
 * @param heavierLeft where what no row of the node tells goes
 */
export function writeSplit(job: Job, node: i32, left: i32, threshold: f32, cover: f64, heavierLeft: bool): void {
  const f = bestFeature, bins = <i32>job.valueBins[f];
  LEAVES[node] = 0;
  if (bestKind == BY_SET) {
    if (heavierLeft) chooseAbsent(bins);
    const at = writeSet();
    writeNode(node, setCount - 1, (<u32>left << job.slotBits) | (2 * job.features + f), cover);
    if (job.outOfBag) ask(node, f, at);
    return;
  }
  const missingLeft = bestKind == NONE_MISSING ? heavierLeft : bestKind == MISSING_LEFT;
  writeNode(node, reinterpret<u32>(threshold), (<u32>left << job.slotBits) | (2 * f + <i32>!missingLeft), cover);
  if (job.outOfBag) ask(node, f, <u32>missingLeft);
}

/** What no row of the node has, and what is unknown (the bin after the last), goes left too. */
function chooseAbsent(bins: i32): void {
  for (let word = 0; word <= bins >> 6; word++) {
    const known = word < bins >> 6 ? ~<u64>0 : ~<u64>0 >> (63 - (bins & 63));
    CHOSEN[word] = CHOSEN[word] | (~PRESENT[word] & known);
  }
}

@inline function ask(node: i32, feature: i32, what: i32): void {
  ASKS[2 * node] = feature;
  ASKS[2 * node + 1] = what;
}

function writeSet(): i32 {
  if (setCount == setRoom) {
    const room = max(256, 2 * setRoom), moved = ptr<u32>(alloc(<usize>room << 5));
    if (setCount) memory.copy(moved.address, sets.address, <usize>setCount << 5);
    sets = moved;
    setRoom = room;
  }
  copy32(sets.at(setCount << 3).address, CHOSEN.address);
  return setCount++;
}

function writeLeaf(job: Job, node: i32, leaf: i32, cover: f64): void {
  writeNode(node, 0x7f800000, <u32>node << job.slotBits, cover);
  LEAVES[node] = leaf;
}

export function writePureLeaf(job: Job, node: i32, which: i32, cover: f64): void { writeLeaf(job, node, -1 - which, cover); }

/** A leaf with the shares of classes as a row of the table. */
export function writeShares(job: Job, node: i32, counts: Ptr<i32>, weight: f64): void {
  const classes = job.classes;
  if (tableRows == tableRoom) {
    const room = max(256, 2 * tableRoom), moved = ptr<f32>(alloc(<usize>room * <usize>classes << 2));
    if (tableRows) memory.copy(moved.address, table.address, <usize>tableRows * <usize>classes << 2);
    table = moved;
    tableRoom = room;
  }
  const row = table.at(tableRows * classes);
  for (let c = 0; c < classes; c++) row[c] = <f32>(<f64>counts[c] / weight);
  writeLeaf(job, node, tableRows++, weight);
}

/** A leaf with the mean of targets. */
export function writeMean(job: Job, node: i32, sum: f64, weight: f64): void {
  writeLeaf(job, node, reinterpret<i32>(<f32>(job.grid[0] + (sum / weight) * job.grid[1])), weight);
}

/** The share of class c in a row of the table. */
@inline export function shareOf(row: i32, classes: i32, c: i32): f32 { return table[row * classes + c]; }
@inline export function setAt(set: i32): Ptr<u32> { return sets.at(set << 3); }

/** Copies the tree from the scratch to the heap and says where it is. */
export function finishTree(job: Job, tree: i32, slot: i32): void {
  const n = <usize>nodeCount, tableBytes = <usize>tableRows * <usize>job.classes << 2, setBytes = <usize>setCount << 5;
  const record = changetype<TreeRecord>(job.records + <usize>(tree - job.first) * RECORD_BYTES);
  const at = alloc(16 * n + tableBytes + setBytes);
  record.nodes = at;
  record.cover = at + 8 * n;
  record.leaves = at + 12 * n;
  record.table = at + 16 * n;
  record.sets = at + 16 * n + tableBytes;
  memory.copy(record.nodes, NODES.address, 8 * n);
  memory.copy(record.cover, COVER.address, 4 * n);
  memory.copy(record.leaves, LEAVES.address, 4 * n);
  if (tableBytes) memory.copy(record.table, table.address, tableBytes);
  if (setBytes) memory.copy(record.sets, sets.address, setBytes);
  record.nodeCount = nodeCount;
  record.tableRows = tableRows;
  record.setCount = setCount;
  record.full = full;
  record.owner = slot + 1;
}
