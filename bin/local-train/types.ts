import type { Space, Task } from '../../lib/learn/index.ts';
import type { Reading } from './readings/reading.ts';

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
  /** Scores by cross-validation on the training rows; 5 where only `repeats` or `space` is given. */
  folds?: number;
  /** How often to draw the folds anew. */
  repeats?: number;
  /** Rows with the same value of this column stay on one side of the split and of each fold; it is no feature. */
  group?: string;
  /** What each parameter may be, as `--try` gives it. */
  space?: Space;
  search?: 'grid' | 'random';
  /** Of a random search, for each algorithm. */
  candidates?: number;
  /** What candidates are compared by: f1_weighted or r2 where absent. */
  metric?: string;
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
  /** The parameters that a search chose. */
  tried?: Readonly<Record<string, unknown>>;
  /** On held-out training rows; of a cross-validation the mean over the folds. */
  metrics: Record<string, number>;
  /** Standard deviation of one fold's figure; of a cross-validation only. */
  deviation?: Record<string, number>;
  /** All fits together. */
  trainSeconds: number;
}

/** What `train --json` prints, and `metrics.json` holds. */
export interface TrainReport {
  task: Task;
  target: string;
  algorithm: string;
  params: Record<string, unknown>;
  /** All that were tried, the best first, where there were several or a cross-validation. */
  compared?: Compared[];
  /** How they were judged, where by cross-validation. */
  crossValidation?: { folds: number; repeats: number; metric: string; group?: string };
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
  salvaged: { column: string; reading: Reading }[];
  notes: string[];
  out: string;
}
