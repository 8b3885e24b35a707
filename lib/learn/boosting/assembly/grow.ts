import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { Block, bitOf, CHUNK, chunksOf, COUNT_BITS, COUNT_MASK, Feature, Job, Leaf, Node, record, setBit, Split } from "./job";
import { cellGradient, cellHessian, useGrid, worth } from "./split";
import { addLeaf } from "./scores";
import { partition } from "./partition";
import { ADD_LEAVES, ADD_WALKED, ADD_HELD_OUT, CUT, FILL, FILL_AND_SCAN, PLACE, run, SCAN, scratchOf } from "./tasks";

/** Fewer rows are partitioned, and fewer rows x blocks filled, by the leader alone: to tell others takes longer. */
@inline const WORTH_CUTTING: i32 = 4 * CHUNK;
@inline const WORTH_SHARING: i32 = 2048;

@inline export function nodesOf(job: Job, k: i32): usize { return job.trees + <usize>(k * (2 * job.maxLeaves - 1)) * offsetof<Node>(); }
@inline function leafAt(job: Job, i: i32): Leaf { return record<Leaf>(job.leaves, i); }

function makeLeafNode(job: Job, nodes: usize, index: i32): void {
  memory.fill(changetype<usize>(record<Node>(nodes, index)), 0, offsetof<Node>());
  record<Node>(nodes, index).feature = -1;
}

/** The leaf's sums are those of the cells of any one lane. */
function sumRoot(job: Job, root: Leaf): void {
  let g: i64 = 0, h: i64 = 0;
  for (let c = 0; c < job.firstCells; c++) {
    if (job.narrow) { g += cellGradient(job.pool, c, true); h += cellHessian(job.pool, c, true); }
    else { g += cellGradient(job.pool, c, false); h += cellHessian(job.pool, c, false); }
  }
  root.gradient = g; root.hessian = h;
}

function weightOf(job: Job, leaf: Leaf): f64 {
  if (job.weights == 0) return <f64>leaf.rows;
  const order = ptr<i32>(job.order + (<usize>leaf.start << 2)), weights = ptr<i32>(job.weights);
  let sum: i64 = 0;
  for (let i = 0; i < leaf.rows; i++) sum += <i64>weights[order[i]];
  return <f64>sum;
}

@inline function splittable(job: Job, leaf: Leaf): bool { return leaf.depth < job.maxDepth && leaf.rows >= 2 * job.minLeaf; }

/** The best of the blocks' best: by gain, then by feature. Its gain becomes what the split adds to the leaf's worth. */
function mergeFound(job: Job, leaf: Leaf, which: i32): void {
  const best = leaf.best;
  best.feature = -1;
  for (let b = 0; b < job.blockCount; b++) {
    const found = record<Split>(job.found, 2 * b + which);
    if (record<Block>(job.blocks, b).active == 0 || found.feature < 0) continue;
    if (best.feature < 0 || found.gain > best.gain || (found.gain == best.gain && found.feature < best.feature)) {
      memory.copy(changetype<usize>(best), changetype<usize>(found), offsetof<Split>());
    }
  }
  if (best.feature >= 0) best.gain -= worth(leaf.gradient, leaf.hessian, job.l2);
}

function mostGain(job: Job, leafCount: i32): i32 {
  let chosen = -1, gain: f64 = 0;
  for (let i = 0; i < leafCount; i++) {
    const best = leafAt(job, i).best;
    if (best.feature >= 0 && best.gain > gain) { chosen = i; gain = best.gain; }
  }
  return chosen;
}

function partitionLeaf(job: Job, node: Node, leaf: Leaf): i32 {
  if (job.threads == 1 || leaf.rows < WORTH_CUTTING) return partition(job, node, leaf.start, leaf.rows, scratchOf(job, 0));
  const chunks = chunksOf(leaf.rows), cuts = ptr<i32>(job.chunkCuts);
  job.a0 = <i32>changetype<usize>(node); job.a1 = leaf.start; job.a2 = leaf.rows;
  run(job, CUT, chunks, true);
  let lefts = 0;
  for (let c = 0; c < chunks; c++) lefts += cuts[c];
  job.a3 = lefts;
  run(job, PLACE, chunks, true);
  return lefts;
}

/**
 * One tree for output k, leaf-wise: always the leaf whose best split gains most (the oldest of equals). Returns its
 * number of nodes.
 */
