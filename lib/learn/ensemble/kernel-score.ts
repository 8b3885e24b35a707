import { compileKernel, instantiate, type KernelExports, KernelMemory, kernelsRun } from '../kernel/host.ts';
import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { kernel } from './kernel.generated.ts';
import { fillBlocks, type KernelLayout, kernelLayout, LANES, layNodes, nodeWords } from './kernel-layout.ts';
import { likeRowsTogether } from './row-order.ts';
import { divide } from './score.ts';

/**
 * Most bytes of blocks that the kernel gets at once: thousands of rows, so that a tree is read once for many of them.
 * Blocks are read from front to back and need not stay in a cache; with 512 KB large forests took a third longer.
 */
const CHUNK_BYTES = 4 * 1024 * 1024;
/**
 * Rows times trees that one call of the kernel walks. The engine puts better code in place of its first between calls
 * only: were all trees one call, the first batch of a process would run in the first code to its end.
 */
const ROW_TREES_A_CALL = 20_000;
/** Larger models are left to plain TypeScript rather than held twice. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** An array of the ensemble, or room for so many bytes. */
type Part = Uint32Array | Int32Array | Float32Array | Float64Array | Uint16Array | number;

interface Resident {
  ensemble: Ensemble;
  layout: KernelLayout;
  /** Rows that there is room for. */
  chunk: number;
  /** Address of `Job` in assembly/index.ts, and its fields. */
  job: number;
  fields: Uint32Array;
  /** Blocks of rows, as words and as numbers. */
  blocksAt: number;
  words: Uint32Array;
  numbers: Float32Array;
  /** Row-major, rows and those that the last block lacks × outputs. */
  sumsAt: number;
  sums: Float64Array;
  outputs: number;
  walkRows: (job: number) => void;
  walkTrees: (job: number) => void;
}

/**
 * The one memory of this thread for prediction, and the ensemble that lies in it: a memory of its own for each model
 * would hold address space until the model is collected.
 */
let memory: KernelMemory | undefined;
let exports: KernelExports | undefined;
let region = { at: 0, bytes: 0 };
let resident: Resident | undefined;

/** Whether a batch can go to the kernel on this engine, with this ensemble. */
export function kernelTakes(ensemble: Ensemble): boolean {
  return kernelsRun() && bytesOf(ensemble) < MOST_BYTES;
}

/** True where the ensemble lies in the kernel's memory already, so that a batch costs no copy of it. */
export const isResident = (ensemble: Ensemble): boolean => resident?.ensemble === ensemble;

/** What `plainScorer` answers, bit for bit. */
export function kernelScores(ensemble: Ensemble, x: FeatureMatrix): Float64Array {
  const { outputs, base, aggregate, roots } = ensemble;
  const held = isResident(ensemble) ? resident! : settle(ensemble);
  const trees = roots.length - 1;
  const scores = new Float64Array(x.rowCount * outputs);
  const order = likeRowsTogether(ensemble, x);
  for (let from = 0; from < x.rowCount; from += held.chunk) {
    const rows = Math.min(held.chunk, x.rowCount - from);
    fillBlocks(ensemble, held.layout, x, from, rows, held.words, held.numbers, order);
    for (let j = 0; j < rows * outputs; j++) held.sums[j] = base[j % outputs]!;
    addTrees(held, trees, rows);
    const sums = held.sums.subarray(0, rows * outputs);
    if (order === undefined) scores.set(sums, from * outputs);
    else scatter(sums, order.subarray(from, from + rows), outputs, scores);
  }
  if (aggregate === 'mean') divide(scores, trees);
  return scores;
}

/** Puts each row's numbers where the row belongs. */
function scatter(sums: Float64Array, rows: Uint32Array, outputs: number, scores: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < outputs; k++) scores[rows[i]! * outputs + k] = sums[i * outputs + k]!;
  }
}

