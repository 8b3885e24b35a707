import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Latencies in milliseconds. */
export interface Latencies {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  mean: number;
}

/** What one kind of request met. */
export interface LoadResult {
  requests: number;
  seconds: number;
  /** Requests a second. */
  throughput: number;
  latency: Latencies;
  /** Responses by status; `0` where none came. */
  statuses: Record<string, number>;
}

export interface LoadOptions {
  requests: number;
  concurrency: number;
  /** Requests a second at most; absent: as fast as they are answered. */
  rate?: number;
}

/**
 * Sends `requests` requests, `concurrency` at a time. With a rate each has its time to start, and its latency counts from
 * then: a slow answer is not hidden by the requests that it held up (Tene, "coordinated omission").
 *
 * @param send the n-th request; answers its status, 0 where there was no response.
 */
export async function load(
  send: (n: number) => Promise<number>,
  { requests, concurrency, rate }: LoadOptions,
): Promise<LoadResult> {
  // Microseconds: the histogram counts whole numbers.
  const histogram = createHistogram({ figures: 3 });
  const statuses: Record<string, number> = {};
  const begun = performance.now();
  let next = 0;
  const sender = async () => {
    while (next < requests) {
      const n = next++;
      const due = rate === undefined ? performance.now() : begun + (n / rate) * 1000;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const status = await send(n);
      statuses[status] = (statuses[status] ?? 0) + 1;
      histogram.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, sender));
  const seconds = (performance.now() - begun) / 1000;
  const at = (percentile: number) => histogram.percentile(percentile) / 1000;
  return {
    requests,
    seconds,
    throughput: requests / seconds,
    latency: {
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      max: histogram.max / 1000,
      mean: histogram.mean / 1000,
    },
    statuses,
  };
}
