import { shuffled } from '../../table/index.ts';

/**
 * The places of the training rows of each batch: all rows shuffled by the seed, then cut. Each row is in one batch; all
 * have `rows` rows but the last, which has what is left. Batch k (from 1) is entry k - 1.
 *
 * @param count training rows
 */
export function batchRows(count: number, { rows, seed }: { rows: number; seed: number }): Int32Array[] {
  const order = shuffled(count, seed);
  return Array.from({ length: Math.ceil(count / rows) }, (_, k) => order.slice(k * rows, (k + 1) * rows));
}

/** The name of a batch in file names, so that they sort: `batch-001`. */
export const batchName = (batch: number): string => `batch-${String(batch).padStart(3, '0')}`;
