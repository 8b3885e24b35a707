// Scores of a batch of rows: what ../score.ts does, bit for bit. ../kernel-layout.ts makes the nodes and the rows.
import { Ptr } from "../../kernel/assembly/ptr";
import { LANES, nodeOf, step } from "./step";

@unmanaged class Job {
  nodes: usize; roots: Ptr<u32>;
  /** Trees to add: those before `treesEnd`, from `tree` on. */
  tree: i32; treesEnd: i32;
  /** Blocks of eight rows, the bytes of one, and how many there are. */
  blocks: usize; blockBytes: usize; blockCount: i32;
  outputs: i32;
  /** Row-major rows x outputs; holds what the leaves are added to. */
  out: Ptr<f64>;
  /** One number a node and the output of each tree. */
  values: Ptr<f32>; treeOutputs: Ptr<u16>;
  /** Or one class or row of the table a node, and the first row of each tree. */
  leafRows: Ptr<i32>; table: Ptr<f32>; tableStarts: Ptr<u32>;
}

/** Adds the leaf, a place in the file's nodes, of a tree to one row's scores. */
@inline function addLeaf(job: Job, tree: i32, node: u32, out: Ptr<f64>): void {
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

@inline function rootOf(job: Job, tree: i32, wide: bool): usize { return job.nodes + <usize>job.roots[tree] * (wide ? 12 : 8); }

/** A block's eight rows go down a tree together: their loads do not wait for one another. */
@inline function walkRows(job: Job, categorical: bool, wide: bool): void {
  const outputs = job.outputs, nodes = job.nodes;
  for (let tree = job.tree; tree < job.treesEnd; tree++) {
    const root = rootOf(job, tree, wide);
    let block = job.blocks, out = job.out;
    for (let i = job.blockCount; i > 0; i--, block += job.blockBytes) {
      let a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root, places: usize = 8 * root, before: usize;
      // Nodes lie behind their parents, so that a sum of places that has not grown means that no row has moved.
      do {
        before = places;
        a = step(a, block, 0, categorical, wide); b = step(b, block, 1, categorical, wide);
        c = step(c, block, 2, categorical, wide); d = step(d, block, 3, categorical, wide);
        e = step(e, block, 4, categorical, wide); f = step(f, block, 5, categorical, wide);
        g = step(g, block, 6, categorical, wide); h = step(h, block, 7, categorical, wide);
        places = a + b + c + d + e + f + g + h;
      } while (places != before);
      addLeaf(job, tree, nodeOf(a - nodes, wide), out); addLeaf(job, tree, nodeOf(b - nodes, wide), out.at(outputs));
      addLeaf(job, tree, nodeOf(c - nodes, wide), out.at(2 * outputs)); addLeaf(job, tree, nodeOf(d - nodes, wide), out.at(3 * outputs));
      addLeaf(job, tree, nodeOf(e - nodes, wide), out.at(4 * outputs)); addLeaf(job, tree, nodeOf(f - nodes, wide), out.at(5 * outputs));
      addLeaf(job, tree, nodeOf(g - nodes, wide), out.at(6 * outputs)); addLeaf(job, tree, nodeOf(h - nodes, wide), out.at(7 * outputs));
      out = out.at(LANES * outputs);
    }
  }
}

/** One row, the first of the block, goes down eight trees together. */
@inline function walkTrees(job: Job, categorical: bool, wide: bool): void {
  const block = job.blocks, nodes = job.nodes, out = job.out, last = job.treesEnd - 1;
  for (let tree = job.tree; tree <= last; tree += 8) {
    let a = rootOf(job, tree, wide), b = rootOf(job, min(tree + 1, last), wide);
    let c = rootOf(job, min(tree + 2, last), wide), d = rootOf(job, min(tree + 3, last), wide);
    let e = rootOf(job, min(tree + 4, last), wide), f = rootOf(job, min(tree + 5, last), wide);
    let g = rootOf(job, min(tree + 6, last), wide), h = rootOf(job, min(tree + 7, last), wide), places: usize = 0, before: usize;
    do {
      before = places;
      a = step(a, block, 0, categorical, wide); b = step(b, block, 0, categorical, wide);
      c = step(c, block, 0, categorical, wide); d = step(d, block, 0, categorical, wide);
      e = step(e, block, 0, categorical, wide); f = step(f, block, 0, categorical, wide);
      g = step(g, block, 0, categorical, wide); h = step(h, block, 0, categorical, wide);
      places = a + b + c + d + e + f + g + h;
    } while (places != before);
    addLeaf(job, tree, nodeOf(a - nodes, wide), out);
    if (tree + 1 <= last) addLeaf(job, tree + 1, nodeOf(b - nodes, wide), out);
    if (tree + 2 <= last) addLeaf(job, tree + 2, nodeOf(c - nodes, wide), out);
    if (tree + 3 <= last) addLeaf(job, tree + 3, nodeOf(d - nodes, wide), out);
    if (tree + 4 <= last) addLeaf(job, tree + 4, nodeOf(e - nodes, wide), out);
    if (tree + 5 <= last) addLeaf(job, tree + 5, nodeOf(f - nodes, wide), out);
    if (tree + 6 <= last) addLeaf(job, tree + 6, nodeOf(g - nodes, wide), out);
    if (tree + 7 <= last) addLeaf(job, tree + 7, nodeOf(h - nodes, wide), out);
  }
}

/** Each adds the leaves of the asked trees to the scores of every row; of categories or not, of narrow or wide nodes. */
export function rowsNumbers(job: Job): void { walkRows(job, false, false); }
export function rowsNumbersWide(job: Job): void { walkRows(job, false, true); }
export function rowsAny(job: Job): void { walkRows(job, true, false); }
export function rowsAnyWide(job: Job): void { walkRows(job, true, true); }
/** The same for the first row alone. */
export function treesNumbers(job: Job): void { walkTrees(job, false, false); }
export function treesNumbersWide(job: Job): void { walkTrees(job, false, true); }
export function treesAny(job: Job): void { walkTrees(job, true, false); }
export function treesAnyWide(job: Job): void { walkTrees(job, true, true); }
