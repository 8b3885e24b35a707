import { type GrownTree, type GrowTask, slotBitsOf, WHOLE_VOTE } from '../grown.ts';
import type { Bag } from './measure.ts';

/** Adds to `votes` what a tree says of the rows that it did not draw: see `Grown.votes`. */
export function judge(task: GrowTask, bag: Bag, tree: GrownTree, votes: Int32Array | Float64Array): void {
  const { target, bins } = task;
  const values = new Float32Array(tree.leaves.buffer);
  for (let row = 0; row < bins.rows; row++) {
    if (bag.weight[row]! > 0) continue;
    const node = leafOf(task, tree, row);
    const leaf = tree.leaves[node]!;
    if (target.kind === 'numbers') {
      votes[2 * row]! += 1;
      votes[2 * row + 1]! += Math.floor((values[node]! - target.middle) / target.judgeStep + 0.5);
    } else if (leaf < 0) votes[row * target.classes - 1 - leaf]! += WHOLE_VOTE;
    else {
      for (let c = 0; c < target.classes; c++) {
        votes[row * target.classes + c]! += Math.floor(
          tree.table[leaf * target.classes + c]! * WHOLE_VOTE + 0.5,
        );
      }
    }
  }
}

function leafOf({ bins }: GrowTask, { nodes, sets }: GrownTree, row: number): number {
  const slotBits = slotBitsOf(bins);
  const floats = new Float32Array(nodes.buffer);
  for (let node = 0; ; ) {
    const second = nodes[2 * node + 1]!;
    const left = second >>> slotBits;
    if (left === node) return node;
    const slot = second & (2 ** slotBits - 1);
    const feature = slot < 2 * bins.featureCount ? slot >> 1 : slot - 2 * bins.featureCount;
    const value = bins.values[feature]?.[row];
    if (value === undefined) {
      const code = bins.codes[feature * bins.rows + row]!;
      node = left + 1 - ((sets[8 * nodes[2 * node]! + (code >> 5)]! >>> (code & 31)) & 1);
    } else if (Number.isNaN(value)) node = left + (slot % 2);
    else node = left + Number(value > floats[2 * node]!);
  }
}
