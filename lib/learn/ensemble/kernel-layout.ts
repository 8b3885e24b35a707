import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { hasCategories } from './slots.ts';

/** Rows that go down a tree together. */
export const LANES = 8;
/** What 16 bits hold. */
const NARROW_MOST = 0xffff;

/**
 * How the kernel (assembly/step.ts) sees an ensemble: made for the fewest instructions a step, not for a file.
 *
 * Rows come in blocks of eight. A block has an entry for each slot (two of a numeric feature, one of a categorical
 * one), an entry the numbers of the eight rows side by side. Where some feature is categorical it has eight words
 * more: see `fillBlocks`.
 *
 * A node is narrow, 8 bytes, if distances and entries fit into 16 bits each, as they mostly do, else 12 bytes:
 * - the threshold as a float32; where some feature is categorical as an ordered integer, or of a categorical node the
 *   address of its set, whose bits are turned round (1 goes right).
 * - the entry of its slot, in bytes from the block's start (16 or 32 bits).
 * - how many nodes behind it its left child lies (16 or 32 bits); 0 at a leaf.
 */
export interface KernelLayout {
  categorical: boolean;
  wide: boolean;
  /** Byte from the block's start of each slot that ensemble.ts numbers. */
  entries: Uint32Array;
  blockBytes: number;
}

export function kernelLayout(ensemble: Ensemble): KernelLayout {
  const { featureCount, categoryCounts, roots } = ensemble;
  const categorical = hasCategories(ensemble);
  const entryBytes = 4 * LANES * (categorical ? 2 : 1);
  const entries = new Uint32Array(3 * featureCount);
  // Leaves ask an entry as well, and where there are categories it has to be one of a number: the first is theirs.
  let next = categorical ? entryBytes : 0;
  for (let f = 0; f < featureCount; f++) {
    entries[2 * f] = next;
    entries[2 * f + 1] = next + entryBytes;
    entries[2 * featureCount + f] = next;
    next += (categoryCounts[f]! > 0 ? 1 : 2) * entryBytes;
  }
  let largest = 0;
  for (let t = 0; t + 1 < roots.length; t++) largest = Math.max(largest, roots[t + 1]! - roots[t]!);
  return { categorical, wide: Math.max(next, largest) > NARROW_MOST, entries, blockBytes: next };
}

/** Words that the nodes of an ensemble take. */
export const nodeWords = ({ nodes }: Ensemble, { wide }: KernelLayout): number =>
  (nodes.length / 2) * (wide ? 3 : 2);

/**
 * Writes the nodes.
 *
 * @param setsAt address of the turned sets
 */
export function layNodes(
  { roots, nodes, slotBits, featureCount }: Ensemble,
  { categorical, wide, entries }: KernelLayout,
  out: Uint32Array,
  setsAt: number,
): void {
  const mask = 2 ** slotBits - 1;
  let to = 0;
  for (let t = 0; t + 1 < roots.length; t++) {
    const start = roots[t]!;
    for (let i = start; i < roots[t + 1]!; i++) {
      const first = nodes[2 * i]!;
      const second = nodes[2 * i + 1]!;
      const ahead = (second >>> slotBits) - (i - start);
      const slot = second & mask;
      const entry = ahead === 0 ? 0 : entries[slot]!;
      if (!categorical) out[to] = first;
      else out[to] = slot < 2 * featureCount ? ordered(first) : setsAt + 32 * first;
      if (wide) {
        out[to + 1] = entry;
        out[to + 2] = ahead;
        to += 3;
      } else {
        out[to + 1] = (ahead << 16) | entry;
        to += 2;
      }
    }
  }
}

const MINUS_ZERO_BITS = 0x80000000;

/** The bits of a float32 as an integer that compares (signed) as the number does; both zeros are 0. */
function ordered(bits: number): number {
  return bits === MINUS_ZERO_BITS ? 0 : bits ^ ((bits >> 31) & 0x7fffffff);
}

/**
 * Writes rows `from` to `from + count - 1` as blocks. Beside numbers alone an entry has eight words: the numbers.
 * Where some feature is categorical, it has eight ordered integers (0 of a category) and then eight words that say
 * where the bit is that tells: the byte in the set times 64, and the shift that brings it to the sign of 64 bits.
 *
 * @param order where given, the row numbers that `from` counts in
 */
export function fillBlocks(
  { featureCount, categoryCounts }: Ensemble,
  { categorical, entries, blockBytes }: KernelLayout,
  { columns }: FeatureMatrix,
  from: number,
  count: number,
  words: Uint32Array,
  numbers: Float32Array,
  order?: Uint32Array,
): void {
  const rest = blockBytes / 4 - LANES;
  for (let f = 0; f < featureCount; f++) {
    const column = columns[f]!;
    const categories = categoryCounts[f]!;
    let at = entries[2 * f]! / 4;
    const second = (entries[2 * f + 1]! - entries[2 * f]!) / 4;
    for (let i = 0; i < count; i++) {
      const value = column[order === undefined ? from + i : order[from + i]!]!;
      if (categories > 0) {
        const code = value >= 0 && value < categories ? value : categories;
        words[at] = 0;
        words[at + LANES] = ((code >>> 5) << 8) | (63 - (code & 31));
      } else {
        // What is missing is below all where it goes left, and above all where it goes right.
        const missing = Number.isNaN(value);
        numbers[at] = missing ? Number.NEGATIVE_INFINITY : value;
        numbers[at + second] = missing ? Number.POSITIVE_INFINITY : value;
        if (categorical) {
          words[at] = ordered(words[at]!);
          words[at + second] = ordered(words[at + second]!);
          words[at + LANES] = 0;
          words[at + second + LANES] = 0;
        }
      }
      at += (i & (LANES - 1)) === LANES - 1 ? rest + 1 : 1;
    }
  }
}
