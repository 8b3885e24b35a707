/** What an operator set; what is absent stands in the pipeline's definition. */
export interface CollectorSettings {
  /** http or https, without credentials. */
  url?: string;
  /** Seconds between two batches. */
  every?: number;
  /** Subsets of a round. */
  subsets?: number;
  group?: number;
  state?: 'active' | 'paused';
}

/** Where a collector stands. A pass is one run of the source through its batches: its end is the source's 400. */
export interface CollectorState {
  /** The round that is being collected, counted from 1. */
  round: number;
  /** Counted from 1; 0 before the first batch. */
  pass: number;
  /** Subsets of the open round, and their rows. */
  stored: number;
  rows: number;
  /** The source has no more data in this pass: what it answers next belongs to the next one. */
  exhausted: boolean;
  /** When the open round got its first subset; ISO 8601, UTC. */
  openedAt?: string;
  /** The newest round that was full. */
  lastClosed?: number;
}

/** Fixed before the source is asked: a late answer still belongs to the pass in which it was asked for. */
export interface Asked {
  pass: number;
}

export interface Subset {
  round: number;
  pass: number;
  batch: string;
  /** S3 key of its rows. */
  key: string;
  /** Of the object's bytes. */
  sha256: string;
  rows: number;
  storedAt: string;
}

/** A round that has ended. */
export interface Round {
  round: number;
  /** `closed`: all its subsets are there, and it started a run. `incomplete`: it ended with fewer and started none. */
  state: 'closed' | 'incomplete';
  /** Why it ended with fewer. */
  reason?: string;
  subsets: number;
  rows: number;
  openedAt: string;
  closedAt: string;
  runId?: string;
}

/** `known`: this batch is stored already. `late`: its pass is over, and it was not stored in it. */
export type StoreOutcome = 'stored' | 'known' | 'late';

/** How often a collector asked, what came of it, and what came last. */
export interface CollectorCounts {
  polls: number;
  outcomes: Record<string, number>;
  last?: { at: string; outcome: string; detail?: string };
}
