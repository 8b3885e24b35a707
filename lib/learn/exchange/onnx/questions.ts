import { floor32 } from '../../ensemble/lay-tree.ts';
import { below32 } from '../float32.ts';
import type { OnnxTree } from './tree-attributes.ts';

/** A node's question as our trees ask it: `x <= threshold` or membership of a set, and where each answer leads. */
export interface Question {
  threshold: number;
  codes?: number[];
  missingLeft: boolean;
  left: Branch;
  right: Branch;
}

/** A node of the file's tree, or a second question about the same value. */
export type Branch = number | Question;

/**
 * The node at `place` as questions of `<=` on float32 values. A float32 x is below a threshold t exactly where it is at
 * most the largest float32 below t, so every comparison has an exact twin, for doubles as thresholds too.
 */
export function questionAt(
  tree: OnnxTree,
  place: number,
  codes: ReadonlyMap<number, number> | undefined,
): Question {
  const [yes, no] = [tree.whenTrue[place]!, tree.whenFalse[place]!];
  const value = tree.value[place]!;
  const missingYes = tree.missingTrue[place] === 1;
  const atMost = (threshold: number): Question => ({
    threshold,
    missingLeft: missingYes,
    left: yes,
    right: no,
  });
  const above = (threshold: number): Question => ({
    threshold,
    missingLeft: !missingYes,
    left: no,
    right: yes,
  });
  switch (tree.mode[place]) {
    case 'BRANCH_LEQ':
      return atMost(floor32(value));
    case 'BRANCH_LT':
      return atMost(below32(value));
    case 'BRANCH_GT':
      return above(floor32(value));
    case 'BRANCH_GTE':
      return above(below32(value));
    case 'BRANCH_NEQ':
      // A missing value differs from every number.
      return equals(tree, place, codes, { same: no, other: yes, missingSame: false });
    default:
      return equals(tree, place, codes, { same: yes, other: no, missingSame: missingYes });
  }
}

type Sides = { same: number; other: number; missingSame: boolean };

function equals(
  tree: OnnxTree,
  place: number,
  codes: ReadonlyMap<number, number> | undefined,
  { same, other, missingSame }: Sides,
): Question {
  const value = tree.value[place]! + 0;
  if (codes !== undefined) return membership(tree, place, codes, { same, other, missingSame });
  // No float32 equals it: only what is missing can go where equal values go.
  if (Math.fround(value) !== value) {
    const nothing = Number.NEGATIVE_INFINITY;
    return { threshold: nothing, missingLeft: missingSame, left: missingSame ? same : other, right: other };
  }
  const second: Question = { threshold: below32(value), missingLeft: false, left: other, right: same };
  return { threshold: value, missingLeft: missingSame, left: second, right: other };
}

/** The chain "a? or b? or c?" that leads to the same child each time, as one set. */
function membership(
  tree: OnnxTree,
  place: number,
  codes: ReadonlyMap<number, number>,
  { same, other, missingSame }: Sides,
): Question {
  const question: Question = {
    threshold: 0,
    codes: [],
    missingLeft: missingSame,
    left: same,
    right: other,
  };
  const add = (node: number): void => {
    const code = codes.get(tree.value[node]! + 0);
    if (code !== undefined) question.codes!.push(code);
  };
  add(place);
  for (let next = other; isLink(tree, next, place, same); next = tree.whenFalse[next]!) {
    add(next);
    question.missingLeft ||= tree.missingTrue[next] === 1;
    question.right = tree.whenFalse[next]!;
  }
  return question;
}

const isLink = (tree: OnnxTree, next: number, first: number, same: number): boolean =>
  tree.mode[next] === 'BRANCH_EQ' &&
  tree.feature[next] === tree.feature[first] &&
  tree.whenTrue[next] === same;
