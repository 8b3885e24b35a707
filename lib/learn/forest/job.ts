import type { KernelMemory } from '../kernel/host.ts';

/** Fields of 4 bytes, in the order of the class Job in assembly/job.ts. */
export const jobFields = [
  ...['next', 'first', 'from', 'to', 'rows', 'features', 'classes', 'codes', 'valueBins', 'hasMissing'],
  ...[
    'categorical',
    'categoryCounts',
    'edges',
    'values',
    'coarse',
    'labels',
    'targets',
    'weights',
    'ends',
    'seed',
    'drawn',
    'bootstrap',
  ],
  ...['tried', 'maxDepth', 'minSplit', 'minLeaf', 'entropy', 'slotBits', 'maxNodes', 'grid', 'scratch'],
  ...['records', 'importance', 'rowMajor', 'rowsApart', 'rowValues', 'stride', 'whole', 'outOfBag', 'votes'],
] as const;
export type JobField = (typeof jobFields)[number];

/** Fields of 4 bytes, in the order of the class TreeRecord in assembly/job.ts. */
const recordFields = [
  ...['nodes', 'cover', 'leaves', 'table', 'sets', 'nodeCount', 'tableRows', 'setCount', 'owner', 'full'],
] as const;
export type TreeRecord = Record<(typeof recordFields)[number], number>;
export const RECORD_BYTES = 4 * recordFields.length;

/** The kernel's job in the shared memory. */
export class Job {
  readonly at: number;
  readonly #memory: KernelMemory;

  constructor(memory: KernelMemory, values: Record<JobField, number>) {
    this.#memory = memory;
    this.at = memory.alloc(4 * jobFields.length);
    this.set(values);
  }

  set(values: Partial<Record<JobField, number>>): void {
    const words = this.#memory.int32(this.at, jobFields.length);
    for (const [name, value] of Object.entries(values))
      words[jobFields.indexOf(name as JobField)] = value | 0;
  }
}

export function readRecord(memory: KernelMemory, at: number): TreeRecord {
  const words = memory.uint32(at, recordFields.length);
  return Object.fromEntries(recordFields.map((name, i) => [name, words[i]!])) as TreeRecord;
}
