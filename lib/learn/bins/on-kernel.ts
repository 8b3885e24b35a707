import type { KernelMemory } from '../kernel/host.ts';
import type { Team } from '../kernel/team.ts';
import type { FeatureMatrix } from '../types.ts';
import { EDGE_SAMPLE } from './edges.ts';
import type { BinnedColumn } from './plain.ts';

/** Name of the kernel in a Team. */
export const BINS_KERNEL = 'bins';

interface Work {
  memory: KernelMemory;
  team: Team;
  maxBins: number;
  weights: Float64Array | undefined;
  /** Address of the codes of feature 0. */
  codesAt: number;
}

/** Edges that one column may have, in the memory: padded with +Infinity, so that the search needs no bound. */
const EDGE_SLOTS = 256;
/** Words that the kernel tells of a column. */
const FACTS = 3;

/**
 * Bins the numeric columns on all threads of a team: each claims a column at a time.
 *
 * @param numeric which columns
 * @returns one entry a numeric column; the codes are in the memory
 */
export function binOnKernel(x: FeatureMatrix, numeric: readonly number[], work: Work): BinnedColumn[] {
  const { memory, team, maxBins, weights, codesAt } = work;
  const rows = x.rowCount;
  const count = numeric.length;
  const sample = Math.min(rows, EDGE_SAMPLE);
  const valuesAt = memory.alloc(4 * rows * count);
  const weightsAt = weights === undefined ? 0 : memory.alloc(8 * rows);
  const edgesAt = memory.alloc(4 * EDGE_SLOTS * count);
  const factsAt = memory.alloc(4 * FACTS * count);
  const codeColumns = memory.alloc(4 * count);
  // Keys and row numbers, twice each (the radix sort goes to and fro), and distinct values with their weights.
  const scratchBytes = Math.ceil(((4 * 4 + 4 + 8) * sample + 3 * 2048 * 4 + 128) / 64) * 64;
  const scratchAt = memory.alloc(scratchBytes * team.threads);
  const job = memory.alloc(64);

  for (const [k, f] of numeric.entries()) {
    memory.float32(valuesAt + 4 * rows * k, rows).set(x.columns[f]!);
    memory.uint32(codeColumns, count)[k] = codesAt + rows * f;
  }
  if (weights !== undefined) memory.float64(weightsAt, rows).set(weights);
  memory
    .uint32(job, 11)
    .set([0, count, rows, sample, maxBins, valuesAt, weightsAt, edgesAt, factsAt, codeColumns, scratchAt]);
  memory.uint32(job, 12)[11] = scratchBytes;
  team.run(BINS_KERNEL, 'bin', job);
  const facts = memory.uint32(factsAt, FACTS * count);
  return numeric.map((_, k) => ({
    edges: memory.float32(edgesAt + 4 * EDGE_SLOTS * k, facts[FACTS * k]!).slice(),
    hasMissing: facts[FACTS * k + 1] === 1,
    coarse: facts[FACTS * k + 2] === 1,
    values: memory.float32(valuesAt + 4 * rows * k, rows),
    valuesAt: valuesAt + 4 * rows * k,
  }));
}
