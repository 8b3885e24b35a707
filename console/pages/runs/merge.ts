import type { Row } from './row.ts';

/**
 * Rows with what was read anew: those of the top that were not there come first, in their order; known ones are replaced
 * where they stand; others stand below. No row is there twice, and none moves while someone reads it.
 */
export function merged(before: readonly Row[], top: readonly Row[], others: readonly Row[]): Row[] {
  const fresh = new Map([...top, ...others].map((row) => [row.runId, row]));
  const known = new Set(before.map(({ runId }) => runId));
  const first = top.filter(({ runId }) => !known.has(runId));
  const placed = new Set([...known, ...first.map(({ runId }) => runId)]);
  return [
    ...first,
    ...before.map((row) => fresh.get(row.runId) ?? row),
    ...others.filter(({ runId }) => !placed.has(runId)),
  ];
}
