import type { PredictionFacts, VersionAttempt } from '../types.ts';

/** What one version did of a model's requests. Percentiles by nearest rank, over answers that loaded no model. */
export interface VersionReport {
  version: string;
  /** Whether it answered, or computed what another answered. */
  shadow: boolean;
  requests: number;
  /** Rows answered (of a shadow: computed): none of a request that failed, as in the buckets of traffic. */
  rows: number;
  /** Failed by our fault; of a shadow also by its rows, or by taking too long. */
  errors: number;
  errorRate: number;
  /** Milliseconds; null where no such answer is among the requests. */
  latencyMs: { p50: number; p95: number; p99: number } | null;
}

/** Versions side by side, by number, those that answered first. @param facts in any order */
export function versionReports(facts: Iterable<PredictionFacts>): VersionReport[] {
  const tallies = new Map<
    string,
    { version: string; shadow: boolean; rows: number; attempts: VersionAttempt[] }
  >();
  const add = (attempt: VersionAttempt, shadow: boolean, rows: number) => {
    const key = `${shadow ? 1 : 0} ${attempt.version.padStart(9, '0')}`;
    const tally = tallies.get(key) ?? { version: attempt.version, shadow, rows: 0, attempts: [] };
    tallies.set(key, tally);
    if (attempt.error === undefined) tally.rows += rows;
    tally.attempts.push(attempt);
  };
  for (const { version, latencyMs = Number.NaN, cold, error, failedOver, shadows = [], count } of facts) {
    if (failedOver) add(failedOver, false, count);
    add({ version, latencyMs, ...(cold && { cold }), ...(error && { error }) }, false, count);
    for (const shadow of shadows) add(shadow, true, count);
  }
  return [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { version, shadow, rows, attempts }]) => {
      const errors = attempts.filter(({ error }) => error !== undefined).length;
      const requests = attempts.length;
      return {
        version,
        shadow,
        requests,
        rows,
        errors,
        errorRate: errors / requests,
        latencyMs: latencies(attempts),
      };
    });
}

function latencies(attempts: readonly VersionAttempt[]): VersionReport['latencyMs'] {
  const warm = attempts.filter(({ cold, error, latencyMs }) => !cold && !error && !Number.isNaN(latencyMs));
  if (warm.length === 0) return null;
  const sorted = Float64Array.from(warm, ({ latencyMs }) => latencyMs).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
