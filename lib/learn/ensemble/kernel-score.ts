import { compileKernel, instantiate, type KernelExports, KernelMemory, kernelsRun } from '../kernel/host.ts';
import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import { kernel } from './kernel.generated.ts';
import { divide } from './score.ts';
import { fillComplete, fillSlots, hasCategories } from './slots.ts';

/** Most bytes of slots that the kernel gets at once: some thousand rows, so that a tree is read once for many of them. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Larger models are left to plain TypeScript rather than held twice. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** An array of the ensemble, or room for one. */
type Part = Uint32Array | Int32Array | Float32Array | Float64Array | Uint16Array | number;

/** Addresses in the order of `Job` in assembly/index.ts. */
interface Resident {
  ensemble: Ensemble;
  job: number;
  slots: number;
  out: number;
  /** Rows that there is room for. */
  chunk: number;
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
  const { job, slots, out, chunk } = isResident(ensemble) ? resident! : settle(ensemble);
  const categorical = hasCategories(ensemble);
  const complete = !categorical && !x.columns.some(holdsMissing);
  const entry = complete ? 'scoreComplete' : categorical ? 'scoreAny' : 'scoreNumbers';
  const width = ensemble.featureCount * (complete ? 1 : categorical ? 3 : 2);
  const numbers = memory!.float32(slots, chunk * width);
  const codes = memory!.uint32(slots, chunk * width);
  const sums = memory!.float64(out, chunk * outputs);
  const fields = memory!.uint32(job, FIELDS);
  const scores = new Float64Array(x.rowCount * outputs);
  for (let from = 0; from < x.rowCount; from += chunk) {
    const rows = Math.min(chunk, x.rowCount - from);
    if (complete) fillComplete(x, from, rows, numbers);
    else fillSlots(ensemble, x, from, rows, { width, numbers, codes });
    for (let j = 0; j < rows * outputs; j++) sums[j] = base[j % outputs]!;
    fields[ROW_BYTES] = 4 * width;
    fields[ROWS] = rows;
    exports![entry]!(job);
    scores.set(sums.subarray(0, rows * outputs), from * outputs);
  }
  if (aggregate === 'mean') divide(scores, roots.length - 1);
  return scores;
}

/** A loop, as `some` calls a function a number. */
function holdsMissing(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (Number.isNaN(column[i])) return true;
  return false;
}

const FIELDS = 16;
const ROW_BYTES = 7;
const ROWS = 8;

/** Copies the ensemble into the memory, where it replaces the one before. */
function settle(ensemble: Ensemble): Resident {
  const { featureCount, outputs, leaves, slotBits, roots, nodes, sets } = ensemble;
  const rowBytes = 4 * featureCount * (hasCategories(ensemble) ? 3 : 2);
  const chunk = Math.max(64, Math.floor(CHUNK_BYTES / Math.max(rowBytes, 8 * outputs)));
  const values = leaves.kind === 'value' ? [leaves.values, leaves.treeOutputs] : [0, 0];
  const rows = leaves.kind === 'value' ? [0, 0, 0] : [leaves.rows, leaves.table, leaves.tableStarts];
  const room = [chunk * rowBytes, 8 * chunk * outputs];
  const parts: Part[] = [4 * FIELDS, nodes, roots, sets, ...room, ...values, ...rows];
  resident = undefined;
  const [job, nodesAt, rootsAt, setsAt, slots, out, ...leavesAt] = lay(parts);
  memory!
    .uint32(job!, FIELDS)
    .set([
      ...[nodesAt!, rootsAt!, roots.length - 1, setsAt!, slotBits, 2 * featureCount],
      ...[slots!, rowBytes, 0, outputs, out!, ...leavesAt],
    ]);
  resident = { ensemble, job: job!, slots: slots!, out: out!, chunk };
  return resident;
}

/** Puts the parts one behind the other from the region's start, and gives their addresses; 0 for what is absent. */
function lay(parts: readonly Part[]): number[] {
  const sizes = parts.map((part) => aligned(typeof part === 'number' ? part : part.byteLength + SPARE));
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

/** A set behind the last one, so that set 0 may be read where there is none. */
const SPARE = 32;
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
