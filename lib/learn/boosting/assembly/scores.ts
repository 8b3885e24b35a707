import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { bitOf, CHUNK, Job, Leaf, Node, record } from "./job";

/** Adds a leaf's value to the scores of the rows that trained it. */
export function addLeaf(job: Job, leaf: Leaf, nodes: usize, k: i32): void {
  const value = record<Node>(nodes, leaf.node).value, order = ptr<i32>(job.order + (<usize>leaf.start << 2));
  const scores = ptr<f64>(job.scores + (<usize>k * <usize>(job.rows + 1 & ~1) << 3));
  for (let i = 0; i < leaf.rows; i++) { const row = order[i]; scores[row] = scores[row] + value; }
}

@inline function leafValue<T>(nodes: usize, codes: usize, rows: i32, row: i32): f64 {
  let node = record<Node>(nodes, 0);
  while (node.feature >= 0) {
    const code = <i32>load<T>(codes + <usize>(<u64>node.feature * <u64>rows + <u64>row) * sizeof<T>());
    const right = 1 - bitOf(changetype<usize>(node) + offsetof<Node>("set0"), code);
    node = record<Node>(nodes, node.left + right);
  }
  return node.value;
}

/** The same for rows that the round left out, of which a piece: they walk the tree. */
export function addWalked(job: Job, nodes: usize, k: i32, chunk: i32): void {
  const scores = ptr<f64>(job.scores + (<usize>k * <usize>(job.rows + 1 & ~1) << 3)), order = ptr<i32>(job.order);
  const from = job.sampled + chunk * CHUNK, to = min(from + CHUNK, job.rows);
  for (let i = from; i < to; i++) { const row = order[i]; scores[row] = scores[row] + leafValue<u8>(nodes, job.codes, job.rows, row); }
}

/** The same for the rows held out. */
export function addHeldOut(job: Job, nodes: usize, k: i32, chunk: i32): void {
  const scores = ptr<f64>(job.validScores + (<usize>k * <usize>job.validRows << 3));
  const from = chunk * CHUNK, to = min(from + CHUNK, job.validRows);
  for (let row = from; row < to; row++) scores[row] = scores[row] + leafValue<u16>(nodes, job.validCodes, job.validRows, row);
}
