import type { MetricPoint } from '../types.ts';

/** MLflow's words for how far a logged model is: PENDING until its client says that its files are there. */
export const LOGGED_MODEL_STATUSES = ['UNSPECIFIED', 'PENDING', 'READY', 'FAILED'] as const;
export type LoggedModelStatus = (typeof LOGGED_MODEL_STATUSES)[number];

/** A metric of a logged model: which run measured it, and on which dataset. */
export interface LoggedModelMetric extends MetricPoint {
  runId: string;
  datasetName?: string;
  datasetDigest?: string;
}

/** A model as MLflow 3 keeps it within an experiment: its files are under `artifactLocation`, registered or not. */
export interface LoggedModel {
  workspace: string;
  /** `m-` and 32 hex digits. */
  modelId: string;
  experimentId: string;
  name: string;
  /** Where its files are, as a client asks for them: `mlflow-artifacts:/EXPERIMENT/models/ID/artifacts`. */
  artifactLocation: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Epoch milliseconds: of its status, or its deletion. */
  updatedAt: number;
  status: LoggedModelStatus;
  modelType?: string;
  sourceRunId?: string;
  lifecycleStage: 'active' | 'deleted';
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: LoggedModelMetric[];
}

/** What a caller gives to make a logged model. */
export interface NewLoggedModel {
  experimentId: string;
  /** Made up where there is none. */
  name?: string;
  /** For a maker who may repeat himself: the same id is the same model. Random where there is none. */
  modelId?: string;
  /** The experiment's; models go under it. Default `mlflow-artifacts:/EXPERIMENT`. */
  experimentLocation?: string;
  modelType?: string;
  sourceRunId?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
}
