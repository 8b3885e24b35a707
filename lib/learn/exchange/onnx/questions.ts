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

/** Where a node of equality leads, and the values that lead there with those of the links behind it. */
interface Chain extends Sides {
  values: readonly number[];
}

function equals(
  tree: OnnxTree,
  place: number,
  codes: ReadonlyMap<number, number> | undefined,
  sides: Sides,
): Question {
  const chain = chainFrom(tree, place, sides);
  return codes === undefined ? among(chain) : membership(chain, codes);
}

/** The chain "a? or b? or c?" that leads to the same child each time. Its values are each there once. */
function chainFrom(tree: OnnxTree, place: number, { same, ...first }: Sides): Chain {
  const isLink = (next: number): boolean =>
    tree.mode[next] === 'BRANCH_EQ' &&
    tree.feature[next] === tree.feature[place] &&
    tree.whenTrue[next] === same;
  let { other, missingSame } = first;
  // -0 and 0 are one value.
  const values = new Set([tree.value[place]! + 0]);
  for (; isLink(other); other = tree.whenFalse[other]!) {
    values.add(tree.value[other]! + 0);
    missingSame ||= tree.missingTrue[other] === 1;
  }
  return { same, other, missingSame, values: [...values] };
}

function membership(
  { values, missingSame, same, other }: Chain,
  codeOf: ReadonlyMap<number, number>,
): Question {
  const codes = values.flatMap((value) => codeOf.get(value) ?? []);
  return { threshold: 0, codes, missingLeft: missingSame, left: same, right: other };
}

/**
 * One of the values, asked by `<=`: the values cut the numbers into segments that lead elsewhere and to `same` in turn,
 * and questions halve them. A chain of links would need the rest of the tree once for each of them, and of those again.
 */
function among({ values, missingSame, same, other }: Chain): Question {
  // Others no float32 equals.
  const known = Float64Array.from(values.filter((value) => Math.fround(value) === value)).sort();
  if (known.length === 0) {
    const nothing = Number.NEGATIVE_INFINITY;
    return { threshold: nothing, missingLeft: missingSame, left: missingSame ? same : other, right: other };
  }
  const ends = Array.from(known).flatMap((value) => [below32(value), value]);
  // What is missing goes to the first segment, which is below all values, or to the first value.
  const ofMissing = missingSame ? 1 : 0;
  const halve = (from: number, to: number): Branch => {
    if (from === to) return from % 2 === 0 ? other : same;
    const middle = (from + to) >>> 1;
    return {
      threshold: ends[middle]!,
      missingLeft: ofMissing <= middle,
      left: halve(from, middle),
      right: halve(middle + 1, to),
    };
  };
  return halve(0, ends.length) as Question;
}
