import { BadDefinitionError } from '../../errors/index.ts';

/** One tree as plain arrays, one entry a node, the root first and the others in any order. */
export interface PlainTree {
  /** The feature asked; -1 at a leaf. */
  feature: ArrayLike<number>;
  /** A row goes left where its value is at most this. Not looked at in leaves and categorical nodes. */
  threshold: ArrayLike<number>;
  left: ArrayLike<number>;
  right: ArrayLike<number>;
  /** Truthy where what is missing goes left; absent: it goes right. */
  missingLeft?: ArrayLike<number | boolean>;
  /** At a categorical node the codes that go left; undefined at others. */
  categories?: ArrayLike<Iterable<number> | undefined>;
  /** One number a node, or K (all alike, the outputs of a distribution); not looked at in inner nodes. */
  value: ArrayLike<number>;
  /** Training weight that came by; 0 where absent. */
  cover?: ArrayLike<number>;
  /** The output that the tree's numbers add to; 0 where absent. */
  output?: number;
}

/** Where a tree is laid, and what its nodes may ask. */
interface Ground {
  featureCount: number;
  slotBits: number;
  categoryCounts: Uint16Array;
  nodes: Uint32Array;
  cover: Float32Array;
  numberOfSet: (words: readonly number[]) => number;
}

const LARGEST = 3.4028234663852886e38;
const asFloat = new Float32Array(1);
const asWord = new Uint32Array(asFloat.buffer);

/**
 * The largest float32 that is at most `value`: rows are float32, so `x <= value` and `x <= floor32(value)` are one.
 *
 * @example
 * floor32(0.1); // 0.09999999403953552
 */
export function floor32(value: number): number {
  const near = Math.fround(value);
  if (near <= value) return near;
  asFloat[0] = near;
  // One step down: the next word below for positive numbers, above for negative ones; under 0 lies the smallest one.
  asWord[0] = near === 0 ? 0x80000001 : near > 0 ? asWord[0]! - 1 : asWord[0]! + 1;
  return asFloat[0]!;
}

/**
 * Lays one tree: children side by side, parents before children.
 *
 * @returns the place of each of the plain tree's nodes
 * @throws BadDefinitionError where it is not a tree over these features
 */
export function layTree(tree: PlainTree, t: number, ground: Ground): Uint32Array {
  const size = tree.feature.length;
  if (size === 0) refuse(t, 'it has no node');
  const place = new Uint32Array(size);
  const seen = new Uint8Array(size);
  const waiting = [0];
  let next = 1;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!(node >= 0 && node < size) || seen[node] === 1) refuse(t, `node ${node} is outside it or met twice`);
    seen[node] = 1;
    const at = place[node]!;
    ground.cover[at] = tree.cover?.[node] ?? 0;
    if (tree.feature[node]! < 0) {
      asFloat[0] = Number.POSITIVE_INFINITY;
      write(ground, at, asWord[0]!, at, 0);
      continue;
    }
    const [left, right] = [tree.left[node]!, tree.right[node]!];
    const [first, slot] = question(tree, t, node, ground);
    write(ground, at, first, next, slot);
    place[left] = next;
    place[right] = next + 1;
    next += 2;
    // The child that more rows come by is laid next, so that it is likelier in the cache already.
    const heavyRight = (tree.cover?.[left] ?? 0) < (tree.cover?.[right] ?? 0);
    waiting.push(heavyRight ? left : right, heavyRight ? right : left);
  }
  if (next !== size) refuse(t, `${size - next} of its nodes hang on nothing`);
  return place;
}

function write({ nodes, slotBits }: Ground, at: number, first: number, left: number, slot: number): void {
  nodes[2 * at] = first;
  nodes[2 * at + 1] = (left << slotBits) | slot;
}

/** The first word and the slot of an inner node. */
function question(tree: PlainTree, t: number, node: number, ground: Ground): [first: number, slot: number] {
  const { featureCount, categoryCounts } = ground;
  const feature = tree.feature[node]!;
  if (!(feature < featureCount)) refuse(t, `node ${node} asks feature ${feature} of ${featureCount}`);
  const missingLeft = Boolean(tree.missingLeft?.[node]);
  const codes = tree.categories?.[node];
  if (codes !== undefined) {
    const words = setWords([...codes, ...(missingLeft ? [categoryCounts[feature]!] : [])]);
    if (
      categoryCounts[feature] === 0 ||
      [...codes].some((code) => !(code >= 0 && code < categoryCounts[feature]!))
    ) {
      refuse(t, `node ${node} asks for categories that feature ${feature} does not have`);
    }
    return [ground.numberOfSet(words), 2 * featureCount + feature];
  }
  const threshold = tree.threshold[node]!;
  if (Number.isNaN(threshold)) refuse(t, `the threshold of node ${node} is not a number`);
  // What is missing stands as +Infinity where it goes right, so the threshold there must be less.
  asFloat[0] = missingLeft ? floor32(threshold) : Math.min(floor32(threshold), LARGEST);
  return [asWord[0]!, 2 * feature + (missingLeft ? 0 : 1)];
}

function setWords(codes: readonly number[]): number[] {
  const words = new Uint32Array(8);
  for (const code of codes) words[code >>> 5]! |= 1 << (code & 31);
  return [...words];
}

function refuse(t: number, what: string): never {
  throw new BadDefinitionError(`tree ${t} is not one over these features: ${what}`, {
    remedy: 'Correct the trees that were given.',
  });
}
