import { IntegrityError } from '../../errors/index.ts';
import type { ModelParts } from '../types.ts';

/** The feature number of a leaf. */
export const LEAF = -1;

/**
 * Binary trees in flat arrays, one behind the other, each in preorder: the left child of node n is n + 1, the right
 * one `right[n]`. A row goes left where its feature is below the threshold.
 */
export interface FlatForest {
  /** Tree t is nodes treeStarts[t] to treeStarts[t + 1] - 1; one entry more than there are trees. */
  treeStarts: Uint32Array;
  /** Column that the node asks, or LEAF. */
  feature: Int32Array;
  /** Threshold of a node; value (a number, or a class index) of a leaf. */
  value: Float64Array;
  /** Right child; 0 at a leaf. */
  right: Uint32Array;
}

/** A node on the way into a flat forest: a leaf where `split` is absent. */
export interface TreeShape {
  value: number;
  split?: { feature: number; threshold: number; left: TreeShape; right: TreeShape };
}

/** Lays trees flat. Iterative, so that a tree as deep as it has rows does no harm. */
export function flatten(trees: readonly TreeShape[]): FlatForest {
  const treeStarts = new Uint32Array(trees.length + 1);
  const feature: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  for (const [t, tree] of trees.entries()) {
    const waiting: { node: TreeShape; parent: number }[] = [{ node: tree, parent: -1 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const at = feature.length;
      if (next.parent >= 0) right[next.parent] = at;
      const { split } = next.node;
      feature.push(split?.feature ?? LEAF);
      value.push(split?.threshold ?? next.node.value);
      right.push(0);
      if (split === undefined) continue;
      waiting.push({ node: split.right, parent: at }, { node: split.left, parent: -1 });
    }
    treeStarts[t + 1] = feature.length;
  }
  return {
    treeStarts,
    feature: Int32Array.from(feature),
    value: Float64Array.from(value),
    right: Uint32Array.from(right),
  };
}

/** The leaf that row `from / width` of the row-major data ends in, in the tree that starts at node `start`. */
export function leafOf(forest: FlatForest, start: number, data: Float64Array, from: number): number {
  const { feature, value, right } = forest;
  let node = start;
  for (let asked = feature[node]!; asked !== LEAF; asked = feature[node]!) {
    node = data[from + asked]! < value[node]! ? node + 1 : right[node]!;
  }
  return node;
}

/** The forest's arrays as sections of a model file. */
export function forestSections(forest: FlatForest): ModelParts['sections'] {
  return { treeStarts: forest.treeStarts, feature: forest.feature, value: forest.value, right: forest.right };
}

/**
 * A forest from the sections of a file, every index checked: afterwards no walk can leave a tree or go round in it.
 *
 * @param leafOk says whether a leaf may hold this value
 * @throws IntegrityError
 */
export function readForest(
  parts: ModelParts,
  features: number,
  leafOk: (value: number) => boolean,
): FlatForest {
  const { treeStarts, feature, value, right } = parts.sections;
  if (
    !(treeStarts instanceof Uint32Array) ||
    !(feature instanceof Int32Array) ||
    !(value instanceof Float64Array) ||
    !(right instanceof Uint32Array)
  ) {
    throw new IntegrityError('a section of the forest is missing or of another type');
  }
  const nodes = feature.length;
  const shapely =
    treeStarts.length >= 2 &&
    treeStarts[0] === 0 &&
    treeStarts[treeStarts.length - 1] === nodes &&
    value.length === nodes &&
    right.length === nodes;
  if (!shapely) throw new IntegrityError('the sections of the forest do not fit one another');
  for (let t = 0; t + 1 < treeStarts.length; t++) {
    checkTree({ treeStarts, feature, value, right }, t, features, leafOk);
  }
  return { treeStarts, feature, value, right };
}

function checkTree(
  forest: FlatForest,
  t: number,
  features: number,
  leafOk: (value: number) => boolean,
): void {
  const start = forest.treeStarts[t]!;
  const end = forest.treeStarts[t + 1]!;
  let sound = start < end;
  for (let node = start; node < end && sound; node++) {
    const [asked, value, right] = [forest.feature[node]!, forest.value[node]!, forest.right[node]!];
    // Both children lie behind the node and inside the tree, so each step of a walk goes forward and ends.
    sound =
      asked === LEAF
        ? right === 0 && leafOk(value)
        : asked >= 0 && asked < features && Number.isFinite(value) && right > node + 1 && right < end;
  }
  if (!sound) throw new IntegrityError(`tree ${t} of the forest is damaged`);
}
