import { IntegrityError } from '../../../errors/index.ts';
import type { PlainTree } from '../../ensemble/lay-tree.ts';
import { MOST_SERVED_NODES } from '../../file/served-limits.ts';
import { UnsupportedModelError } from '../errors.ts';
import { type Branch, type Question, questionAt } from './questions.ts';
import type { OnnxTree } from './tree-attributes.ts';

/** A tree in which every node has one parent, growing. `source` is each node's place in the file's tree, -1 for none. */
export interface GrowingTree {
  feature: number[];
  threshold: number[];
  left: number[];
  right: number[];
  missingLeft: boolean[];
  categories: (number[] | undefined)[];
  source: number[];
}

/**
 * How many nodes all trees of a model may come to, after those that are shared were written out: as many as a function
 * of 1,024 MB can serve, at 8 bytes a node and 8 more for its leaf and cover. A file of the largest size that is read has
 * hardly more, as one node takes some 30 bytes of ONNX.
 */
export const MOST_NODES = MOST_SERVED_NODES;

/** Codes of the values of each categorical feature; undefined for numbers. */
export type CodeMaps = readonly (ReadonlyMap<number, number> | undefined)[];

/**
 * A tree of the file as questions of `<=` and of sets. Children that several nodes share are written out for each, save
 * in chains of BRANCH_EQ, which become one set.
 *
 * @param budget nodes that may still be made
 * @throws IntegrityError where the tree goes round in a circle, UnsupportedModelError where it comes to too many nodes
 */
export function growTree(tree: OnnxTree, where: string, codes: CodeMaps, budget: number): GrowingTree {
  requireNoCircle(tree, where);
  const out: GrowingTree = {
    feature: [],
    threshold: [],
    left: [],
    right: [],
    missingLeft: [],
    categories: [],
    source: [],
  };
  const waiting: { branch: Branch; feature: number; parent: number; side: 'left' | 'right' }[] = [
    { branch: 0, feature: -1, parent: -1, side: 'left' },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { branch, parent, side } = next;
    const at = out.feature.length;
    if (at >= budget) {
      throw new UnsupportedModelError(
        `${where}: tree ${tree.id} comes to too many nodes: all trees may have ${MOST_NODES}, those that are shared written out for each parent`,
        { remedy: 'Train with fewer and shallower trees, or with one-hot encoded categories.' },
      );
    }
    if (parent >= 0) out[side][parent] = at;
    const leaf = typeof branch === 'number' && tree.mode[branch] === 'LEAF';
    const feature = typeof branch === 'number' ? tree.feature[branch]! : next.feature;
    const question: Question | undefined = leaf
      ? undefined
      : typeof branch === 'number'
        ? questionAt(tree, branch, codes[feature])
        : branch;
    out.feature.push(leaf ? -1 : feature);
    out.threshold.push(question?.threshold ?? 0);
    out.left.push(0);
    out.right.push(0);
    out.missingLeft.push(question?.missingLeft ?? false);
    out.categories.push(question?.codes);
    out.source.push(typeof branch === 'number' ? branch : -1);
    if (question === undefined) continue;
    waiting.push(
      { branch: question.right, feature, parent: at, side: 'right' },
      { branch: question.left, feature, parent: at, side: 'left' },
    );
  }
  return out;
}

/** Depth first with three states, no recursion: a node met while still open closes a circle. */
function requireNoCircle({ mode, whenTrue, whenFalse, id }: OnnxTree, where: string): void {
  const [fresh, open, done] = [0, 1, 2];
  const state = new Uint8Array(mode.length).fill(fresh);
  const waiting = [0];
  while (waiting.length > 0) {
    const node = waiting.at(-1)!;
    if (state[node] !== fresh || mode[node] === 'LEAF') {
      state[node] = done;
      waiting.pop();
      continue;
    }
    state[node] = open;
    for (const child of [whenTrue[node]!, whenFalse[node]!]) {
      if (state[child] === open) {
        throw new IntegrityError(`${where}: tree ${id} goes round in a circle`, {
          remedy: 'The file is damaged, or its converter is at fault: convert the model again.',
        });
      }
      if (state[child] === fresh) waiting.push(child);
    }
  }
}

/** The training weights in `nodes_hitrates`, where each inner node's is the sum of its children's; else none. */
export function coverOf(grown: GrowingTree, hits: readonly number[]): number[] | undefined {
  const cover = grown.source.map((place) => (place < 0 ? Number.NaN : hits[place]!));
  for (let i = 0; i < cover.length; i++) {
    if (!(cover[i]! >= 0)) return undefined;
    if (grown.feature[i]! < 0) continue;
    const sum = cover[grown.left[i]!]! + cover[grown.right[i]!]!;
    if (!(Math.abs(cover[i]! - sum) <= 1e-4 * cover[i]!)) return undefined;
  }
  return cover[0]! > 0 ? cover : undefined;
}

/** A grown tree with its leaves' numbers. */
export function withValues(
  grown: GrowingTree,
  value: ArrayLike<number>,
  rest: Partial<PlainTree> = {},
): PlainTree {
  const { feature, threshold, left, right, missingLeft, categories } = grown;
  return { feature, threshold, left, right, missingLeft, categories, value, ...rest };
}
