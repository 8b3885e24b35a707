import type { ErrorBody } from '../../errors/index.ts';
import type { LifecycleStage } from './experiment.ts';

/** Runs with their stages, points and artifacts. */

/** MLflow's words for a run's status; SCHEDULED is queued behind another run of the same pipeline. */
export type RunStatus = 'SCHEDULED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

/** The stages of a pipeline's run. */
export const PIPELINE_STAGES = [
  'plan',
  'ingest',
  'clean',
  'train',
  'evaluate',
  'register',
  'promote',
] as const;

/** Also those of a batch prediction's, which has `plan`, an item of `predict` for each chunk, and `join`. */
export const STAGES = [...PIPELINE_STAGES, 'predict', 'join'] as const;

export type Stage = (typeof STAGES)[number];

/** What made the run's result: enough to make it again. */
export interface Lineage {
  /** SHA-256 of the delivered bytes. */
  sourceSha256?: string;
  /** SHA-256 of the clean dataset's manifest, which names the hash of each split. */
  datasetSha256?: string;
  definitionSha256?: string;
  /** Stage name to the hash of that stage's bundle. */
  codeVersions?: Record<string, string>;
  lockfileSha256?: string;
  nodeVersion?: string;
  /** Model versions this run compared itself with or started from: `name/version`. */
  parentVersions?: string[];
}

export interface RunError extends ErrorBody {
  stage: string;
}

/** A dataset as MLflow's clients describe it: what it is and where it came from, not its rows. */
export interface LoggedDataset {
  name: string;
  /** What tells two states of the same dataset apart; with the name it identifies the dataset within a run. */
  digest: string;
  sourceType: string;
  /** JSON that tells how to find it. */
  source: string;
  /** JSON, both of them. */
  schema?: string;
  profile?: string;
}

/** A dataset that a run read, with tags such as `mlflow.data.context` = `training`. */
export interface DatasetInput {
  dataset: LoggedDataset;
  tags: Record<string, string>;
}

/** A logged model that a run made, and the training step at which it did. */
export interface ModelOutput {
  modelId: string;
  step: number;
}

export interface Run {
  workspace: string;
  /** 32 hex digits; names the execution. */
  runId: string;
  experimentId: string;
  name: string;
  status: RunStatus;
  /** ISO 8601, UTC. */
  startTime: string;
  endTime?: string;
  pipeline?: string;
  trigger?: 'caller' | 'schedule' | 'event';
  /** Counts from 1; a retry adds 1 and names its execution `${runId}-${attempt}`. */
  attempt: number;
  from?: Stage;
  to?: Stage;
  force?: boolean;
  /** The run whose results stand in for the stages before `from`; absent: the pipeline's latest. */
  basedOn?: string;
  cancelRequested?: boolean;
  error?: RunError;
  lineage: Lineage;
  tags: Record<string, string>;
  params: Record<string, string>;
  /** Latest value of each metric. */
  metrics: Record<string, number>;
  /** Absent: active. */
  lifecycleStage?: LifecycleStage;
  /** Who made it, as the client says. */
  userId?: string;
  /** Where its files are, as a client asks for them; absent: `mlflow-artifacts:/EXPERIMENT/RUN/artifacts`. */
  artifactUri?: string;
}

/** A run with all that its document holds: what MLflow's protocol answers, and the native lists leave out. */
export interface RunDetail extends Run {
  /** The latest point of each metric. */
  latest: MetricPoint[];
  datasets: DatasetInput[];
  /** Ids of the logged models that it read. */
  modelInputs: string[];
  modelOutputs: ModelOutput[];
}

export interface MetricPoint {
  key: string;
  value: number;
  step: number;
  /** Epoch milliseconds. */
  timestamp: number;
}

export type StageStatus = 'RUNNING' | 'DONE' | 'SKIPPED' | 'FAILED';

/** One stage (or one Map item of it) of one run. */
export interface StageRecord {
  runId: string;
  stage: Stage;
  /** Map items: `0`, `1`, ...; absent for a stage that is not a Map. */
  item?: string;
  status: StageStatus;
  attempt: number;
  /** Content key: the hash of inputs, parameters and code version. */
  contentKey?: string;
  /** While it runs: the share of its work that is done, 0 to 1, where it tells. */
  progress?: number;
  /** Why it was skipped, or what it found: one sentence. */
  note?: string;
  /** S3 keys and small facts for the stages that follow. */
  outputs: Record<string, unknown>;
  startedAt: string;
  endedAt?: string;
  /** MB of the function that worked; absent in records of before it was noted, and where no function did. */
  memoryMb?: number;
  error?: ErrorBody;
}

/** Which stage, or Map item of one, of which run, and at which attempt. */
export interface StageRef {
  runId: string;
  stage: Stage;
  item?: string;
  attempt: number;
}

/** A stage's result under its content key, so that the same work is not done twice. */
export interface StageCacheEntry {
  contentKey: string;
  stage: Stage;
  outputs: Record<string, unknown>;
  runId: string;
  createdAt: string;
}

export interface Artifact {
  /** Path within the run, such as `reports/confusion_matrix.svg`. */
  path: string;
  /** The S3 key that holds it. */
  key: string;
  size: number;
  contentType: string;
  sha256?: string;
}

/** What a caller gives to make a run. */
export interface NewRun {
  /** 32 hex digits. */
  runId: string;
  experimentId: string;
  name: string;
  status?: 'SCHEDULED' | 'RUNNING';
  startTime?: string;
  userId?: string;
  artifactUri?: string;
  pipeline?: string;
  trigger?: 'caller' | 'schedule' | 'event';
  from?: Stage;
  to?: Stage;
  force?: boolean;
  basedOn?: string;
  tags?: Record<string, string>;
  params?: Record<string, string>;
}
