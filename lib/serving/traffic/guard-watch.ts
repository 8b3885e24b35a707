import { challengerAttempts, type GuardedVersion, judgeVersion } from '../../tracking/splits/guard.ts';
import type { SplitGuard } from '../../tracking/splits/types.ts';
import type { VersionAttempt } from '../../tracking/types.ts';
import type { PredictionEntry } from '../types.ts';

/** A split that is watched: which one, at which revision, by which bounds. */
export interface Watched {
  workspace: string;
  model: string;
  revision: number;
  guard: SplitGuard;
}

/** Attempts kept of one version: a bound on memory. A guard that asks for more of them is judged by the monitor alone. */
const MOST = 10_000;
/** Models watched at once. */
const MOST_WATCHED = 100;

interface Timed {
  at: number;
  attempt: VersionAttempt;
}

/**
 * The guard within one process, over what this process itself answered: no read, and a judgement only when a challenger failed
 * or was slow. It sees a part of the traffic and is quick; the monitor sees all of it, later.
 */
export class GuardWatch {
  readonly #seen = new Map<string, { revision: number; versions: Map<string, Timed[]> }>();

  /** Takes in a request; the version that has passed a bound with it, if one has. @param now epoch milliseconds */
  breach(watched: Watched, entry: PredictionEntry, now: number): GuardedVersion | undefined {
    const { guard, revision } = watched;
    const versions = this.#versions(watched);
    let found: GuardedVersion | undefined;
    for (const attempt of challengerAttempts(entry, revision)) {
      const own = versions.get(attempt.version) ?? [];
      versions.set(attempt.version, own);
      own.push({ at: now, attempt });
      if (own.length > MOST) own.splice(0, MOST / 2);
      const suspect = attempt.error !== undefined || attempt.latencyMs > guard.maxLatencyMs;
      if (!suspect || own.length < guard.minRequests) continue;
      const since = now - guard.windowMinutes * 60_000;
      const recent = own.filter(({ at }) => at >= since);
      versions.set(attempt.version, recent);
      if (!mayBreach(recent, guard)) continue;
      const judged = judgeVersion(
        attempt.version,
        recent.map((timed) => timed.attempt),
        guard,
      );
      if (judged.breach !== undefined) found ??= judged;
    }
    return found;
  }

  /** Of another revision nothing is kept: a change begins anew. */
  #versions({ workspace, model, revision }: Watched): Map<string, Timed[]> {
    const key = JSON.stringify([workspace, model]);
    const known = this.#seen.get(key);
    if (known?.revision === revision) return known.versions;
    if (known === undefined && this.#seen.size >= MOST_WATCHED) this.#seen.clear();
    const versions = new Map<string, Timed[]>();
    this.#seen.set(key, { revision, versions });
    return versions;
  }
}

/**
 * Whether a judgement could find a breach: one pass, where a judgement copies and sorts up to 10,000 latencies, which took
 * milliseconds of every request that failed or was slow. Errs on the side of judging: no more than a twentieth of the answers may be
 * slower than the bound for the 95th percentile to keep it.
 */
function mayBreach(recent: readonly Timed[], { maxErrorRate, maxLatencyMs }: SplitGuard): boolean {
  let errors = 0;
  let slow = 0;
  let warm = 0;
  for (const { attempt } of recent) {
    if (attempt.error !== undefined) errors += 1;
    else if (!attempt.cold) {
      warm += 1;
      if (attempt.latencyMs > maxLatencyMs) slow += 1;
    }
  }
  return errors > maxErrorRate * recent.length - 1e-6 || slow >= Math.floor(0.05 * warm);
}
