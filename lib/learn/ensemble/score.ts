import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { fillSlots, hasCategories, type SlotBuffer, slotBuffer } from './slots.ts';
import { thresholdsOf } from './views.ts';

/** Raw scores, row-major rows × K: the mean of the leaves, or their sum onto the base. */
export type Scorer = (x: FeatureMatrix) => Float64Array;

/** The leaf that a row ends in, as a place in `nodes`. `root` is the tree's first node, `row` the row's first slot. */
export type Walk = (root: number, row: number) => number;

/**
 * Scores in plain TypeScript: what one row takes, and the reference of the kernel, which gives the same bits. Nothing
 * but the answer is made for each call. Leaves are added in float64 in the order of the trees.
 */
export function plainScorer(ensemble: Ensemble): Scorer {
  const { roots, outputs, aggregate, base } = ensemble;
  const trees = roots.length - 1;
  const slots = slotBuffer(ensemble, 1);
  const walk = walkOf(ensemble, slots);
  const addLeaf = adderOf(ensemble);
  return (x) => {
    const out = new Float64Array(x.rowCount * outputs);
    for (let i = 0; i < x.rowCount; i++) {
      fillSlots(ensemble, x, i, 1, slots);
      const from = i * outputs;
      for (let k = 0; k < outputs; k++) out[from + k] = base[k]!;
      for (let t = 0; t < trees; t++) addLeaf(t, walk(roots[t]!, 0), out, from);
    }
    if (aggregate === 'mean') for (let j = 0; j < out.length; j++) out[j]! /= trees;
    return out;
  };
}

function walkOf(ensemble: Ensemble, slots: SlotBuffer): Walk {
  return hasCategories(ensemble) ? walkWithCategories(ensemble, slots) : walkNumbers(ensemble, slots);
}

function walkNumbers(ensemble: Ensemble, { numbers }: SlotBuffer): Walk {
  const { nodes, slotBits } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const mask = 2 ** slotBits - 1;
  return (root, row) => {
    for (let node = 0; ; ) {
      const at = (root + node) << 1;
      const second = nodes[at + 1]!;
      const next = (second >>> slotBits) + (numbers[row + (second & mask)]! > thresholds[at]! ? 1 : 0);
      // A leaf is its own left child, and nothing is above its threshold.
      if (next === node) return root + node;
      node = next;
    }
  };
}

function walkWithCategories(ensemble: Ensemble, { numbers, codes }: SlotBuffer): Walk {
  const { nodes, slotBits, sets, featureCount } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const mask = 2 ** slotBits - 1;
  const numeric = 2 * featureCount;
  return (root, row) => {
    for (let node = 0; ; ) {
      const at = (root + node) << 1;
      const second = nodes[at + 1]!;
      const slot = second & mask;
      let right: number;
      if (slot < numeric) right = numbers[row + slot]! > thresholds[at]! ? 1 : 0;
      else {
        const code = codes[row + slot]!;
        right = (~sets[(nodes[at]! << 3) + (code >>> 5)]! >>> (code & 31)) & 1;
      }
      const next = (second >>> slotBits) + right;
      if (next === node) return root + node;
      node = next;
    }
  };
}

type AddLeaf = (tree: number, node: number, out: Float64Array, from: number) => void;

function adderOf({ leaves, outputs }: Ensemble): AddLeaf {
  if (leaves.kind === 'value') {
    const { values, treeOutputs } = leaves;
    return (tree, node, out, from) => {
      out[from + treeOutputs[tree]!]! += values[node]!;
    };
  }
  const { rows, table, tableStarts } = leaves;
  return (tree, node, out, from) => {
    const row = rows[node]!;
    if (row < 0) out[from - 1 - row]! += 1;
    else {
      const at = (tableStarts[tree]! + row) * outputs;
      for (let k = 0; k < outputs; k++) out[from + k]! += table[at + k]!;
    }
  };
}