/** Adds all trees to the sums of the rows that lie in the blocks. */
function addTrees(
  { fields, walkRows, walkTrees, job, blocksAt, sumsAt, outputs }: Resident,
  trees: number,
  rows: number,
): void {
  // A few rows go one by one, down eight trees together: a block would be walked for all eight.
  const single = rows < LANES;
  fields[TREE] = 0;
  fields[TREES_END] = trees;
  for (let lane = 0; single && lane < rows; lane++) {
    fields[BLOCKS] = blocksAt + 4 * lane;
    fields[OUT] = sumsAt + 8 * lane * outputs;
    walkTrees(job);
  }
  if (single) return;
  fields[BLOCKS] = blocksAt;
  fields[BLOCK_COUNT] = Math.ceil(rows / LANES);
  fields[OUT] = sumsAt;
  const together = Math.ceil(ROW_TREES_A_CALL / rows);
  for (let tree = 0; tree < trees; tree += together) {
    fields[TREE] = tree;
    fields[TREES_END] = Math.min(tree + together, trees);
    walkRows(job);
  }
}

/** Places of fields of `Job` in assembly/index.ts, and how many there are. */
const TREE = 2;
const TREES_END = 3;
const BLOCKS = 4;
const BLOCK_COUNT = 6;
const OUT = 8;
const FIELDS = 14;

/** Copies the ensemble into the memory, where it replaces the one before. */
function settle(ensemble: Ensemble): Resident {
  const { outputs, leaves, roots, sets } = ensemble;
  const layout = kernelLayout(ensemble);
  const { blockBytes, categorical, wide } = layout;
  const blocks = Math.max(8, Math.floor(CHUNK_BYTES / Math.max(blockBytes, 8 * LANES * outputs)));
  const chunk = blocks * LANES;
  const size = nodeWords(ensemble, layout);
  const values = leaves.kind === 'value' ? [leaves.values, leaves.treeOutputs] : [0, 0];
  const rows = leaves.kind === 'value' ? [0, 0, 0] : [leaves.rows, leaves.table, leaves.tableStarts];
  const room = [4 * size, blocks * blockBytes, 8 * chunk * outputs];
  resident = undefined;
  const [job, nodesAt, blocksAt, out, rootsAt, setsAt, ...leavesAt] = lay([
    ...[4 * FIELDS, ...room, roots, sets.map((word) => ~word)],
    ...[...values, ...rows],
  ]);
  const view = memory!;
  layNodes(ensemble, layout, view.uint32(nodesAt!, size), setsAt!);
  const words = view.uint32(blocksAt!, (blocks * blockBytes) / 4);
  // The rows that a last block lacks are walked too, and what another ensemble left there may point anywhere.
  words.fill(0);
  const fields = view.uint32(job!, FIELDS);
  fields.set([nodesAt!, rootsAt!, 0, 0, blocksAt!, blockBytes, 0, outputs, out!, ...leavesAt]);
  const kind = (categorical ? 'Any' : 'Numbers') + (wide ? 'Wide' : '');
  resident = {
    ensemble,
    layout,
    chunk,
    job: job!,
    fields,
    blocksAt: blocksAt!,
    words,
    numbers: view.float32(blocksAt!, words.length),
    sumsAt: out!,
    sums: view.float64(out!, chunk * outputs),
    outputs,
    walkRows: exports![`rows${kind}`]!,
    walkTrees: exports![`trees${kind}`]!,
  };
  return resident;
}

/** Puts the parts one behind the other from the region's start, and gives their addresses; 0 for what is absent. */
function lay(parts: readonly Part[]): number[] {
  const sizes = parts.map((part) => aligned(typeof part === 'number' ? part : part.byteLength));
  reserve(sizes.reduce((sum, size) => sum + size, 0));
  let next = region.at;
  return parts.map((part, i) => {
    if (part === 0) return 0;
    const at = next;
    next += sizes[i]!;
    if (typeof part === 'number') return at;
    const Type = part.constructor as typeof Uint32Array;
    new Type(memory!.memory.buffer, at, part.length).set(part);
    return at;
  });
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

const bytesOf = ({ nodes, sets, leaves }: Ensemble): number =>
  nodes.byteLength +
  sets.byteLength +
  (leaves.kind === 'value' ? leaves.values.byteLength : leaves.rows.byteLength + leaves.table.byteLength);

/** Nothing else allocates in this memory, so what is added lies right behind what there is. */
function reserve(bytes: number): void {
  if (memory === undefined) {
    memory = new KernelMemory();
    exports = instantiate(compileKernel(kernel), memory.memory);
    region = { at: memory.alloc(0), bytes: 0 };
  }
  if (bytes <= region.bytes) return;
  memory.alloc(bytes - region.bytes);
  region.bytes = bytes;
}
