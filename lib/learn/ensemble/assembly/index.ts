// Scores of a batch of rows: what ../score.ts does, bit for bit. ../ensemble.ts describes nodes, slots and leaves.
import { Ptr, ptr } from "../../kernel/assembly/ptr";

@unmanaged class Job {
  nodes: usize; roots: Ptr<u32>; trees: i32;
  /** Eight words a set; one set at least, so that a set may be read where none is asked for. */
  sets: usize;
  slotBits: u32;
  /** Slots below this are numbers; 2p. */
  numericSlots: u32;
  /** Row-major slots of the rows, and the bytes of one row. */
  slots: usize; rowBytes: usize; rows: i32;
  outputs: i32;
  /** Row-major rows x outputs; holds what the leaves are added to. */
  out: Ptr<f64>;
  /** One number a node and the output of each tree. */
  values: Ptr<f32>; treeOutputs: Ptr<u16>;
  /** Or one class or row of the table a node, and the first row of each tree. */
  leafRows: Ptr<i32>; table: Ptr<f32>; tableStarts: Ptr<u32>;
}

/** What a kernel's rows have: one number a feature (nothing is missing), two, or two and a code. Always a constant. */
@inline const COMPLETE = 0;
@inline const NUMBERS = 1;
@inline const ANY = 2;

/** One step from node `j` of the tree at `nodes`. A leaf steps onto itself. */
@inline function step(job: Job, nodes: usize, j: u32, row: usize, bits: u32, mask: u32, kind: i32): u32 {
  const at = nodes + (<usize>j << 3);
  const second = load<u32>(at, 4);
  if (kind == ANY) return (second >> bits) + goesRight(job, load<u32>(at), second & mask, row);
  // Where nothing is missing the two slots of a feature are one number, 4 bytes a pair instead of 8.
  const offset = kind == COMPLETE ? <usize>(second & mask & ~1) << 1 : <usize>(second & mask) << 2;
  return (second >> bits) + <u32>(load<f32>(row + offset) > load<f32>(at));
}

/**
 * Both questions are answered, that for a number and that for a category, and one answer is taken: a branch here would
 * be guessed wrong every other time.
 */
@inline function goesRight(job: Job, first: u32, slot: u32, row: usize): u32 {
  const value = load<u32>(row + (<usize>slot << 2));
  const categorical = slot >= job.numericSlots;
  const set = job.sets + (<usize>select<u32>(first, 0, categorical) << 5);
  const inSet = (load<u32>(set + (<usize>((value >> 5) & 7) << 2)) >> (value & 31)) & 1;
  const above = <u32>(reinterpret<f32>(value) > reinterpret<f32>(first));
  return select<u32>(inSet ^ 1, above, categorical);
}

@inline function addLeaf(job: Job, tree: i32, leaf: u32, out: Ptr<f64>): void {
  const node = <i32>(job.roots[tree] + leaf);
  if (job.values.address) {
    const at = <i32>job.treeOutputs[tree];
    out[at] = out[at] + <f64>job.values[node];
    return;
  }
  const row = job.leafRows[node];
  if (row < 0) {
    const at = -1 - row;
    out[at] = out[at] + 1;
    return;
  }
  const shares = job.table.at((<i32>job.tableStarts[tree] + row) * job.outputs);
  for (let k = 0; k < job.outputs; k++) out[k] = out[k] + <f64>shares[k];
}

/** Eight rows go down a tree together: their loads do not wait for one another. */
@inline function walkRows(job: Job, kind: i32): void {
  const bits = job.slotBits, mask = (<u32>1 << bits) - 1, bytes = job.rowBytes, rows = job.rows, outputs = job.outputs;
  for (let tree = 0; tree < job.trees; tree++) {
    const nodes = job.nodes + (<usize>job.roots[tree] << 3);
    let row = job.slots, out = job.out, i = 0;
    for (; i + 8 <= rows; i += 8) {
      const row1 = row + bytes, row2 = row1 + bytes, row3 = row2 + bytes, row4 = row3 + bytes;
      const row5 = row4 + bytes, row6 = row5 + bytes, row7 = row6 + bytes;
      let a: u32 = 0, b: u32 = 0, c: u32 = 0, d: u32 = 0, e: u32 = 0, f: u32 = 0, g: u32 = 0, h: u32 = 0, moved: u32;
      do {
        const a1 = step(job, nodes, a, row, bits, mask, kind), b1 = step(job, nodes, b, row1, bits, mask, kind);
        const c1 = step(job, nodes, c, row2, bits, mask, kind), d1 = step(job, nodes, d, row3, bits, mask, kind);
        const e1 = step(job, nodes, e, row4, bits, mask, kind), f1 = step(job, nodes, f, row5, bits, mask, kind);
        const g1 = step(job, nodes, g, row6, bits, mask, kind), h1 = step(job, nodes, h, row7, bits, mask, kind);
        moved = (a ^ a1) | (b ^ b1) | (c ^ c1) | (d ^ d1) | (e ^ e1) | (f ^ f1) | (g ^ g1) | (h ^ h1);
        a = a1; b = b1; c = c1; d = d1; e = e1; f = f1; g = g1; h = h1;
      } while (moved);
      addLeaf(job, tree, a, out); addLeaf(job, tree, b, out.at(outputs));
      addLeaf(job, tree, c, out.at(2 * outputs)); addLeaf(job, tree, d, out.at(3 * outputs));
      addLeaf(job, tree, e, out.at(4 * outputs)); addLeaf(job, tree, f, out.at(5 * outputs));
      addLeaf(job, tree, g, out.at(6 * outputs)); addLeaf(job, tree, h, out.at(7 * outputs));
      row = row7 + bytes; out = out.at(8 * outputs);
    }
    for (; i < rows; i++, row += bytes, out = out.at(outputs)) {
      let a: u32 = 0, b = step(job, nodes, 0, row, bits, mask, kind);
      while (a != b) { a = b; b = step(job, nodes, a, row, bits, mask, kind); }
      addLeaf(job, tree, a, out);
    }
  }
}

/** Each adds every tree's leaves to the scores of every row. */
export function scoreComplete(job: Job): void { walkRows(job, COMPLETE); }
export function scoreNumbers(job: Job): void { walkRows(job, NUMBERS); }
export function scoreAny(job: Job): void { walkRows(job, ANY); }
