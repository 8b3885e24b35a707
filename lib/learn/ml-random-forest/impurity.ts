import type { Target } from '../types.ts';
import { type FlatForest, LEAF } from './flat-forest.ts';

/**
 * Adds one tree's share of importance to `into`: for each question, how much it lowered the impurity (Gini for classes,
 * squared error for numbers) of the rows that it was grown on, over their number; the tree's shares sum to 1 (Breiman
 * 2001; scikit-learn's feature_importances_). The library's own figures are NaN for a tree without a question, and lost
 * on load.
 *
 * @param data row-major features of all rows
 * @param sample rows that the tree was grown on
 */
export function addImportance(
  forest: FlatForest,
  tree: number,
  data: Float64Array,
  width: number,
  y: Target,
  sample: Int32Array,
  into: Float64Array,
): void {
  const start = forest.treeStarts[tree]!;
  const nodes = forest.treeStarts[tree + 1]! - start;
  const classes = y.task === 'classification' ? y.classes.length : 0;
  const slots = Math.max(classes, 3);
  // A node's class counts; or its rows, and the sum and the sum of squares of their values less the sample's mean.
  const sums = new Float64Array(nodes * slots);
  const mean = sample.reduce((sum, i) => sum + y.values[i]!, 0) / sample.length;
  for (const i of sample) {
    const value = y.values[i]!;
    for (let node = start; ; ) {
      const at = (node - start) * slots;
      if (classes > 0) sums[at + value]! += 1;
      else {
        sums[at]! += 1;
        sums[at + 1]! += value - mean;
        sums[at + 2]! += (value - mean) ** 2;
      }
      const asked = forest.feature[node]!;
      if (asked === LEAF) break;
      node = data[i * width + asked]! < forest.value[node]! ? node + 1 : forest.right[node]!;
    }
  }
  const impurity = (node: number): number => {
    const at = (node - start) * slots;
    return classes > 0 ? giniTimesRows(sums.subarray(at, at + classes)) : squaredError(sums, at);
  };
  const shares = new Float64Array(width);
  for (let node = start; node < start + nodes; node++) {
    const asked = forest.feature[node]!;
    if (asked === LEAF) continue;
    shares[asked]! += Math.max(0, impurity(node) - impurity(node + 1) - impurity(forest.right[node]!));
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total > 0) for (let j = 0; j < width; j++) into[j]! += shares[j]! / total;
}

function giniTimesRows(counts: Float64Array): number {
  let rows = 0;
  let squares = 0;
  for (const count of counts) {
    rows += count;
    squares += count * count;
  }
  return rows === 0 ? 0 : rows - squares / rows;
}

function squaredError(sums: Float64Array, at: number): number {
  const [rows, sum, squares] = [sums[at]!, sums[at + 1]!, sums[at + 2]!];
  return rows === 0 ? 0 : Math.max(0, squares - (sum * sum) / rows);
}
