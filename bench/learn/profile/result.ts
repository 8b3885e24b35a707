import type { PhaseShare } from './phases.ts';

/** What a bare loop does on this machine: the limits that training is held against. Nanoseconds an item. */
export interface Limits {
  /** One row put into the histogram of one feature, rows in order: codes come from the cache's prefetcher. */
  countInOrder: number;
  /** The same with rows in random order, as deep in a tree: every code is a cache line of its own. */
  countScattered: number;
  /** Bytes a second that memory copies. */
  copyBytesPerSecond: number;
}

export interface ProfileResult {
  case: string;
  /** Seconds of training as shipped, and with the kernel that has names and no inlining. */
  seconds: number;
  namedSeconds: number;
  phases: PhaseShare[];
  functions: { name: string; seconds: number }[];
  /** Rows in inner nodes times features tried there, in one training without bootstrap (so that rows can be counted). */
  visits: number;
  /** Of that training: all of its time, a visit. */
  nanosecondsPerVisit: number;
  cyclesPerVisit?: number;
  limits: Limits;
}
