import { IntegrityError } from '../../errors/index.ts';
import type { Ensemble } from './ensemble.ts';

/** The bits of the float32 +Infinity: a leaf's threshold. Above it, but for the sign, lie those of NaN. */
const INFINITY_BITS = 0x7f800000;
/** What float32 shares may sum to beside 1. */
const SHARE_SLACK = 1e-4;

/**
 * One pass over every node of every tree. Afterwards each tree is known to be one: its nodes hang together, each has
 * one parent that lies before it, so that a walk goes forward and ends in a leaf, and visits of all paths are as many
 * as there are nodes. Whatever is asked or answered is in range.
 *
 * @throws IntegrityError naming the tree
 */
export function checkTrees(ensemble: Ensemble): void {
  const { roots, sets, nodes, cover } = ensemble;
  const trees = roots.length - 1;
  let largest = 0;
  let sound = trees >= 0 && roots[0] === 0 && 2 * roots[trees]! === nodes.length && sets.length % 8 === 0;
  for (let t = 0; t < trees && sound; t++) {
    // Children come in pairs behind a root, so that a tree's size is odd.
    sound = roots[t + 1]! > roots[t]! && (roots[t + 1]! - roots[t]!) % 2 === 1;
    largest = Math.max(largest, roots[t + 1]! - roots[t]!);
  }
  if (!sound) throw new IntegrityError('the trees of the model file overlap or have gaps');
  checkLeafTable(ensemble);
  const takenBy = new Uint32Array(largest);
  for (let t = 0; t < trees; t++) {
    if (!(nodesAreSound(ensemble, t, takenBy) && leavesAreSound(ensemble, t))) {
      throw new IntegrityError(`tree ${t} of the model file is damaged`);
    }
  }
  for (let node = 0; node < cover.length; node++) {
    if (!(cover[node]! >= 0 && cover[node]! < Number.POSITIVE_INFINITY)) {
      throw new IntegrityError('a cover in the model file is no weight');
    }
  }
}

/** `takenBy[place]` is 1 + the last tree in which `place` was some node's left child. */
function nodesAreSound(ensemble: Ensemble, t: number, takenBy: Uint32Array): boolean {
  const { roots, nodes, slotBits, featureCount, categoryCounts, sets } = ensemble;
  const start = roots[t]!;
  const size = roots[t + 1]! - start;
  const mask = 2 ** slotBits - 1;
  const setCount = sets.length / 8;
  let inner = 0;
  for (let place = 0, at = 2 * start; place < size; place++, at += 2) {
    const first = nodes[at]!;
    const second = nodes[at + 1]!;
    const left = second >>> slotBits;
    const slot = second & mask;
    if (left === place) {
      if (slot !== 0 || first !== INFINITY_BITS) return false;
      continue;
    }
    // An odd place, as the root has the first one; then no two pairs overlap unless they are the same pair.
    if (left < place || left >= size - 1 || left % 2 === 0 || takenBy[left] === t + 1) return false;
    takenBy[left] = t + 1;
    inner++;
    if (slot < 2 * featureCount) {
      if ((first & 0x7fffffff) > INFINITY_BITS) return false;
    } else {
      const feature = slot - 2 * featureCount;
      if (feature >= featureCount || categoryCounts[feature] === 0 || first >= setCount) return false;
    }
  }
  return size === 2 * inner + 1;
}

/** Leaves hold a finite number, or a class or row that exists; inner nodes hold 0. */
function leavesAreSound({ roots, nodes, slotBits, leaves, outputs }: Ensemble, t: number): boolean {
  const [start, end] = [roots[t]!, roots[t + 1]!];
  if (leaves.kind === 'value') {
    const { values, treeOutputs } = leaves;
    if (treeOutputs[t]! >= outputs) return false;
    for (let node = start; node < end; node++) {
      const leaf = nodes[2 * node + 1]! >>> slotBits === node - start;
      const value = values[node]!;
      if (leaf ? !(Math.abs(value) < Number.POSITIVE_INFINITY) : value !== 0) return false;
    }
    return true;
  }
  const { rows, tableStarts } = leaves;
  const tableRows = tableStarts[t + 1]! - tableStarts[t]!;
  for (let node = start; node < end; node++) {
    const leaf = nodes[2 * node + 1]! >>> slotBits === node - start;
    const row = rows[node]!;
    if (leaf ? row >= tableRows || row < -outputs : row !== 0) return false;
  }
  return true;
}

/** Every row of the table is a distribution, and every tree's rows lie in it. */
function checkLeafTable({ leaves, outputs, roots }: Ensemble): void {
  if (leaves.kind === 'value') return;
  const { table, tableStarts } = leaves;
  const trees = roots.length - 1;
  let sound = tableStarts[0] === 0 && tableStarts[trees]! * outputs === table.length;
  for (let t = 0; t < trees && sound; t++) sound = tableStarts[t + 1]! >= tableStarts[t]!;
  for (let from = 0; from < table.length && sound; from += outputs) {
    let total = 0;
    for (let k = 0; k < outputs; k++) {
      total += table[from + k]!;
      sound &&= table[from + k]! >= 0;
    }
    sound &&= Math.abs(total - 1) < SHARE_SLACK;
  }
  if (!sound) throw new IntegrityError('the leaves of the model file hold what is no distribution');
}
