import type { Sent } from './run.ts';

/** What one operation was asked. */
export interface Tally {
  operation: string;
  /** Generated cases: examples, bounds and random ones. */
  cases: number;
  /** Of them sound by the document. */
  sound: number;
  /** Sound cases that were taken (2xx, 3xx). */
  taken: number;
}

/** Cases by operation, in the order of their names; what checks sent on their own behalf is none. */
export function tallies(sent: readonly Sent[]): Tally[] {
  const byOperation = new Map<string, Tally>();
  for (const { operation, phase, mode, status, count } of sent) {
    if (phase === 'check') continue;
    const tally = byOperation.get(operation) ?? { operation, cases: 0, sound: 0, taken: 0 };
    byOperation.set(operation, tally);
    tally.cases += count;
    if (mode === 'positive') tally.sound += count;
    if (mode === 'positive' && status < 400) tally.taken += count;
  }
  return [...byOperation.values()].sort((a, b) => (a.operation < b.operation ? -1 : 1));
}

/** Answers by status, as `200: 31, 404: 2`. */
export function statuses(sent: readonly Sent[]): string {
  const counts = new Map<number, number>();
  for (const { status, count } of sent) counts.set(status, (counts.get(status) ?? 0) + count);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');
}
