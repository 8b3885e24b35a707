import type { PredictionFacts, VersionAttempt } from '../types.ts';
import type { SplitGuard } from './types.ts';

/** What a version did within the guard's window. */
export interface GuardedVersion {
  version: string;
  requests: number;
  /** Failed by our fault. */
  errors: number;
  errorRate: number;
  /** 95th percentile (nearest rank) of its answers without those that loaded the model; null where there is none. */
  p95LatencyMs: number | null;
  /** Why it is to lose its traffic; absent where it keeps within its bounds, or there is too little to judge by. */
  breach?: string;
}

/**
 * Judges the challengers of a split by what they did: a share of failures, or a 95th percentile, above its bound is a breach.
 * A version with fewer requests than `minRequests` is not judged, nor are latencies by fewer answers than that.
 *
 * @param facts of requests within the window, in any order; those of other splits and revisions are passed over
 * @returns each challenger that had requests, by version number
 * @example
 * const bad = judgeGuard(facts, split.guard, split.revision).find(({ breach }) => breach !== undefined);
 */
export function judgeGuard(
  facts: Iterable<PredictionFacts>,
  guard: SplitGuard,
  revision: number,
): GuardedVersion[] {
  const attempts = new Map<string, VersionAttempt[]>();
  for (const one of facts) {
    for (const attempt of challengerAttempts(one, revision)) {
      const own = attempts.get(attempt.version);
      if (own) own.push(attempt);
      else attempts.set(attempt.version, [attempt]);
    }
  }
  return [...attempts]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([version, own]) => judgeVersion(version, own, guard));
}

/** What challengers did of one request: answered it, or failed. */
export function challengerAttempts(
  {
    version,
    splitRevision,
    arm,
    failedOver,
    latencyMs = 0,
    cold,
    error,
  }: Omit<PredictionFacts, 'count' | 'at' | 'requestId' | 'model'>,
  revision: number,
): VersionAttempt[] {
  if (splitRevision !== revision) return [];
  const own = { version, latencyMs, ...(cold && { cold }), ...(error && { error }) };
  return [...(failedOver ? [failedOver] : []), ...(arm === 'challenger' ? [own] : [])];
}

/** Judges one version by its attempts within the window. */
export function judgeVersion(
  version: string,
  attempts: readonly VersionAttempt[],
  { maxErrorRate, maxLatencyMs, minRequests }: SplitGuard,
): GuardedVersion {
  const requests = attempts.length;
  const errors = attempts.filter(({ error }) => error !== undefined).length;
  const errorRate = requests === 0 ? 0 : errors / requests;
  // A load is paid once a process, whatever the version: it says nothing of the one that is judged.
  const warm = attempts.filter(({ cold, error }) => !cold && error === undefined);
  const p95LatencyMs = percentile95(warm.map(({ latencyMs }) => latencyMs));
  const judged = { version, requests, errors, errorRate, p95LatencyMs };
  if (requests >= minRequests && errorRate > maxErrorRate) {
    const breach = `version ${version} failed ${errors} of ${requests} requests (${percent(errorRate)}); ${percent(maxErrorRate)} is the most`;
    return { ...judged, breach };
  }
  if (warm.length >= minRequests && p95LatencyMs !== null && p95LatencyMs > maxLatencyMs) {
    const breach = `version ${version} took ${round(p95LatencyMs)} ms (95th percentile of ${warm.length} requests); ${round(maxLatencyMs)} ms is the most`;
    return { ...judged, breach };
  }
  return judged;
}

function percentile95(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(0.95 * sorted.length) - 1]!;
}

const round = (value: number): number => Math.round(value * 100) / 100;
const percent = (share: number): string => `${round(100 * share)} %`;
