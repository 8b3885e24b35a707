import type { ErrorBody } from '../errors/index.ts';
import type { ModelStage } from './model-stage.ts';
import type { SplitAudit } from './splits/types.ts';

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

export interface Experiment {
  workspace: string;
  /** Decimal digits, as MLflow's clients expect. "0" is Default. */
  experimentId: string;
  name: string;
  createdAt: string;
  /** When it was last renamed, deleted or restored; tags do not count. */
  lastUpdateTime: string;
  /** A deleted one keeps its name, so that it can be restored. */
  lifecycleStage: LifecycleStage;
  /** Where its runs' files are, as a client asks for them: `mlflow-artifacts:/ID`, unless it was made with another. */
  artifactLocation: string;
  tags: Record<string, string>;
}

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

/** MLflow's soft delete: what is deleted keeps all it has, takes nothing new, and can be restored. */
export type LifecycleStage = 'active' | 'deleted';

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

export interface RegisteredModel {
  workspace: string;
  name: string;
  createdAt: string;
  description?: string;
  tags: Record<string, string>;
  /** Alias to version. */
  aliases: Record<string, string>;
  /** Alias to the version that a rollback would give it back to; absent where none can go back. */
  previous?: Record<string, string>;
  /** The highest number of the versions there are; 0 where there is none. */
  latestVersion: number;
  policy: ModelPolicy;
  /** When it was described, renamed, or a version made, moved between stages or deleted. Absent: `createdAt`. */
  lastUpdated?: string;
}

