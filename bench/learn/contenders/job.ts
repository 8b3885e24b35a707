/** What the contenders that run in Node share: the job, the clocks and the scores. */
import { readFileSync } from 'node:fs';
import type { Target } from '../../../lib/learn/index.ts';

/** What a contender's process is told, as JSON in its one argument. */
export interface Job {
  /** The data set's folder. */
  data: string;
  /** Of ours a trainer's name; of peers.py one of its own names. */
  algorithm: string;
  params: Record<string, unknown>;
  seed: number;
  threads: number;
  /** Only the first so many training rows. */
  rows?: number | undefined;
  /** Training rows to leave out, `[from, to)`: what varies where an algorithm has nothing random. */
  omit?: readonly [from: number, to: number] | undefined;
  /** Training alone, or score and prediction too, or the model's file as well. */
  measure: 'fit' | 'predict' | 'file';
}

/** What it answers, as JSON in the last line of its output. Times in seconds, memory in bytes. */
export interface Answer {
  /** The call of fit alone: no start of the process, no imports, no reading of data. */
  fitSeconds: number;
  /** Processor time of all threads during it: what a busy machine cannot falsify as easily. */
  fitCpuSeconds: number;
  /** Peak of the process before the fit (with the data in memory) and after it. */
  rssBefore: number;
  rssPeak: number;
  /** On the test part; which of them depends on the task. */
  accuracy?: number;
  logLoss?: number;
  r2?: number;
  rmse?: number;
  /** 10,000 rows in one call, and one row a call: medians of warm calls. */
  batchSeconds?: number;
  rowSeconds?: number;
  fileBytes?: number;
  loadSeconds?: number;
  firstLoadSeconds?: number;
  trees?: number;
  nodes?: number;
  /** Training weight in inner nodes, summed over all of them: of unweighted rows without bootstrap their number. */
  innerCover?: number;
  /** Pieces of work that each thread did. */
  pieces?: readonly number[];
  notes?: readonly string[];
  versions?: Record<string, string>;
}

export const readJob = (): Job => JSON.parse(process.argv[2]!) as Job;

export function answer(result: Answer): void {
  process.stdout.write(`\n${JSON.stringify(result)}\n`);
}

/** Runs the work once, with the wall clock and the processor time of all threads. */
export function timedFit<T>(work: () => T): {
  value: T;
  fitSeconds: number;
  fitCpuSeconds: number;
  rssBefore: number;
} {
  const rssBefore = peakRss();
  const [started, before] = [performance.now(), process.cpuUsage()];
  const value = work();
  const fitSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { value, fitSeconds, fitCpuSeconds: (user + system) / 1e6, rssBefore };
}

/**
 * Peak memory of this process in bytes. Linux's own figure of the address space where there is one: that of getrusage
 * may be the parent's, which it inherits.
 */
export function peakRss(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Median seconds of a call over about `seconds`, after half of that to warm up; 3 calls at least. */
export function warmMedian(call: () => unknown, seconds: number): number {
  const until = performance.now() + seconds * 500;
  do call();
  while (performance.now() < until);
  const taken: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (taken.length < 3 || (performance.now() < end && taken.length < 100_000)) {
    const started = performance.now();
    call();
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b)[taken.length >> 1]! / 1000;
}

/** Smallest probability that the log loss takes a class for, as scikit-learn's log_loss on float64. */
const LEAST = Number.EPSILON;

/** Accuracy and (with probabilities, row-major) log loss, or R2 and RMSE. */
export function scoreOf(
  y: Target,
  predicted: ArrayLike<number>,
  probabilities?: Float64Array,
): Pick<Answer, 'accuracy' | 'logLoss' | 'r2' | 'rmse'> {
  const rows = y.values.length;
  if (y.task === 'regression') {
    const centre = y.values.reduce((sum, value) => sum + value, 0) / rows;
    let [rest, spread] = [0, 0];
    for (let i = 0; i < rows; i++) {
      rest += (y.values[i]! - predicted[i]!) ** 2;
      spread += (y.values[i]! - centre) ** 2;
    }
    return { r2: 1 - rest / spread, rmse: Math.sqrt(rest / rows) };
  }
  let [right, loss] = [0, 0];
  for (let i = 0; i < rows; i++) {
    if (predicted[i] === y.values[i]) right++;
    const p = probabilities?.[i * y.classes.length + y.values[i]!] ?? Number.NaN;
    loss -= Math.log(Math.min(1 - LEAST, Math.max(LEAST, p)));
  }
  return { accuracy: right / rows, ...(probabilities ? { logLoss: loss / rows } : {}) };
}
