import { xlogx } from '../entropy.ts';
import type { GrowTask } from '../grown.ts';
import type { TreeWriter } from './tree-writer.ts';

/** The rows that a tree was given. */
export interface Bag {
  /** Weight of every row; 0 out of the bag. */
  weight: Int32Array;
  rows: readonly number[];
}

/** Sums over rows: of classes their weights, one a class; of numbers the weight and the weighted target. */
export type Sums = Float64Array;

/** What makes a split good, and a leaf of what is left. All sums are whole numbers, so their order does not matter. */
export interface Measure {
  sums(rows: Iterable<number>): Sums;
  weight(rows: Iterable<number>): number;
  /** How good it is to part a node into children with these sums; the greater the better. Sums of nothing give NaN. */
  gain(left: Sums, right: Sums): number;
  /** A gain that nothing can beat, for a node of that sums. */
  perfect(all: Sums): number;
  /** What the best split of a node took from the impurity of all. */
  decrease(gain: number, rows: readonly number[]): number;
  isPure(rows: readonly number[]): boolean;
  /** Orders that the bins of a category are scanned in: what they are sorted by, from their sums and the node's. */
  ratios(all: Sums): ((bin: Sums) => number)[];
  writeLeaf(writer: TreeWriter, node: number, rows: readonly number[]): void;
}

export function measureFor(task: GrowTask, bag: Bag): Measure {
  return task.target.kind === 'classes' ? classMeasure(task, bag) : numberMeasure(task, bag);
}

const total = (sums: Sums): number => sums.reduce((sum, weight) => sum + weight, 0);

/** Gini: sum of squares over the weight. Entropy: sum of x log x less that of the weight. */
function classMeasure({ target, settings }: GrowTask, { weight }: Bag): Measure {
  if (target.kind !== 'classes') throw new TypeError('classes are wanted');
  const { classes, labels } = target;
  const entropy = settings.criterion === 'entropy';
  const purityOf = (sums: Sums): number => {
    const of = total(sums);
    if (entropy) return sums.reduce((sum, w) => sum + xlogx(w), 0) - xlogx(of);
    return sums.reduce((sum, w) => sum + w * w, 0) / of;
  };
  const sums = (rows: Iterable<number>): Sums => {
    const out = new Float64Array(classes);
    for (const row of rows) out[labels[row]!]! += weight[row]!;
    return out;
  };
  return {
    sums,
    weight: (rows) => total(sums(rows)),
    gain: (left, right) => purityOf(left) + purityOf(right),
    perfect: (all) => (entropy ? 0 : total(all)),
    decrease: (gain, rows) => Math.max(gain - purityOf(sums(rows)), 0),
    isPure: (rows) => rows.every((row) => labels[row] === labels[rows[0]!]),
    /** By the share of each of the heaviest classes in turn, two at most; of two classes one says all. */
    ratios(all) {
      const present = Array.from(all.keys()).filter((c) => all[c]! > 0);
      const heaviest = present.sort((a, b) => all[b]! - all[a]! || a - b);
      const turns = heaviest.slice(0, heaviest.length === 2 ? 1 : 2);
      return turns.map((c) => (bin: Sums) => bin[c]! / total(bin));
    },
    writeLeaf(writer, node, rows) {
      const own = sums(rows);
      const of = total(own);
      const only = own.indexOf(of);
      if (only >= 0) writer.addLeaf(node, of, -1 - only);
      else
        writer.addShares(
          node,
          of,
          own.map((w) => w / of),
        );
    },
  };
}

/** Squared error: the decrease by a split, times the node's weight (partingGain of ../assembly/squared.ts). */
function numberMeasure({ target }: GrowTask, { weight }: Bag): Measure {
  if (target.kind !== 'numbers') throw new TypeError('numbers are wanted');
  const { values, middle, step } = target;
  const sums = (rows: Iterable<number>): Sums => {
    const out = new Float64Array(2);
    for (const row of rows) {
      out[0]! += weight[row]!;
      out[1]! += weight[row]! * values[row]!;
    }
    return out;
  };
  return {
    sums,
    weight: (rows) => sums(rows)[0]!,
    gain(left, right) {
      const apart = right[0]! * left[1]! - left[0]! * right[1]!;
      return (apart * apart) / (left[0]! * right[0]!);
    },
    perfect: () => Number.POSITIVE_INFINITY,
    decrease: (gain, rows) => gain / sums(rows)[0]!,
    isPure: (rows) => rows.every((row) => values[row] === values[rows[0]!]),
    ratios: () => [(bin: Sums) => bin[1]! / bin[0]!],
    writeLeaf(writer, node, rows) {
      const own = sums(rows);
      writer.addValue(node, own[0]!, middle + (own[1]! / own[0]!) * step);
    },
  };
}
