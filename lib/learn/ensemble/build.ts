import { BadDefinitionError } from '../../errors/index.ts';
import { type Ensemble, type Leaves, maxTreeNodes, slotBitsFor } from './ensemble.ts';
import { layTree, type PlainTree } from './lay-tree.ts';

export type { PlainTree } from './lay-tree.ts';

/** Trees as plain arrays, and how they make a score together. */
export interface PlainEnsemble {
  /** p: features that a row has. */
  featureCount: number;
  /** K: numbers that a row's raw score has; 1 where absent. */
  outputs?: number;
  /** Categories of each feature, 0 where it is numeric; absent: all are numeric. */
  categoryCounts?: ArrayLike<number>;
  aggregate: 'mean' | 'sum';
  /** Added to a sum; K numbers, zeros where absent. */
  base?: ArrayLike<number>;
  trees: readonly PlainTree[];
}

/** No feature may have more categories: a set has 256 bits, and one of them is for what is missing. */
export const MOST_CATEGORIES = 255;

/**
 * Packs plain trees into the layout that prediction walks: pairs of children side by side, 8 bytes a node.
 * For tests, for imported models and for whoever's training is not in a kernel.
 *
 * @throws BadDefinitionError where a tree is not a tree, or too large for its nodes, or numbers are not finite
 * @example
 * // x0 <= 1.5 ? 10 : 20
 * buildEnsemble({
 *   featureCount: 1,
 *   aggregate: 'mean',
 *   trees: [{ feature: [0, -1, -1], threshold: [1.5, 0, 0], left: [1, 0, 0], right: [2, 0, 0], value: [0, 10, 20] }],
 * });
 */
export function buildEnsemble(plain: PlainEnsemble): Ensemble {
  const { featureCount, outputs = 1, aggregate, trees } = plain;
  const categoryCounts = Uint16Array.from(plain.categoryCounts ?? new Uint16Array(featureCount));
  if (categoryCounts.length !== featureCount || categoryCounts.some((count) => count > MOST_CATEGORIES)) {
    refuse(`there must be ${featureCount} counts of categories, each at most ${MOST_CATEGORIES}`);
  }
  if (aggregate === 'mean' && trees.length === 0) refuse('a mean needs a tree');
  const slotBits = slotBitsFor(
    featureCount,
    categoryCounts.some((count) => count > 0),
  );
  const roots = new Uint32Array(trees.length + 1);
  for (const [t, tree] of trees.entries()) {
    if (tree.feature.length > maxTreeNodes(slotBits)) {
      refuse(
        `tree ${t} has more than the ${maxTreeNodes(slotBits)} nodes that ${featureCount} features allow`,
      );
    }
    roots[t + 1] = roots[t]! + tree.feature.length;
  }
  const total = roots[trees.length]!;
  const nodes = new Uint32Array(2 * total);
  const cover = new Float32Array(total);
  const setWords: number[] = [];
  const setNumbers = new Map<string, number>();
  const places = trees.map((tree, t) =>
    layTree(tree, t, {
      featureCount,
      slotBits,
      categoryCounts,
      nodes: nodes.subarray(2 * roots[t]!, 2 * roots[t + 1]!),
      cover: cover.subarray(roots[t]!, roots[t + 1]!),
      numberOfSet: (set) => {
        const key = set.join();
        const known = setNumbers.get(key);
        if (known !== undefined) return known;
        setNumbers.set(key, setNumbers.size);
        setWords.push(...set);
        return setNumbers.size - 1;
      },
    }),
  );
  return {
    featureCount,
    outputs,
    slotBits,
    roots,
    nodes,
    cover,
    sets: Uint32Array.from(setWords),
    categoryCounts,
    leaves: leavesOf(trees, places, roots, outputs),
    aggregate,
    base: baseOf(plain, outputs),
  };
}

function baseOf({ base, aggregate }: PlainEnsemble, outputs: number): Float64Array {
  const out = Float64Array.from(base ?? new Float64Array(outputs));
  if (out.length !== outputs || !out.every(Number.isFinite))
    refuse(`the base must be finite numbers, one for each of ${outputs} outputs`);
  if (aggregate === 'mean' && out.some((value) => value !== 0)) refuse('a mean has no base');
  return out;
}

/** Numbers where each tree has one value a node, distributions where it has K. */
function leavesOf(
  trees: readonly PlainTree[],
  places: readonly Uint32Array[],
  roots: Uint32Array,
  outputs: number,
): Leaves {
  const total = roots[trees.length]!;
  const perNode = (width: number) =>
    trees.every(({ value, feature }) => value.length === feature.length * width);
  if (perNode(1)) {
    const values = new Float32Array(total);
    for (const [t, { feature, value }] of trees.entries()) {
      for (let i = 0; i < feature.length; i++) {
        if (feature[i]! < 0) values[roots[t]! + places[t]![i]!] = finite(value[i]!, t);
      }
    }
    const treeOutputs = Uint16Array.from(trees, ({ output = 0 }) => output);
    if (trees.some(({ output = 0 }) => !(output >= 0 && output < outputs))) {
      refuse(`a tree's output must be 0 to ${outputs - 1}`);
    }
    return { kind: 'value', values, treeOutputs };
  }
  if (!perNode(outputs)) refuse(`every tree must have one value a node, or ${outputs}`);
  return distributions(trees, places, roots, outputs);
}

function distributions(
  trees: readonly PlainTree[],
  places: readonly Uint32Array[],
  roots: Uint32Array,
  outputs: number,
): Leaves {
  const rows = new Int32Array(roots[trees.length]!);
  const tableStarts = new Uint32Array(trees.length + 1);
  const table: number[] = [];
  for (const [t, { feature, value }] of trees.entries()) {
    for (let i = 0; i < feature.length; i++) {
      if (feature[i]! >= 0) continue;
      const shares = Array.from({ length: outputs }, (_, k) => finite(value[i * outputs + k]!, t));
      const sum = shares.reduce((total, share) => total + share, 0);
      const negative = shares.find((share) => share < 0);
      if (negative !== undefined || Math.abs(sum - 1) > 1e-4) {
        const why = negative === undefined ? `its shares sum to ${sum}` : `it holds a share of ${negative}`;
        refuse(`a leaf of tree ${t} is no distribution: ${why}`);
      }
      const pure = shares.indexOf(1);
      rows[roots[t]! + places[t]![i]!] = pure >= 0 ? -1 - pure : table.length / outputs - tableStarts[t]!;
      if (pure < 0) table.push(...shares);
    }
    tableStarts[t + 1] = table.length / outputs;
  }
  return { kind: 'distribution', rows, table: Float32Array.from(table), tableStarts };
}

function finite(value: number, t: number): number {
  if (Number.isFinite(Math.fround(value))) return value;
  return refuse(`a leaf of tree ${t} holds ${value}, which is no finite float32`);
}

function refuse(what: string): never {
  throw new BadDefinitionError(`these trees make no ensemble: ${what}`, {
    remedy: 'Correct the trees that were given.',
  });
}
