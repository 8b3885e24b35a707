import { maxTreeNodes } from '../../ensemble/ensemble.ts';
import { KernelRandom } from '../../kernel/random.ts';
import { EXACT_ROWS, type Grown, type GrownTree, type GrowTask, slotBitsOf, triesAll } from '../grown.ts';
import { binCodes, type Codes, exactCodes } from './codes.ts';
import { type Bag, measureFor } from './measure.ts';
import { judge } from './out-of-bag.ts';
import { bestSplit } from './split.ts';
import { TreeWriter } from './tree-writer.ts';

/**
 * The forest's trees in plain TypeScript: the reference that the kernel (assembly/) must match bit for bit, and what
 * works where WebAssembly does not. Same arguments and answer as `growOnKernel`, many times slower.
 */
export function growPlain(
  task: GrowTask,
  { from, to }: { from: number; to: number },
  onProgress?: (share: number) => void,
): Grown {
  const { bins, target } = task;
  const votes =
    target.kind === 'classes' ? new Int32Array(bins.rows * target.classes) : new Float64Array(bins.rows * 2);
  const trees: GrownTree[] = [];
  for (let t = from; t < to; t++) {
    const random = new KernelRandom(task.seed, t);
    const bag = drawBag(task, random);
    const tree = growTree(task, bag, random);
    if (task.outOfBag) judge(task, bag, tree, votes);
    trees.push(tree);
    onProgress?.((t + 1 - from) / (to - from));
  }
  return { trees, votes: task.outOfBag ? votes : undefined, pieces: [to - from] };
}

/** Weight of each row in a tree's bag: how often it was drawn, or without bootstrap its own. */
function drawBag({ bins, settings, target }: GrowTask, random: KernelRandom): Bag {
  const weight = settings.bootstrap
    ? drawCounts(bins.rows, settings.drawn, target.ends, random)
    : (target.weights ?? new Int32Array(bins.rows).fill(1));
  return { weight, rows: Array.from(weight.keys()).filter((row) => weight[row]! > 0) };
}

/** How often each row comes in `drawn` draws, each row as likely as its weight is of the sum. */
function drawCounts(
  rows: number,
  drawn: number,
  ends: Int32Array | undefined,
  random: KernelRandom,
): Int32Array {
  const counts = new Int32Array(rows);
  for (let i = 0; i < drawn; i++) {
    if (ends === undefined) counts[random.below(rows)]! += 1;
    else {
      const at = random.below(ends[rows - 1]!);
      counts[ends.findIndex((end) => end > at)]! += 1;
    }
  }
  return counts;
}

interface Waiting {
  rows: readonly number[];
  codes: Codes;
  node: number;
  depth: number;
}

function growTree(task: GrowTask, bag: Bag, random: KernelRandom): GrownTree {
  const { bins, settings } = task;
  const slotBits = slotBitsOf(bins);
  const measure = measureFor(task, bag);
  const writer = new TreeWriter(bins, slotBits);
  const importance = new Float64Array(bins.featureCount);
  const permutation = Array.from({ length: bins.featureCount }, (_, f) => f);
  /** Writes a node as a leaf if it is sure to be one. */
  const settle = ({ rows, node, depth }: Pick<Waiting, 'rows' | 'node' | 'depth'>): boolean => {
    const leaf = measure.isPure(rows) || rows.length < settings.minSplit || depth >= settings.maxDepth;
    if (leaf) measure.writeLeaf(writer, node, rows);
    return leaf;
  };
  const byBin = binCodes(bins);
  const exact = triesAll(task);
  const root = { rows: bag.rows, codes: byBin, node: writer.addRoot(), depth: 0 };
  const waiting: Waiting[] = settle(root) ? [] : [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { rows, node, depth } = next;
    // Exact from the first node of few rows on: its subtree knows its rows' values.
    const codes =
      exact && next.codes === byBin && rows.length <= EXACT_ROWS ? exactCodes(task, rows) : next.codes;
    const split = bestSplit(task, measure, codes, rows, () => featuresInTurn(task, permutation, random));
    if (split === undefined || writer.nodeCount + 2 > maxTreeNodes(slotBits)) {
      if (split !== undefined) writer.full = true;
      measure.writeLeaf(writer, node, rows);
      continue;
    }
    importance[split.feature]! += measure.decrease(split.gain, rows);
    const [left, right]: [number[], number[]] = [[], []];
    for (const row of rows) (split.goesLeft[codes.of(split.feature, row)] ? left : right).push(row);
    const cover = measure.weight(rows);
    const first = writer.addSplit(node, split, left, right, { cover, leftCover: measure.weight(left) });
    const children = [
      { rows: left, codes, node: first, depth: depth + 1 },
      { rows: right, codes, node: first + 1, depth: depth + 1 },
    ].filter((child) => !settle(child));
    waiting.push(...children.reverse());
  }
  return { ...writer.finish(), importance };
}

/**
 * The features that a node tries, in turn. Some: drawn without replacement from an order that the nodes before left.
 * All: one draw says with which to begin, as of equal splits the first is taken.
 */
function* featuresInTurn(
  { settings, bins }: GrowTask,
  permutation: number[],
  random: KernelRandom,
): Generator<number> {
  const count = bins.featureCount;
  if (settings.tried === count) {
    const offset = random.below(count);
    for (let turn = 0; turn < count; turn++) yield (turn + offset) % count;
    return;
  }
  for (let turn = 0; turn < count; turn++) {
    const at = turn + random.below(count - turn);
    const feature = permutation[at]!;
    permutation[at] = permutation[turn]!;
    permutation[turn] = feature;
    yield feature;
  }
}