export function growTree(job: Job, k: i32): i32 {
  const nodes = nodesOf(job, k);
  useGrid(job);
  for (let i = 0; i < job.maxLeaves; i++) { leafAt(job, i).best = record<Split>(job.bests, i); leafAt(job, i).best.feature = -1; }
  memory.copy(job.order, job.sample, <usize>job.rows << 2);
  const root = leafAt(job, 0);
  root.start = 0; root.rows = job.sampled; root.node = 0; root.depth = 0; root.histogram = 0;
  makeLeafNode(job, nodes, 0);
  let nodeCount = 1, leafCount = 1;
  job.a0 = 0;
  run(job, FILL, job.blockCount, root.rows * job.blockCount > WORTH_SHARING);
  sumRoot(job, root);
  root.weight = weightOf(job, root);
  if (job.maxLeaves > 1 && splittable(job, root)) {
    run(job, SCAN, job.blockCount, job.cells > WORTH_SHARING);
    mergeFound(job, root, 0);
  }
  while (leafCount < job.maxLeaves) {
    const chosen = mostGain(job, leafCount);
    if (chosen < 0) break;
    const leaf = leafAt(job, chosen), other = leafAt(job, leafCount), node = record<Node>(nodes, leaf.node);
    writeSplit(node, leaf.best, nodeCount);
    const lefts = partitionLeaf(job, node, leaf);
    other.gradient = leaf.gradient - leaf.best.leftGradient; other.hessian = leaf.hessian - leaf.best.leftHessian;
    leaf.gradient = leaf.best.leftGradient; leaf.hessian = leaf.best.leftHessian;
    other.start = leaf.start + lefts; other.rows = leaf.rows - lefts; leaf.rows = lefts;
    leaf.node = nodeCount++; other.node = nodeCount++;
    const weight = leaf.weight;
    leaf.weight = weightOf(job, leaf); other.weight = weight - leaf.weight;
    makeLeafNode(job, nodes, leaf.node); makeLeafNode(job, nodes, other.node);
    leaf.depth++; other.depth = leaf.depth;
    leaf.best.feature = -1;
    leafCount++;
    if (leafCount == job.maxLeaves) break;
    const leafCan = splittable(job, leaf), otherCan = splittable(job, other);
    if (!leafCan && !otherCan) continue;
    // The smaller one is counted; the larger one takes over the parent's histogram, less that.
    const leafSmall = leaf.rows <= other.rows, small = leafSmall ? leaf : other, large = leafSmall ? other : leaf;
    large.histogram = leaf.histogram; // the parent's
    small.histogram = leafCount - 1;
    job.a0 = <i32>changetype<usize>(small); job.a1 = <i32>changetype<usize>(large);
    job.a2 = i32(leafSmall ? leafCan : otherCan); job.a3 = i32(leafSmall ? otherCan : leafCan);
    run(job, FILL_AND_SCAN, job.blockCount, small.rows * job.blockCount + job.cells > WORTH_SHARING);
    if (job.a2) mergeFound(job, small, 0);
    if (job.a3) mergeFound(job, large, 1);
  }
  finish(job, nodes, nodeCount, leafCount);
  addScores(job, nodes, k, leafCount);
  return nodeCount;
}

function writeSplit(node: Node, best: Split, left: i32): void {
  node.feature = best.feature; node.code = best.code; node.left = left; node.categorical = best.categorical;
  node.gain = best.gain; node.missing = best.missing;
  node.set0 = best.set0; node.set1 = best.set1; node.set2 = best.set2; node.set3 = best.set3;
  node.present0 = best.present0; node.present1 = best.present1; node.present2 = best.present2; node.present3 = best.present3;
}

/** Values, covers, and the way of what no row of a node has (missing, or a category): to the heavier child, left of equals. */
function finish(job: Job, nodes: usize, nodeCount: i32, leafCount: i32): void {
  for (let i = 0; i < leafCount; i++) {
    const leaf = leafAt(job, i), node = record<Node>(nodes, leaf.node);
    const H = <f64>(leaf.hessian >> COUNT_BITS) * job.hessianUnit + job.l2;
    node.value = H > 0 ? <f64><f32>(-job.learningRate * (<f64>leaf.gradient * job.gradientUnit) / H) : 0;
    node.cover = leaf.weight;
  }
  for (let n = nodeCount - 1; n >= 0; n--) {
    const node = record<Node>(nodes, n);
    if (node.feature < 0) continue;
    const left = record<Node>(nodes, node.left).cover, right = record<Node>(nodes, node.left + 1).cover;
    node.cover = left + right;
    sendAbsent(node, record<Feature>(job.table, node.feature), left >= right);
  }
}

function sendAbsent(node: Node, feature: Feature, left: bool): void {
  const set = changetype<usize>(node) + offsetof<Node>("set0"), hasMissing = feature.codes > feature.values;
  let goesLeft = left;
  if (node.categorical) {
    if (left) { node.set0 |= ~node.present0; node.set1 |= ~node.present1; node.set2 |= ~node.present2; node.set3 |= ~node.present3; }
    if (hasMissing) goesLeft = bitOf(set, feature.values) != 0;
  } else if (node.missing) goesLeft = bitOf(set, feature.values) != 0;
  else if (left && hasMissing) setBit(set, feature.values);
  node.set4 = <u64>goesLeft;
  node.missing = i32(goesLeft);
}

function addScores(job: Job, nodes: usize, k: i32, leafCount: i32): void {
  job.a0 = <i32>nodes; job.a1 = k;
  run(job, ADD_LEAVES, leafCount, job.sampled > WORTH_SHARING);
  const left = job.rows - job.sampled;
  if (left > 0) run(job, ADD_WALKED, chunksOf(left), true);
  if (job.validRows > 0) run(job, ADD_HELD_OUT, chunksOf(job.validRows), true);
}
