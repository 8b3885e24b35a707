import type { Bins } from '../bins/index.ts';
import type { PlainTree } from '../ensemble/build.ts';
import { type GrownTree, SET_WORDS } from './engine.ts';

/** The tree over values: thresholds for codes. A split behind the last code parts the missing from all values. */
export function plainTree(tree: GrownTree, bins: Bins, output: number): PlainTree {
  const { feature, code, left, missingLeft, value, cover } = tree;
  const size = feature.length;
  const threshold = new Float32Array(size);
  const categories: (number[] | undefined)[] = new Array(size).fill(undefined);
  for (let i = 0; i < size; i++) {
    const f = feature[i]!;
    if (f < 0) continue;
    if (bins.categorical[f] === 1) categories[i] = leftCodes(tree.sets, i, bins.valueBins[f]!);
    else threshold[i] = bins.edges[f]![code[i]!] ?? Number.POSITIVE_INFINITY;
  }
  return {
    feature,
    threshold,
    left,
    right: left.map((first) => first + 1),
    missingLeft,
    categories,
    value,
    cover,
    output,
  };
}

function leftCodes(sets: Uint32Array, node: number, count: number): number[] {
  const codes: number[] = [];
  for (let c = 0; c < count; c++) {
    if ((sets[SET_WORDS * node + (c >>> 5)]! >>> (c & 31)) & 1) codes.push(c);
  }
  return codes;
}

/** Adds what each feature's splits gained to `sums`. */
export function addGains({ feature, gain }: GrownTree, sums: Float64Array): void {
  for (let i = 0; i < feature.length; i++) if (feature[i]! >= 0) sums[feature[i]!]! += gain[i]!;
}
