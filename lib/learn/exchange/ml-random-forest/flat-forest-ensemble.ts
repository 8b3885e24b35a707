import { buildEnsemble, type PlainTree } from '../../ensemble/build.ts';
import type { Ensemble } from '../../ensemble/ensemble.ts';
import { type FlatForest, LEAF, readForest } from '../../ml-random-forest/flat-forest.ts';
import type { Model } from '../../types.ts';
import { lessThan32 } from '../float32.ts';

/**
 * The trees of a model that ml-random-forest trained here, as an ensemble: the mean of its trees' numbers, or of their
 * votes. Its `x < t` of doubles becomes a question of float32 values; float32.ts says where they differ.
 */
export function forestEnsemble(model: Model): Ensemble | undefined {
  if (model.algorithm !== 'ml-random-forest') return undefined;
  const { classes, features } = model;
  const forest = readForest(model.toFile(), features.length, Number.isFinite);
  const trees = Array.from({ length: forest.treeStarts.length - 1 }, (_, t) =>
    plainTree(forest, t, classes.length),
  );
  return buildEnsemble({
    featureCount: features.length,
    outputs: Math.max(1, classes.length),
    aggregate: 'mean',
    trees,
  });
}

function plainTree({ treeStarts, feature, value, right }: FlatForest, t: number, classes: number): PlainTree {
  const [from, to] = [treeStarts[t]!, treeStarts[t + 1]!];
  const places = Array.from({ length: to - from }, (_, i) => from + i);
  const numbers = places.map((at) => (feature[at] === LEAF ? value[at]! : 0));
  return {
    feature: places.map((at) => feature[at]!),
    threshold: places.map((at) => (feature[at] === LEAF ? 0 : lessThan32(value[at]!))),
    left: places.map((at) => at + 1 - from),
    right: places.map((at) => right[at]! - from),
    value:
      classes > 1
        ? numbers.flatMap((vote, i) => share(feature[places[i]!] === LEAF ? vote : -1, classes))
        : numbers,
  };
}

/** All of one class; nothing for an inner node. */
const share = (vote: number, classes: number): number[] =>
  Array.from({ length: classes }, (_, k) => (k === vote ? 1 : 0));
