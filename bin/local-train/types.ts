import type { Task } from '../../lib/learn/index.ts';

export interface TrainOptions {
  data: string;
  target: string;
  out: string;
  task?: Task;
  /** One name, several separated by commas, or `auto`; the forest where absent. */
  algorithm?: string;
  /** Parameters of the algorithm, as `--param` gives them. */
  params?: Readonly<Record<string, unknown>>;
  trees?: number;
  /** All cores where absent. */
  threads?: number;
  seed: number;
  /** `0.8`, or `0.7,0.15,0.15`. */
  split: string;
  drop: readonly string[];
  /** Added to the usual markers. */
  missing: readonly string[];
  /** Told of every choice that was made. */
  note?: (text: string) => void;
  /** Told what is trained, and the share of it that is done. */
  onProgress?: (algorithm: string, share: number) => void;
}

/** One of several algorithms, judged on rows that it was not fitted on. */
export interface Compared {
  algorithm: string;
  metrics: Record<string, number>;
  trainSeconds: number;
}

/** What `train --json` prints, and `metrics.json` holds. */
export interface TrainReport {
  task: Task;
  target: string;
  algorithm: string;
  params: Record<string, unknown>;
  /** All that were tried, the best first, where there were several. */
  compared?: Compared[];
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
  /** Trees that each thread grew. */
  threads?: readonly number[];
  /** Of the training rows, each judged by the trees that did not draw it; only where `oobScore` was asked for. */
  outOfBag?: { metric: string; score: number; rows: number };
  modelSha256: string;
  seed: number;
  missing: readonly string[];
  dropped: { column: string; reason: string }[];
  /** Columns whose cells are read as text and made numbers or dates, what is none becoming missing. */
  salvaged: { column: string; kind: 'number' | 'date' }[];
  notes: string[];
  out: string;
}
