import { buildEnsemble, type PlainEnsemble, type PlainTree } from '../../ensemble/build.ts';
import type { Ensemble } from '../../ensemble/ensemble.ts';
import type { Link } from '../../ensemble/links.ts';
import { UnsupportedModelError } from '../errors.ts';
import { type CodeMaps, coverOf, type GrowingTree, growTree, MOST_NODES, withValues } from './plain-tree.ts';
import type { OnnxTree, OnnxTrees } from './tree-attributes.ts';

/** What the trees of a file are here. */
export interface ReadEnsemble {
  ensemble: Ensemble;
  link: Link;
  /** Sorted; empty for a regression. */
  classes: string[];
  /** True where the file holds training weights for every node. */
  covered: boolean;
}

/** A regressor's trees, and what its answer is multiplied by. */
export interface Term {
  trees: OnnxTrees;
  scale: number;
}

interface Shape {
  featureCount: number;
  codes: CodeMaps;
}

/** What a leaf's number may miss 0 or 1 by: shares are float32, and often divided by the number of trees. */
const SLACK = 1e-5;

/** Distributions of so many classes fit in memory for as many nodes as there may be; for more classes there may be fewer. */
const MOST_CLASSES_FREE = 10;

/** Hands out the nodes of each tree, and keeps count of how many there are. */
class Grower {
  readonly #shape: Shape;
  #made = 0;
  covered = true;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  grow(tree: OnnxTree, where: string, copies: number): { grown: GrowingTree; cover: { cover?: number[] } } {
    const grown = growTree(tree, where, this.#shape.codes, Math.floor((MOST_NODES - this.#made) / copies));
    this.#made += grown.feature.length * copies;
    const cover = coverOf(grown, tree.hits);
    this.covered &&= cover !== undefined;
    return { grown, cover: cover === undefined ? {} : { cover } };
  }

  build(plain: Pick<PlainEnsemble, 'outputs' | 'aggregate' | 'base' | 'trees'>): Ensemble {
    const categoryCounts = this.#shape.codes.map((codes) => codes?.size ?? 0);
    return buildEnsemble({ ...plain, featureCount: this.#shape.featureCount, categoryCounts });
  }
}

/** A sum of regressors. @throws UnsupportedModelError for several targets, or a transformed answer */
export function regression(terms: readonly Term[], shift: number, shape: Shape): ReadEnsemble {
  const grower = new Grower(shape);
  const trees: PlainTree[] = [];
  let base = shift;
  const total = terms.reduce((sum, term) => sum + term.trees.trees.length, 0);
  const scaleOf = ({ trees: { average, trees: own }, scale }: Term) => (average ? scale / own.length : scale);
  // A mean of all trees stays one: its leaves are then the very numbers of the file.
  const mean = total > 0 && terms.every((term) => Math.abs(scaleOf(term) * total - 1) < 1e-12);
  for (const { trees: given, scale } of terms) base += scale * (given.base[0] ?? 0);
  const asMean = mean && base === 0;
  for (const term of terms) {
    const { where, outputs, postTransform, trees: own } = term.trees;
    if (outputs !== 1) {
      throw new UnsupportedModelError(
        `${where}: it predicts ${outputs} numbers a row, and a model here predicts one`,
        {
          remedy: 'Train and convert a model for each of them.',
        },
      );
    }
    if (postTransform !== 'NONE') refuseTransform(where, postTransform);
    const factor = asMean ? 1 : scaleOf(term);
    for (const tree of own) {
      const { grown, cover } = grower.grow(tree, where, 1);
      trees.push(withValues(grown, valuesFor(tree, grown, 0, factor), cover));
    }
  }
  const ensemble = grower.build({ aggregate: asMean ? 'mean' : 'sum', base: [asMean ? 0 : base], trees });
  return { ensemble, link: 'identity', classes: [], covered: grower.covered };
}

/** A classifier: shares of classes (a forest), or log odds and scores (boosting). @throws UnsupportedModelError */
export function classification(given: OnnxTrees, shape: Shape): ReadEnsemble {
  const { where, labels, postTransform, trees } = given;
  const classes = sortLabels(labels);
  if (new Set(classes).size !== classes.length) {
    throw new UnsupportedModelError(`${where}: two of its classes are alike`);
  }
  const used = new Set(trees.flatMap((tree) => [...new Set(tree.weights.output)]));
  const single = given.single ?? (labels.length === 2 && used.size === 1);
  const place = labels.map((label) => classes.indexOf(label));
  const layout: Layout = { single, place, grower: new Grower(shape) };
  if (postTransform === 'NONE') return shares(given, classes, layout);
  if (postTransform === 'LOGISTIC' && single) return logOdds(given, classes, layout);
  if (postTransform === 'SOFTMAX' && !single && labels.length > 1) return scores(given, classes, layout);
  return refuseTransform(where, `${postTransform} of ${single ? 1 : labels.length} scores`);
}

interface Layout {
  /** Two classes, and leaves hold the number of the second alone. */
  single: boolean;
  /** Place of each of the file's labels among the sorted classes. */
  place: readonly number[];
  grower: Grower;
}

/** Leaves hold shares, or shares divided by the number of trees: the mean of the trees' distributions. */
function shares(given: OnnxTrees, classes: string[], { single, place, grower }: Layout): ReadEnsemble {
  const { where, trees, average, base } = given;
  const factor = average ? 1 : trees.length;
  const width = classes.length;
  const plain = trees.map((tree) => {
    // Every node has a number a class, so classes count as copies do.
    const { grown, cover } = grower.grow(tree, where, Math.max(1, width / MOST_CLASSES_FREE));
    const vectors = new Float64Array(tree.mode.length * width);
    const { place: leaves, output, weight } = tree.weights;
    for (const [i, leaf] of leaves.entries()) {
      const k = single ? place[1]! : place[output[i]!]!;
      vectors[leaf * width + k]! += weight[i]! * factor;
    }
    const value = new Float64Array(grown.source.length * width);
    for (const [node, leaf] of grown.source.entries()) {
      if (grown.feature[node]! >= 0) continue;
      const vector = vectors.subarray(leaf * width, (leaf + 1) * width);
      const own = vector.map((share, k) => share + (baseOf(base, single, place, k) ?? 0));
      if (single) own[place[0]!] = 1 - own[place[1]!]!;
      value.set(distribution(own, where), node * width);
    }
    return withValues(grown, value, cover);
  });
  const ensemble = grower.build({ outputs: width, aggregate: 'mean', trees: plain });
  return { ensemble, link: 'none', classes, covered: grower.covered };
}

/** What `base_values` adds to class k of the sorted ones. */
function baseOf(
  base: readonly number[],
  single: boolean,
  place: readonly number[],
  k: number,
): number | undefined {
  if (single) return k === place[1] ? base.at(-1) : undefined;
  return base[place.indexOf(k)];
}

function distribution(own: Float64Array, where: string): Float64Array {
  const total = own.reduce((sum, share) => sum + share, 0);
  if (own.some((share) => !(share >= -SLACK)) || Math.abs(total - 1) > SLACK * 10) {
    throw new UnsupportedModelError(
      `${where}: its leaves hold scores, not shares of the classes, and post_transform is NONE`,
      { remedy: 'Convert a model whose answers are probabilities.' },
    );
  }
  const tidy = own.map((share) => (share < 1e-7 ? 0 : share > 1 - 1e-6 ? 1 : share));
  const sum = tidy.reduce((all, share) => all + share, 0);
  return tidy.map((share) => share / sum);
}

/** One score, the log odds of the second of the file's labels. */
function logOdds(given: OnnxTrees, classes: string[], { place, grower }: Layout): ReadEnsemble {
  const { where, trees, average, base } = given;
  const sign = place[1] === 1 ? 1 : -1;
  const factor = (average ? 1 / trees.length : 1) * sign;
  const plain = trees.map((tree) => {
    const { grown, cover } = grower.grow(tree, where, 1);
    return withValues(grown, valuesFor(tree, grown, undefined, factor), cover);
  });
  const ensemble = grower.build({ aggregate: 'sum', base: [sign * (base.at(-1) ?? 0)], trees: plain });
  return { ensemble, link: 'logistic', classes, covered: grower.covered };
}

/** A score a class. A tree whose leaves score several classes becomes a tree for each. */
function scores(given: OnnxTrees, classes: string[], { place, grower }: Layout): ReadEnsemble {
  const { where, trees, average, base, labels } = given;
  const factor = average ? 1 / trees.length : 1;
  const plain = trees.flatMap((tree) => {
    const outputs = [...new Set(tree.weights.output)].sort((a, b) => a - b);
    const { grown, cover } = grower.grow(tree, where, outputs.length);
    return outputs.map((output) =>
      withValues(grown, valuesFor(tree, grown, output, factor), { ...cover, output: place[output]! }),
    );
  });
  const sorted = new Float64Array(labels.length);
  for (const [label, k] of place.entries()) sorted[k] = base[label] ?? (base.length === 1 ? base[0]! : 0);
  const ensemble = grower.build({ outputs: classes.length, aggregate: 'sum', base: sorted, trees: plain });
  return { ensemble, link: 'softmax', classes, covered: grower.covered };
}

/** One number a grown node: what its leaf adds to one output (to any, where none is named). */
function valuesFor(
  tree: OnnxTree,
  grown: GrowingTree,
  output: number | undefined,
  factor: number,
): Float64Array {
  const sums = new Float64Array(tree.mode.length);
  const { place, output: outputs, weight } = tree.weights;
  for (const [i, leaf] of place.entries()) {
    if (output === undefined || outputs[i] === output) sums[leaf]! += weight[i]! * factor;
  }
  return Float64Array.from(grown.source, (leaf) => (leaf < 0 ? 0 : sums[leaf]!));
}

/** Numbers by value, names by code unit: the order of a model's classes. */
function sortLabels(labels: readonly string[]): string[] {
  const numeric = labels.every((label) => label !== '' && String(Number(label)) === label);
  return [...labels].sort(numeric ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function refuseTransform(where: string, transform: string): never {
  throw new UnsupportedModelError(`${where}: post_transform ${transform} is not done here`, {
    remedy: 'NONE of shares, LOGISTIC of one score and SOFTMAX of one score a class are known.',
  });
}
