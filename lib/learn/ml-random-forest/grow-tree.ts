import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { drawDistinct, type RandomStream, randomStream } from '../random.ts';
import type { FeatureMatrix, Target } from '../types.ts';
import type { TreeShape } from './flat-forest.ts';
import { type ForestParams, featureCount, libraryMaxFeatures, sampleCount } from './forest-params.ts';

/** A node of ml-cart, as far as it is read here; its own types leave it out. */
interface CartNode {
  left?: CartNode;
  right?: CartNode;
  splitColumn?: number;
  splitValue?: number;
  gain?: number;
  /** A number, or the classes' shares as a matrix of one row. */
  distribution?: number | { maxRowIndex(row: number): [number, number] };
}

/** What training one tree with the library leaves behind. */
export interface GrownTree {
  shape: TreeShape;
  /** The rows that it was grown on, with repetitions where they were drawn with replacement. */
  sample: Int32Array;
  /** The library's own forest of this one tree, for comparing. */
  library: { predict(rows: number[][]): number[] };
}

/**
 * Grows tree `index` of a forest with ml-random-forest, as a forest of one: its stream of random numbers derives from
 * (seed, index) alone, its progress can be reported, and its memory is freed before the next.
 *
 * What the library gets wrong is kept away from it: rows are drawn here (`maxSamples` there takes the first rows), out
 * of bag answers are off (`noOOB`: they throw on a row that is in every bag), labels are indices (text throws), and the
 * threshold of a regression's "gain", which is an error there, lies below 0 (at 0 a perfect split is refused).
 */
export function growTree(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: { seed: number; index: number },
): GrownTree {
  const stream = randomStream(options.seed, options.index);
  const drawn = drawRows(stream, x.rowCount, sampleCount(x.rowCount, params), params.bootstrap);
  const sample = y.task === 'classification' ? byClass(stream, drawn, y) : drawn;
  const rows = Array.from(sample, (i) => x.columns.map((column) => column[i]!));
  const labels = Array.from(sample, (i) => y.values[i]!);
  const columns = x.columns.length;
  const Forest = y.task === 'classification' ? RandomForestClassifier : RandomForestRegression;
  const library = new Forest({
    nEstimators: 1,
    seed: stream.next() | 0,
    noOOB: true,
    useSampleBagging: false,
    replacement: false,
    maxFeatures: libraryMaxFeatures(featureCount(columns, params, y.task), columns),
    treeOptions: {
      minNumSamples: params.minSamplesSplit - 1,
      maxDepth: params.maxDepth,
      gainThreshold: y.task === 'classification' ? 0 : -1,
    },
  } as never);
  library.train(rows, labels);
  const { estimators, indexes } = library as unknown as {
    estimators: { root: CartNode }[];
    indexes: number[][];
  };
  const root = mendRoot(estimators[0]!.root, indexes[0]!, rows, labels);
  return { shape: shapeOf(root, indexes[0]!), sample, library };
}

/** `count` row numbers, with replacement or without. */
function drawRows(stream: RandomStream, rows: number, count: number, withReplacement: boolean): Int32Array {
  if (withReplacement) return Int32Array.from({ length: count }, () => stream.below(rows));
  return drawDistinct(stream, rows, count);
}

/**
 * The rows class by class, the classes in an order drawn for the tree. The library tries a question wherever neighbours
 * in a column's order are of other classes, among equal values too, where the question is idle: in a 0/1 column that is
 * most rows, each at the cost of reading all. Rows of a class that stand together leave a handful of such places. The
 * order is drawn because a question is overlooked where the classes on its two sides meet in the same class.
 */
function byClass(
  stream: RandomStream,
  sample: Int32Array,
  y: Extract<Target, { task: 'classification' }>,
): Int32Array {
  const order = drawRows(stream, y.classes.length, y.classes.length, false);
  const rank = new Int32Array(order.length);
  for (const [position, index] of order.entries()) rank[index] = position;
  return sample.toSorted((a, b) => rank[y.values[a]!]! - rank[y.values[b]!]! || a - b);
}

/**
 * The library takes a regression's root for a leaf where one question leaves no error at all (its gain, 0, equals the
 * parent's gain that it assumes, 0). The question is still in the node, so the two leaves are hung on here.
 */
function mendRoot(root: CartNode, used: number[], rows: number[][], labels: number[]): CartNode {
  const { gain, splitColumn, splitValue, distribution } = root;
  const refused =
    gain === 0 && root.left === undefined && splitColumn !== undefined && splitValue !== undefined;
  if (!refused || typeof distribution !== 'number') return root;
  const goesLeft = (i: number): boolean => rows[i]![used[splitColumn]!]! < splitValue;
  const left = labels.findIndex((_, i) => goesLeft(i));
  const right = labels.findIndex((_, i) => !goesLeft(i));
  if (left < 0 || right < 0) return root;
  return { ...root, left: { distribution: labels[left]! }, right: { distribution: labels[right]! } };
}

/** A tree of the library as ours; a column of the tree becomes the column of the table that it was drawn from. */
function shapeOf(node: CartNode, used: number[]): TreeShape {
  const { left, right, distribution } = node;
  if (left === undefined || right === undefined) {
    return { value: typeof distribution === 'number' ? distribution : distribution!.maxRowIndex(0)[1] };
  }
  return {
    value: 0,
    split: {
      feature: used[node.splitColumn!]!,
      threshold: node.splitValue!,
      left: shapeOf(left, used),
      right: shapeOf(right, used),
    },
  };
}
