import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { fillSlots, slotBuffer } from './slots.ts';
import { walkOf } from './walk.ts';

/** Raw scores, row-major rows × K: the mean of the leaves, or their sum onto the base. */
export type Scorer = (x: FeatureMatrix) => Float64Array;

/**
 * Scores in plain TypeScript: what a few rows take, and the reference of the kernel, which gives the same bits. A call
 * allocates its answer and nothing else. Leaves are added in float64 in the order of the trees.
 */
export function plainScorer(ensemble: Ensemble): Scorer {
  const { roots, outputs, aggregate, base } = ensemble;
  const trees = roots.length - 1;
  const slots = slotBuffer(ensemble, 1);
  const leaves = new Uint32Array(trees);
  const walk = walkOf(ensemble, slots);
  const addLeaves = adderOf(ensemble);
  return (x) => {
    const out = new Float64Array(x.rowCount * outputs);
    for (let i = 0; i < x.rowCount; i++) {
      const from = i * outputs;
      for (let k = 0; k < outputs; k++) out[from + k] = base[k]!;
      fillSlots(ensemble, x, i, 1, slots);
      walk(leaves);
      addLeaves(leaves, out, from);
    }
    if (aggregate === 'mean') divide(out, trees);
    return out;
  };
}

/** Sums to means, in place. */
export function divide(sums: Float64Array, by: number): void {
  for (let j = 0; j < sums.length; j++) sums[j]! /= by;
}

type AddLeaves = (nodes: Uint32Array, out: Float64Array, from: number) => void;

/** Adds what the trees' leaves hold to K numbers from `from` on. */
function adderOf({ leaves, outputs }: Ensemble): AddLeaves {
  if (leaves.kind === 'value') {
    const { values, treeOutputs } = leaves;
    return (nodes, out, from) => {
      for (let t = 0; t < nodes.length; t++) out[from + treeOutputs[t]!]! += values[nodes[t]!]!;
    };
  }
  const { rows, table, tableStarts } = leaves;
  return (nodes, out, from) => {
    for (let t = 0; t < nodes.length; t++) {
      const row = rows[nodes[t]!]!;
      if (row < 0) {
        out[from - 1 - row]! += 1;
        continue;
      }
      const at = (tableStarts[t]! + row) * outputs;
      for (let k = 0; k < outputs; k++) out[from + k]! += table[at + k]!;
    }
  };
}
