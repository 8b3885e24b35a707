import type { Ensemble } from '../ensemble/ensemble.ts';
import { thresholdsOf } from '../ensemble/views.ts';
import type { FeatureMatrix } from '../types.ts';
import { gaussLegendre } from './quadrature.ts';
import { treeUnpacker, type UnpackedTree } from './unpack-tree.ts';
import { type Answers, type GoesLeft, TreeWalker } from './walk-tree.ts';

/** Classes that are explained in one walk: bounds the memory, and lets walks end where none of them has a share. */
const MOST_OUTPUTS = 8;

/** Raw scores taken apart. */
export interface Contributions {
  /** What the model answers on average (by the trees' covers), one an output. */
  base: Float64Array;
  /** Row-major, rows × features × outputs. With `base` they sum to the row's raw score. */
  contributions: Float64Array;
}

/**
 * Exact path-dependent SHAP values of every row on the raw score: the mean or sum of the trees, before any link. What is
 * missing, categories and repeated features go as in prediction. Where the ensemble has no covers, both ways of a split
 * are taken as equally likely.
 *
 * @param columns the model's features in order, numbers or category codes; NaN is missing
 */
export function treeShap(ensemble: Ensemble, x: Pick<FeatureMatrix, 'rowCount' | 'columns'>): Contributions {
  const { roots, outputs, featureCount, leaves, aggregate } = ensemble;
  const trees = roots.length - 1;
  const widest = leaves.kind === 'value' ? 1 : Math.min(outputs, MOST_OUTPUTS);
  const unpack = treeUnpacker(ensemble, widest);
  const walker = new TreeWalker(featureCount);
  const base = new Float64Array(outputs);
  const out = new Float64Array(x.rowCount * featureCount * outputs);
  const answers: Answers = { out, at: 0, stride: outputs };
  for (let t = 0; t < trees; t++) {
    const first = leaves.kind === 'value' ? leaves.treeOutputs[t]! : 0;
    const end = leaves.kind === 'value' ? first + 1 : outputs;
    for (let k = first; k < end; k += widest) {
      const tree = unpack(t, k, Math.min(widest, end - k));
      const quadrature = gaussLegendre(Math.max(1, Math.ceil(tree.mostOnPath / 2)));
      for (let o = 0; o < tree.width; o++) base[k + o]! += tree.means[o]!;
      const row = { at: 0 };
      const goesLeft = asker(ensemble, tree, x.columns, row);
      for (let i = 0; i < x.rowCount; i++) {
        row.at = i;
        answers.at = i * featureCount * outputs + k;
        walker.walk(tree, goesLeft, quadrature, answers);
      }
    }
  }
  const scale = aggregate === 'mean' ? 1 / trees : 1;
  for (let i = 0; i < out.length; i++) out[i]! *= scale;
  return { base: base.map((value, k) => value * scale + ensemble.base[k]!), contributions: out };
}

/** Whether the row `row.at` goes left at a node, as prediction decides it. */
function asker(
  ensemble: Ensemble,
  tree: UnpackedTree,
  columns: readonly Float64Array[],
  row: { at: number },
): GoesLeft {
  const { nodes, sets, categoryCounts } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const numeric = 2 * ensemble.featureCount;
  const { start, slot, feature } = tree;
  return (node) => {
    const f = feature[node]!;
    const value = columns[f]![row.at]!;
    const word = 2 * (start + node);
    const asks = slot[node]!;
    if (asks < numeric) {
      return Number.isNaN(value) ? (asks & 1) === 0 : Math.fround(value) <= thresholds[word]!;
    }
    const known = value >= 0 && value < categoryCounts[f]!;
    const set = 8 * nodes[word]!;
    const code = known ? value : categoryCounts[f]!;
    return ((sets[set + (code >>> 5)]! >>> (code & 31)) & 1) === 1;
  };
}
