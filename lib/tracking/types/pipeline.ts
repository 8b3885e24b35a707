/** What a pipeline reads from now on, and who waits for it. */

/** Where a pinned source comes from. */
export interface PinnedSource {
  /** The model version whose training data it is. */
  model: string;
  version: string;
  runId: string;
  /** What the run had read them from: `pushed`, `file`, `https`, `generate`. */
  source: string;
}

/** A dataset that a pipeline reads from now on: pushed by a caller, or pinned by a rollback. */
export interface PipelineSource {
  /** S3 key, `ws/raw/SHA256`. */
  key: string;
  /** 64 hex digits. */
  sha256: string;
  fileName: string;
  bytes: number;
  /** ISO 8601, UTC. */
  pushedAt: string;
  /** False for what a caller pushed; a pinned source is what its rows were. */
  synthetic: boolean;
  pinned?: PinnedSource;
}

/** A run that waits for its pipeline's lock. */
export interface QueueEntry {
  runId: string;
  /** ISO 8601: the place in the queue, then the run id. */
  queuedAt: string;
}
