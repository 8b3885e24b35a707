import { maxTreeNodes } from '../ensemble/ensemble.ts';
import type { KernelMemory } from '../kernel/host.ts';
import type { Team } from '../kernel/team.ts';
import { type Grown, type GrownTree, type GrowTask, slotBitsOf, triesAll } from './grown.ts';
import { Job, RECORD_BYTES, readRecord } from './job.ts';

/** Name of the kernel in a Team. */
export const FOREST_KERNEL = 'forest';

const MOST_DEPTH = 2 ** 31 - 1;
/** Edges that one feature may have, in the memory. */
const EDGE_SLOTS = 256;

/** Codes of so many bytes stay near enough to the processor column by column. */
const NEAR_BYTES = 2 ** 17;
/** A node of one row in so many (for each feature tried) reads a cache line of a column for each of its rows. */
const LINE_SHARE = 128;

export interface Where {
  memory: KernelMemory;
  team: Team;
}

/**
 * Grows the trees `from` to `to - 1` on all threads of a team. The codes must lie in the team's memory.
 *
 * @param batches runs that the trees are divided into; after each `onProgress` is told the share done
 * @returns trees whose arrays are views of the memory
 */
export function growOnKernel(
  task: GrowTask,
  { from, to }: { from: number; to: number },
  { memory, team }: Where,
  { batches, onProgress }: { batches: number; onProgress?: ((share: number) => void) | undefined },
): Grown {
  const { bins, target, settings } = task;
  const [rows, features, count] = [bins.rows, bins.featureCount, to - from];
  const classes = target.kind === 'classes' ? target.classes : 0;
  const put = new Putter(memory);
  const edges = new Float32Array(EDGE_SLOTS * features);
  for (const [f, own] of bins.edges.entries()) edges.set(own, EDGE_SLOTS * f);
  const whole = triesAll(task);
  const byRow = whole || rows * features >= NEAR_BYTES;
  const stride = Math.ceil(features / 8) * 8;
  const slotBits = slotBitsOf(bins);
  const voteBytes = task.outOfBag ? rows * (classes > 0 ? 4 * classes : 16) : 0;
  const votesAt = Array.from({ length: team.threads }, () => (task.outOfBag ? memory.alloc(voteBytes) : 0));
  const records = memory.alloc(RECORD_BYTES * count);
  const importance = memory.alloc(8 * features * count);
  const job = new Job(memory, {
    ...{ next: 0, first: from, from, to, rows, features, classes, codes: bins.codesAt },
    valueBins: put.uint16(bins.valueBins),
    hasMissing: put.uint8(bins.hasMissing),
    categorical: put.uint8(bins.categorical),
    categoryCounts: put.uint16(bins.categoryCounts),
    edges: put.float32(edges),
    values: put.uint32(bins.valuesAt),
    coarse: put.uint8(bins.coarse),
    labels: target.kind === 'classes' ? put.uint16(target.labels) : 0,
    targets: target.kind === 'numbers' ? put.float64(target.values) : 0,
    weights: target.weights === undefined ? 0 : put.int32(target.weights),
    ends: target.ends === undefined ? 0 : put.int32(target.ends),
    ...{
      seed: task.seed,
      drawn: settings.drawn,
      bootstrap: Number(settings.bootstrap),
      tried: settings.tried,
    },
    maxDepth: Math.min(settings.maxDepth, MOST_DEPTH),
    ...{ minSplit: settings.minSplit, minLeaf: settings.minLeaf },
    entropy: Number(settings.criterion === 'entropy'),
    slotBits,
    maxNodes: Math.min(maxTreeNodes(slotBits), MOST_DEPTH),
    grid: put.float64(
      target.kind === 'numbers'
        ? Float64Array.of(target.middle, target.step, target.judgeStep)
        : new Float64Array(3),
    ),
    scratch: memory.alloc(4 * team.threads),
    records,
    importance,
    rowMajor: byRow ? memory.alloc(rows * stride) : 0,
    rowsApart: rowsApart(task),
    rowValues: whole && bins.coarse.includes(1) ? memory.alloc(4 * rows * stride) : 0,
    stride,
    whole: Number(whole),
    outOfBag: Number(task.outOfBag),
    votes: put.int32(Int32Array.from(votesAt)),
  });
  if (byRow) team.run(FOREST_KERNEL, 'transpose', job.at);
  for (let batch = 0; batch < batches; batch++) {
    const [first, last] = [batch, batch + 1].map((b) => from + Math.floor((b * count) / batches));
    job.set({ next: 0, from: first!, to: last! });
    team.run(FOREST_KERNEL, 'grow', job.at);
    onProgress?.((last! - from) / count);
  }
  return collect(task, memory, { count, records, importance, votesAt, threads: team.threads });
}

function rowsApart({ bins, settings }: GrowTask): number {
  return Math.ceil((bins.rows * settings.tried) / LINE_SHARE);
}

interface Laid {
  count: number;
  records: number;
  importance: number;
  votesAt: readonly number[];
  threads: number;
}

function collect({ bins, target, outOfBag }: GrowTask, memory: KernelMemory, laid: Laid): Grown {
  const features = bins.featureCount;
  const classes = target.kind === 'classes' ? target.classes : 0;
  const pieces = new Array<number>(laid.threads).fill(0);
  const trees = Array.from({ length: laid.count }, (_, t): GrownTree => {
    const record = readRecord(memory, laid.records + RECORD_BYTES * t);
    pieces[record.owner - 1]!++;
    return {
      nodes: memory.uint32(record.nodes, 2 * record.nodeCount),
      cover: memory.float32(record.cover, record.nodeCount),
      leaves: memory.int32(record.leaves, record.nodeCount),
      table: memory.float32(record.table, record.tableRows * classes),
      sets: memory.uint32(record.sets, 8 * record.setCount),
      importance: memory.float64(laid.importance + 8 * features * t, features),
      full: record.full === 1,
    };
  });
  const width = classes || 2;
  const votes = classes > 0 ? new Int32Array(bins.rows * width) : new Float64Array(bins.rows * width);
  for (const at of outOfBag ? laid.votesAt : []) {
    const own = classes > 0 ? memory.int32(at, votes.length) : memory.float64(at, votes.length);
    for (let i = 0; i < votes.length; i++) votes[i]! += own[i]!;
  }
  return { trees, votes: outOfBag ? votes : undefined, pieces };
}

/** Copies arrays into the memory. */
class Putter {
  readonly #memory: KernelMemory;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  #put<A extends { length: number; byteLength: number }>(
    from: A,
    view: (at: number, length: number) => { set(from: A): void },
  ): number {
    const at = this.#memory.alloc(from.byteLength);
    view(at, from.length).set(from);
    return at;
  }
  uint8 = (from: Uint8Array): number => this.#put(from, this.#memory.uint8);
  uint16 = (from: Uint16Array): number => this.#put(from, this.#memory.uint16);
  int32 = (from: Int32Array): number => this.#put(from, this.#memory.int32);
  uint32 = (from: Uint32Array): number => this.#put(from, this.#memory.uint32);
  float32 = (from: Float32Array): number => this.#put(from, this.#memory.float32);
  float64 = (from: Float64Array): number => this.#put(from, this.#memory.float64);
}