/** What a model's versions must have been through. */
export interface ModelPolicy {
  /** Only a version in stage Staging may come to hold `production`; a rollback may always. */
  requireStaging: boolean;
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

/** The model file that Arboleda itself trains, reads and serves. A version has all of it or, made elsewhere, nothing of it. */
export interface OwnModel {
  /** The S3 key of the model file, `models/<sha256>.arbm`. */
  modelKey: string;
  modelSha256: string;
  sizeBytes: number;
  algorithm: string;
  task: 'classification' | 'regression';
}

/** Where a version comes from, in MLflow's words. */
export interface VersionOrigin {
  runId?: string;
  /** The URI that it was registered from. */
  source?: string;
  /** Where its files are, if `source` is a reference to another model. */
  storageLocation?: string;
  /** The logged model that it is a version of. */
  modelId?: string;
  runLink?: string;
  userId?: string;
}

/** What a caller gives to make a model version. */
export interface NewModelVersion extends VersionOrigin, Partial<OwnModel> {
  /** The same identity is the same version: `${runId}/${modelSha256}`, say. */
  identity: string;
  description?: string;
  metrics?: Record<string, number>;
  tags?: Record<string, string>;
}

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

/** What one version made of one request, as far as it can be counted: no rows, no predictions. */
export interface VersionAttempt {
  version: string;
  /** Milliseconds from the rows in hand to its predictions: load (of a model that was not in memory) and model, no log write. */
  latencyMs: number;
  /** The model was not in memory: what it took to load it is in `latencyMs`. */
  cold?: boolean;
  /** It failed by our fault (5xx, or too slow as a shadow): the code of the error. */
  error?: { code: string };
}

/** What a shadow computed of a request that another version answered. Its predictions are in the order of the rows. */
export interface ShadowAttempt extends VersionAttempt {
  predictions?: { prediction: string | number; probabilities?: Record<string, number> }[];
}

/** One request to predict: what came in, what went out. Kept 30 days unless told. */
export interface PredictionRecord {
  requestId: string;
  model: string;
  version: string;
  alias?: string;
  /** ISO 8601, UTC. */
  at: string;
  rows: unknown[];
  /** Empty where `error` is there: then no version answered. */
  predictions: { prediction: string | number; probabilities?: Record<string, number> }[];
  warnings?: unknown[];
  tokenId?: string;
  /** See `VersionAttempt`. Absent in records from before latencies were kept. */
  latencyMs?: number;
  cold?: boolean;
  /** The version failed by our fault, and the caller was answered with this error. */
  error?: { code: string };
  /** A challenger that failed before `version`, the champion, answered in its place. */
  failedOver?: VersionAttempt;
  /** The split that chose the version; absent without one, or where the caller named a version. */
  splitRevision?: number;
  /** Whether the version held `production` at the time, or stood beside it in the split. */
  arm?: 'champion' | 'challenger';
  shadows?: ShadowAttempt[];
  /** 32 hex digits of the caller's key, where one was sent. */
  keyHash?: string;
  /** Its sender was trying a version: it is none of the model's traffic, and nothing counts it. */
  probe?: boolean;
}

/** What is counted of a request without its rows: facts of its item, also where the record itself is in S3. */
export type PredictionFacts = Pick<
  PredictionRecord,
  | 'requestId'
  | 'model'
  | 'version'
  | 'at'
  | 'latencyMs'
  | 'cold'
  | 'error'
  | 'failedOver'
  | 'splitRevision'
  | 'arm'
  | 'probe'
> & {
  /** How many rows the request had. */
  count: number;
  /** Without their predictions. */
  shadows?: VersionAttempt[];
};

/** A prediction in a list. Its rows are left out where they are too many for a page: read it by its id. */
export type ListedPrediction = Pick<PredictionRecord, 'requestId' | 'model' | 'version' | 'at'> &
  Partial<PredictionRecord> & {
    /** How many rows one request had. */
    count: number;
  };

export interface ModelVersion extends VersionOrigin, Partial<OwnModel> {
  workspace: string;
  name: string;
  version: string;
  description?: string;
  statusMessage?: string;
  metrics: Record<string, number>;
  tags: Record<string, string>;
  createdAt: string;
  /** When it was described or moved to another stage. Absent: `createdAt`. */
  lastUpdated?: string;
  /** MLflow's stage, an attribute. The version that holds the alias `production` is in Production. */
  stage: ModelStage;
}

/** A version that went from one stage to another. */
export interface StageChange {
  version: string;
  from: ModelStage;
  to: ModelStage;
}

/** A version that is no more. Its number is not given again. */
export interface DeletedVersion {
  version: string;
  stage: ModelStage;
  /** The aliases that it held, which hold nothing since. */
  aliases: string[];
}

/** One change of a model's aliases, its versions' stages, its policy, traffic split or name: written in the same transaction. */
export interface AliasAudit {
  /** Its name at the time. */
  model: string;
  /** `move` and `rollback` of an alias; `stage`: a transition, which may move `production`; `policy`; `delete` of a version; `split`. */
  kind?: 'move' | 'rollback' | 'stage' | 'policy' | 'delete' | 'rename' | 'split';
  /** The alias that moved, if one did. */
  alias?: string;
  fromVersion?: string;
  /** Absent where the alias was taken away. */
  toVersion?: string;
  /** The versions whose stage changed. */
  stages?: StageChange[];
  /** The policy from then on. */
  requireStaging?: boolean;
  deleted?: DeletedVersion;
  /** The name that it had before. */
  renamedFrom?: string;
  actor: string;
  reason: string;
  at: string;
  /** What became of the traffic split. */
  split?: SplitAudit;
  /** The source that the same transaction gave back to the pipeline of the version. */
  data?: { pipeline: string; sha256: string };
}

export const ROLES = ['viewer', 'predictor', 'contributor', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Token {
  /** Public id, shown in lists and logs. */
  tokenId: string;
  workspace: string;
  role: Role;
  name: string;
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
}

/** Who calls: the outcome of authentication. */
export interface Principal {
  tokenId: string;
  workspace: string;
  role: Role;
  name: string;
}

/** Experiments, models, files and tokens that no other workspace sees. */
export interface Workspace {
  name: string;
  createdAt: string;
}
