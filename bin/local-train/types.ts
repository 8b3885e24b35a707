import type { Task } from '../../lib/learn/index.ts';

export interface TrainOptions {
  data: string;
  target: string;
  out: string;
  task?: Task;
  algorithm?: string;
  trees?: number;
  seed: number;
  /** `0.8`, or `0.7,0.15,0.15`. */
  split: string;
  drop: readonly string[];
  /** Added to the usual markers. */
  missing: readonly string[];
  /** Told of every choice that was made. */
  note?: (text: string) => void;
}

/** What `train --json` prints, and `metrics.json` holds. */
export interface TrainReport {
  task: Task;
  target: string;
  algorithm: string;
  /** Data lines of the file. */
  rows: number;
  trainRows: number;
  testRows: number;
  /** Columns of the file that the model uses. */
  features: number;
  /** Columns after encoding. */
  encodedFeatures: number;
  classes?: readonly string[];
  /** On the test rows. */
  metrics: Record<string, number>;
  trainSeconds: number;
  modelSha256: string;
  seed: number;
  missing: readonly string[];
  dropped: { column: string; reason: string }[];
  notes: string[];
  out: string;
}
