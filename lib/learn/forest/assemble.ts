import type { Bins } from '../bins/index.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { type GrownTree, slotBitsOf } from './grown.ts';

/**
 * Trees put behind one another as an Ensemble. What a tree counts from its own beginning stays as it is; only the
 * numbers of category sets are moved on.
 *
 * @param classes number of classes; 0 for numbers
 */
export function assemble(bins: Bins, trees: readonly GrownTree[], classes: number): Ensemble {
  const slotBits = slotBitsOf(bins);
  const roots = new Uint32Array(trees.length + 1);
  const tableStarts = new Uint32Array(trees.length + 1);
  for (const [t, tree] of trees.entries()) {
    roots[t + 1] = roots[t]! + tree.cover.length;
    tableStarts[t + 1] = tableStarts[t]! + (classes > 0 ? tree.table.length / classes : 0);
  }
  const nodes = together(Uint32Array, trees, 'nodes');
  const sets = together(Uint32Array, trees, 'sets');
  moveSets(nodes, trees, slotBits, 2 * bins.featureCount);
  const rows = together(Int32Array, trees, 'leaves');
  return {
    featureCount: bins.featureCount,
    outputs: classes > 0 ? classes : 1,
    slotBits,
    roots,
    nodes,
    cover: together(Float32Array, trees, 'cover'),
    sets,
    categoryCounts: bins.categoryCounts.slice(),
    leaves:
      classes > 0
        ? { kind: 'distribution', rows, table: together(Float32Array, trees, 'table'), tableStarts }
        : {
            kind: 'value',
            values: new Float32Array(rows.buffer),
            treeOutputs: new Uint16Array(trees.length),
          },
    aggregate: 'mean',
    base: new Float64Array(classes > 0 ? classes : 1),
  };
}

type Flat = Uint32Array | Int32Array | Float32Array | Float64Array;

/** One field of all trees in one array. */
export function together<A extends Flat>(
  kind: new (length: number) => A,
  trees: readonly GrownTree[],
  field: 'nodes' | 'cover' | 'leaves' | 'table' | 'sets' | 'importance',
): A {
  const out = new kind(trees.reduce((sum, tree) => sum + tree[field].length, 0));
  let at = 0;
  for (const tree of trees) {
    out.set(tree[field], at);
    at += tree[field].length;
  }
  return out;
}

function moveSets(
  nodes: Uint32Array,
  trees: readonly GrownTree[],
  slotBits: number,
  firstSlot: number,
): void {
  const slots = 2 ** slotBits - 1;
  let [at, moved] = [0, 0];
  for (const tree of trees) {
    const end = at + tree.nodes.length;
    if (moved > 0 && tree.sets.length > 0) {
      for (let i = at; i < end; i += 2) if ((nodes[i + 1]! & slots) >= firstSlot) nodes[i]! += moved;
    }
    at = end;
    moved += tree.sets.length / 8;
  }
}

/**
 * Impurity importance as scikit-learn's: each tree's decreases as shares of their sum, the mean over trees that split
 * at all, as shares again.
 */
export function importanceOf(trees: readonly GrownTree[], features: number): Float64Array {
  const sums = new Float64Array(features);
  for (const { importance } of trees) {
    const total = importance.reduce((sum, value) => sum + value, 0);
    if (total > 0) for (let f = 0; f < features; f++) sums[f]! += importance[f]! / total;
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return total > 0 ? sums.map((value) => value / total) : sums;
}
