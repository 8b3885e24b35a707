import type { TableProfile } from '../../table/index.ts';
import type { Part } from '../training/part.ts';

/** Outputs of each stage: what the next ones read. Keys and small facts only. Type aliases, so that they are Records. */
export type IngestOutputs = {
  rawKey: string;
  sourceSha256: string;
  tableKey: string;
  tableSha256: string;
  rows: number;
  badRows: number;
  quarantineKey: string | null;
  synthetic: boolean;
  /** `pushed`, `pinned` (by a rollback), `batches`, `file`, `https` or `generate`. */
  source: string;
  /** Why sources named before this one were passed over. */
  passedOver: string[];
};

export type SplitName = 'train' | 'validation' | 'test';
export interface PartRef {
  key: string;
  sha256: string;
  rows: number;
  /** Bytes of the object. */
  bytes?: number;
}

/** The clean dataset: one JSON object that names everything by hash; its own hash is the dataset's hash. */
export interface DatasetManifest {
  format: 'arboleda-dataset';
  version: 1;
  pipeline: string;
  target: string;
  task: 'classification' | 'regression';
  /** Sorted class names; empty for regression. */
  classes: string[];
  splits: Record<SplitName, PartRef>;
  /** Test rows before any fitted step: what another version, with its own preprocessing, is judged on. */
  testRaw: PartRef;
  /** The training rows in parts, each with a column `batch_id`; counted from 1. Empty where none were asked for. */
  batches: (PartRef & { batchId: number })[];
  /** The same rows parted one by one, for comparison (`split.compare`). */
  rowSplit?: Record<SplitName, PartRef> & {
    preprocessingKey: string;
    /** Test rows whose group stands in training too. */
    groupsShared: number;
  };
  /** Of each clean row its group, split and batch, where the split is by groups. */
  assignment?: PartRef;
  /** The column of `validate.groupBy` of the training rows, in their order. */
  groups?: PartRef;
  preprocessingKey: string;
  rowsIn: number;
  rowsOut: number;
  duplicatesDropped: number;
  duplicatesAcrossSplits: number;
  synthetic: boolean;
  sourceSha256: string;
  profile: TableProfile;
}

export type CleanOutputs = {
  datasetKey: string;
  datasetSha256: string;
  rows: number;
  features: number;
  synthetic: boolean;
  /** Batches, and where each row went. */
  artifacts: ArtifactRef[];
  /** Rows and content of each side of the split. */
  splits: Record<SplitName, Omit<PartRef, 'key'>>;
};

export type TrainOutputs = {
  candidate: number;
  part: Part;
  /** From 1. */
  batch: number | null;
  algorithm: string;
  params: Record<string, unknown>;
  modelKey: string;
  modelSha256: string;
  sizeBytes: number;
  rows: number;
  /** What a candidate is selected by: figures on the validation rows, or the means over the folds. */
  validation: Record<string, number>;
  crossValidation?: CrossValidated;
  /** Figures on the test rows, where models of several parts are compared. Nothing is selected by them. */
  test?: Record<string, number>;
  /** How the loss fell with the trees, for models that have some. */
  curves?: LossCurves;
};

/** The loss after so many trees or rounds: log loss of classes, root mean squared error of numbers. */
export interface LossCurves {
  /** Boosting alone: a forest's trees learn their rows by heart, each by itself. */
  train?: [step: number, loss: number][];
  validation?: [step: number, loss: number][];
}

/** Figures over the folds of a cross-validation. */
export interface CrossValidated {
  folds: number;
  repeats: number;
  /** One record a fold; the folds of the first repeat come first. */
  perFold: Record<string, number>[];
  mean: Record<string, number>;
  /** Standard deviation of one fold's figure. */
  deviation: Record<string, number>;
}

/** What a shard leaves: a part of the model, or nothing where the whole model is there already. */
export type PartOutputs = {
  candidate: number;
  batch: number | null;
  algorithm: string;
  /** The pieces (trees) `from` to `to - 1`. */
  from: number;
  to: number;
  partKey: string | null;
  partSha256: string | null;
  /** The whole model, where no part was needed. */
  modelKey: string | null;
  sizeBytes: number;
  rows: number;
};

export interface ArtifactRef {
  path: string;
  key: string;
  size: number;
  contentType: string;
  sha256: string;
}

export type EvaluateOutputs = {
  item: string;
  modelKey: string;
  modelSha256: string;
  algorithm: string;
  params: Record<string, unknown>;
  sizeBytes: number;
  datasetSha256: string;
  metrics: Record<string, number>;
  validation: Record<string, number>;
  /** What the other parts (all rows, merged, row split) reach: metrics by name. */
  comparison: Record<string, number>;
  testRows: number;
  artifacts: ArtifactRef[];
};

export type RegisterOutputs = {
  model: string;
  version: string;
  modelKey: string;
  modelSha256: string;
  /** The logged model, for MLflow's clients. Absent in results from before there were any. */
  modelId?: string;
};

export type PromoteOutputs = {
  promoted: boolean;
  alias: string | null;
  version: string;
  previous: string | null;
  reason: string;
};
