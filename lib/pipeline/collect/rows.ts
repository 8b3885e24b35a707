import { stringify } from 'csv-stringify/sync';
import { IntegrityError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import type { Subset } from '../../tracking/index.ts';
import { sha256 } from '../definition/index.ts';
import type { Cell } from './delivery.ts';

/** A subset as it is kept: JSON lines, a row each, in the order in which they came. */
export const subsetBytes = (rows: readonly Cell[][]): Uint8Array =>
  new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const decoder = new TextDecoder();
const linesOf = (bytes: Uint8Array): string[] => decoder.decode(bytes).split('\n').slice(0, -1);

export const rowCount = (bytes: Uint8Array): number => linesOf(bytes).length;

/**
 * The subsets of a round as one CSV with a header: what ingest reads.
 * @throws IntegrityError where a stored subset is not what its record says.
 */
export async function roundCsv(
  objects: ObjectStore,
  subsets: readonly Subset[],
  header: readonly string[],
): Promise<Uint8Array> {
  const parts = [stringify([[...header]])];
  for (const { key, sha256: expected, batch } of subsets) {
    const bytes = await objects.get(key);
    const found = sha256(bytes);
    if (found !== expected) {
      throw new IntegrityError(
        `the subset of batch ${batch}: SHA-256 is ${found}, not ${expected} as recorded`,
      );
    }
    parts.push(stringify(linesOf(bytes).map((line) => JSON.parse(line) as Cell[])));
  }
  return new TextEncoder().encode(parts.join(''));
}
