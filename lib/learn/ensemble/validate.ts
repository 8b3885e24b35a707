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
  const { roots, sets, nodes, outputs, leaves } = ensemble;
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
    const outputSound = leaves.kind !== 'value' || leaves.treeOutputs[t]! < outputs;
    if (!(outputSound && nodesAreSound(ensemble, t, takenBy) && leavesAreSound(ensemble, t))) {
      throw new IntegrityError(`tree ${t} of the model file is damaged`);
    }
  }
}

/**
 * Structure and cover. What is wrong is gathered in bits and looked at once a tree, and whether a node is a leaf is a
 * factor, not a condition: half of all nodes are, so that a branch would be guessed wrong at every other one.
 *
 * @param takenBy at `place` 1 + the last tree in which that place was some node's left child
 */
function nodesAreSound(ensemble: Ensemble, t: number, takenBy: Uint32Array): boolean {
  const { roots, nodes, slotBits, featureCount, categoryCounts, sets, cover } = ensemble;
  const start = roots[t]!;
  const size = roots[t + 1]! - start;
  const mask = 2 ** slotBits - 1;
  const setCount = sets.length / 8;
  const coverWords = new Uint32Array(cover.buffer, cover.byteOffset + 4 * start, size);
  let [wrong, inner, distinct] = [0, 0, 0];
  for (let place = 0, at = 2 * start; place < size; place++, at += 2) {
    const first = nodes[at]!;
    const second = nodes[at + 1]!;
    const left = second >>> slotBits;
    const slot = second & mask;
    const isInner = Number(left !== place);
    inner += isInner;
    // A leaf counts as place 0, which is nobody's child; a tree has one leaf at least.
    const taken = left * isInner;
    distinct += Number(takenBy[taken] !== t + 1);
    takenBy[taken] = t + 1;
    // An odd place, as the root has the first one; then no two pairs overlap unless they are the same pair.
    wrong |= isInner & (Number(left < place) | Number(left >= size - 1) | (~left & 1));
    wrong |= (1 - isInner) & (Number(slot !== 0) | Number(first !== INFINITY_BITS));
    wrong |= Number(coverWords[place]! >= INFINITY_BITS);
    if (slot < 2 * featureCount) wrong |= Number((first & 0x7fffffff) > INFINITY_BITS);
    else {
      const feature = slot - 2 * featureCount;
      if (!(feature < featureCount && categoryCounts[feature]! > 0 && first < setCount)) return false;
    }
  }
  return wrong === 0 && size === 2 * inner + 1 && distinct === inner + 1;
}

/** Leaves hold a finite number, or a class or row that exists; inner nodes hold 0. */
function leavesAreSound({ roots, nodes, slotBits, leaves, outputs }: Ensemble, t: number): boolean {
  const start = roots[t]!;
  const size = roots[t + 1]! - start;
  let wrong = 0;
  if (leaves.kind === 'value') {
    const words = new Uint32Array(leaves.values.buffer, leaves.values.byteOffset + 4 * start, size);
    for (let place = 0, at = 2 * start + 1; place < size; place++, at += 2) {
      const isInner = Number(nodes[at]! >>> slotBits !== place);
      const word = words[place]!;
      wrong |= Number((word & INFINITY_BITS) === INFINITY_BITS) | (isInner & Number(word !== 0));
    }
    return wrong === 0;
  }
  const { rows, tableStarts } = leaves;
  const tableRows = tableStarts[t + 1]! - tableStarts[t]!;
  for (let place = 0, at = 2 * start + 1; place < size; place++, at += 2) {
    const isInner = Number(nodes[at]! >>> slotBits !== place);
    const row = rows[start + place]!;
    wrong |= isInner & Number(row !== 0);
    wrong |= (1 - isInner) & (Number(row >= tableRows) | Number(row < -outputs));
  }
  return wrong === 0;
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
