import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { thresholdsOf } from './views.ts';

/** Fewer rows are not worth the sort, nor are nodes of fewer bytes, which stay near the processor anyway. */
const LEAST_ROWS = 256;
const LEAST_BYTES = 2 ** 22;
/** One tree is walked for the order, which others have to make up for. */
const LEAST_TREES = 20;
/** A key is a place times this, and the row: below 2^53. */
const ROWS = 2 ** 31;
const MOST_PLACES = 2 ** 22;

/**
 * The rows of a batch in an order that brings like ones together: by the leaf that the first tree has for them. Rows of
 * one block then go much the same way down the other trees too: they read the same nodes, and arrive at about the same
 * depth. What is predicted for a row does not depend on it.
 *
 * @returns row numbers; undefined where the order as it comes is as good
 */
export function likeRowsTogether(ensemble: Ensemble, x: FeatureMatrix): Uint32Array | undefined {
  const { roots, nodes } = ensemble;
  const { rowCount } = x;
  const few = rowCount < LEAST_ROWS || nodes.byteLength < LEAST_BYTES || roots.length <= LEAST_TREES;
  if (few || rowCount > ROWS || roots[1]! > MOST_PLACES) return undefined;
  const leafOf = firstTree(ensemble, x);
  const keys = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) keys[i] = leafOf(i) * ROWS + i;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % ROWS);
}

/** The place of a row's leaf in the first tree, by ensemble.ts's rules of slots. */
function firstTree(ensemble: Ensemble, { columns }: FeatureMatrix): (row: number) => number {
  const { nodes, slotBits, featureCount, sets, categoryCounts } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const mask = 2 ** slotBits - 1;
  return (row) => {
    for (let node = 0; ; ) {
      const second = nodes[2 * node + 1]!;
      const left = second >>> slotBits;
      if (left === node) return node;
      const slot = second & mask;
      let right: number;
      if (slot < 2 * featureCount) {
        const value = columns[slot >> 1]![row]!;
        right = Number.isNaN(value) ? slot & 1 : Number(Math.fround(value) > thresholds[2 * node]!);
      } else {
        const value = columns[slot - 2 * featureCount]![row]!;
        const count = categoryCounts[slot - 2 * featureCount]!;
        const code = value >= 0 && value < count ? value : count;
        right = (~sets[8 * nodes[2 * node]! + (code >>> 5)]! >>> (code & 31)) & 1;
      }
      node = left + right;
    }
  };
}
