import type { Ensemble } from '../ensemble/ensemble.ts';
import { goesLeft, leafVector, type NodeView, treeCount, treeNodes } from '../ensemble/views.ts';
import { normalise } from '../params.ts';
import type { FeatureMatrix } from '../types.ts';

/** The nodes of a tree by their places; a child's place is behind its parent's. */
const nodesOf = (ensemble: Ensemble, tree: number): NodeView[] =>
  Array.from(treeNodes(ensemble, tree), ([, node]) => node);

/**
 * Covers where a file has none: as if as many training rows had come to every leaf. That is rough, and no node is
 * ever without weight, which TreeSHAP could not take.
 */
export function estimateCover(ensemble: Ensemble): void {
  for (let t = 0; t < treeCount(ensemble); t++) {
    const nodes = nodesOf(ensemble, t);
    const cover = new Float64Array(nodes.length).fill(1);
    addUp(nodes, cover);
    ensemble.cover.set(cover, ensemble.roots[t]!);
  }
}

/**
 * Covers from rows like those of training: how many come to each node. One row more is thought to be spread over the
 * leaves alike, so that no node is without weight.
 */
export function coverFromRows(ensemble: Ensemble, x: FeatureMatrix): void {
  for (let t = 0; t < treeCount(ensemble); t++) {
    const nodes = nodesOf(ensemble, t);
    const cover = new Float64Array(nodes.length);
    const leaves = nodes.reduce((count, { leaf }) => count + (leaf ? 1 : 0), 0);
    for (let place = 0; place < nodes.length; place++) if (nodes[place]!.leaf) cover[place] = 1 / leaves;
    for (let row = 0; row < x.rowCount; row++) {
      let place = 0;
      for (let node = nodes[0]!; !node.leaf; node = nodes[place]!) {
        const { feature } = node;
        const value = x.columns[feature]![row]!;
        place = goesLeft(node, value, ensemble.categoryCounts[feature]) ? node.left : node.right;
      }
      cover[place]! += 1;
    }
    addUp(nodes, cover);
    ensemble.cover.set(cover, ensemble.roots[t]!);
  }
}

/** Each inner node's number becomes the sum of its children's. */
function addUp(nodes: readonly NodeView[], cover: Float64Array): void {
  for (let place = nodes.length - 1; place >= 0; place--) {
    const { leaf, left, right } = nodes[place]!;
    if (!leaf) cover[place] = cover[left]! + cover[right]!;
  }
}

/**
 * How much each feature's questions part the answers: for each node, cover × squared distance of the children's mean
 * answers from its own, over all outputs. With the covers of training that is the decrease of squared error, or of Gini
 * impurity, as scikit-learn's importances; each tree of a mean counts alike. Sums to 1, or is all zero.
 */
export function importanceFromLeaves(ensemble: Ensemble): Float64Array {
  const { outputs, featureCount, cover, roots, aggregate } = ensemble;
  const total = new Float64Array(featureCount);
  for (let t = 0; t < treeCount(ensemble); t++) {
    const nodes = nodesOf(ensemble, t);
    const own = new Float64Array(featureCount);
    const means = new Float64Array(nodes.length * outputs);
    const meanOf = (place: number) => means.subarray(place * outputs, (place + 1) * outputs);
    for (let place = nodes.length - 1; place >= 0; place--) {
      const { leaf, left, right, feature } = nodes[place]!;
      const mean = meanOf(place);
      if (leaf) leafVector(ensemble, t, place, mean);
      else {
        const weights = [cover[roots[t]! + left]!, cover[roots[t]! + right]!] as const;
        own[feature]! += joinMeans(mean, meanOf(left), meanOf(right), weights);
      }
    }
    const counted = aggregate === 'mean' ? normalise(own) : own;
    for (let f = 0; f < featureCount; f++) total[f]! += counted[f]!;
  }
  return normalise(total);
}

/** Writes the weighted mean of two; returns how far apart they are: their weighted squared distances from it. */
function joinMeans(
  mean: Float64Array,
  left: Float64Array,
  right: Float64Array,
  [a, b]: readonly [number, number],
): number {
  let apart = 0;
  for (let k = 0; k < mean.length; k++) {
    mean[k] = (a * left[k]! + b * right[k]!) / (a + b);
    apart += a * (left[k]! - mean[k]!) ** 2 + b * (right[k]! - mean[k]!) ** 2;
  }
  return apart;
}
