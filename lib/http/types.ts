import type { BatchRequest, StartedBatch } from '../pipeline/batch/start.ts';
import type { BatchStatus } from '../pipeline/batch/status.ts';
import type { CollectorChange, CollectorReport } from '../pipeline/collect/control.ts';
import type { Poll } from '../pipeline/collect/poll.ts';
import type { PipelineDag } from '../pipeline/control/dag.ts';
import type { Difference } from '../pipeline/control/diff.ts';
import type { History } from '../pipeline/control/history.ts';
import type { Step } from '../pipeline/control/start-stage.ts';
import type { LastRun, NextRun } from '../pipeline/control/summary.ts';
import type { PipelineSource, Principal, Role, Run, RunStatus, Stage } from '../tracking/types.ts';
import type { Permission } from './permissions.ts';

export type { StartedBatch } from '../pipeline/batch/start.ts';
export type { BatchFile, BatchStatus } from '../pipeline/batch/status.ts';
export type { CollectorChange, CollectorReport } from '../pipeline/collect/control.ts';
export type { Poll } from '../pipeline/collect/poll.ts';
export type { DagNode, PipelineDag } from '../pipeline/control/dag.ts';
export type { Difference } from '../pipeline/control/diff.ts';
export type { History } from '../pipeline/control/history.ts';

/** Who a token is: the answer of `GET /me`. */
export interface Me {
  workspace: string;
  role: Role;
  /** The token's, as given when it was made. */
  name: string;
  tokenId: string;
  permissions: Permission[];
}

/**
 * What the HTTP room needs of whatever controls runs. Its implementation (lib/pipeline/control) is injected, and need
 * not import this file: the shapes are JSON, so a structural match is enough.
 */
export interface RunControl {
  /**
   * Starts a run, or returns the one that the same `idempotencyKey` started before (`created: false`).
   * Throws NotFoundError (no such pipeline), ConflictError (another run of it is active), InvalidInputError
   * (`from` after `to`, or a stage whose inputs were never made).
   */
  start(principal: Principal, pipeline: string, request: StartRequest): Promise<StartedRun>;
  /**
   * Starts one step (`train` evaluates too, `register` promotes too) on the pipeline's latest results. An idempotencyKey
   * counts for its step. Throws NotFoundError, ConflictError (a run is active), MissingStageError (out of order).
   */
  startStep(
    principal: Principal,
    pipeline: string,
    step: Step,
    request: Pick<StartRequest, 'force' | 'idempotencyKey'>,
  ): Promise<StartedRun>;
  /** Nothing where every stage that makes a model has a result; else MissingStageError, which says what to call. */
  requireModel(principal: Principal, pipeline: string): Promise<void>;
  /**
   * Starts a batch prediction, or returns that of the same version and file (`created: false`). Throws NotFoundError
   * (no such model, version, upload), NotReadyError, ConflictError (nothing was put yet), InvalidInputError.
   */
  startBatch(principal: Principal, request: Omit<BatchRequest, 'actor'>): Promise<StartedBatch>;
  /** How a batch prediction stands, with links to what there is. Throws NotFoundError. */
  batchStatus(principal: Principal, model: string, runId: string): Promise<BatchStatus>;
  /** Asks a run to stop; a run that has ended is a ConflictError. Throws NotFoundError. */
  cancel(principal: Principal, runId: string): Promise<Run>;
  /** Starts the next attempt of a failed or killed run, from the stage that failed. Throws NotFoundError, ConflictError. */
  retry(principal: Principal, runId: string): Promise<StartedRun>;
  /**
   * Starts a new run at a stage, on the results that the stages before it had in this run. Throws NotFoundError,
   * ConflictError, MissingStageError.
   */
  rerun(
    principal: Principal,
    runId: string,
    request: { from: Stage; to?: Stage; force?: boolean; idempotencyKey?: string },
  ): Promise<StartedRun>;
  /** What differs between two runs of the principal's workspace. Throws NotFoundError. */
  diff(principal: Principal, runId: string, withRunId: string): Promise<RunDiff>;
  /** Every pipeline deployed, by name. */
  list(principal: Principal): Promise<PipelineSummary[]>;
  /** One pipeline with its definition as JSON. Throws NotFoundError. */
  describe(principal: Principal, pipeline: string): Promise<PipelineDescription>;
  /** The stages and candidates of a pipeline as a graph. Throws NotFoundError. */
  dag(principal: Principal, pipeline: string): Promise<PipelineDag>;
  /** The pipeline's runs, newest first, with how long each stage took. Throws NotFoundError. */
  history(principal: Principal, pipeline: string, page: { limit: number; cursor?: string }): Promise<History>;
  /** Pauses or resumes the pipeline's schedule; repeating it changes nothing. Throws NotFoundError. */
  setSchedule(
    principal: Principal,
    pipeline: string,
    state: ScheduleState,
  ): Promise<{ pipeline: string; state: ScheduleState }>;
  /** How the pipeline's collector stands. Throws NotFoundError, InvalidInputError (it collects nothing). */
  collector(principal: Principal, pipeline: string): Promise<CollectorReport>;
  /** Changes the collector from its next poll on. Throws as `collector`, and InvalidInputError for an address never called. */
  setCollector(principal: Principal, pipeline: string, change: CollectorChange): Promise<CollectorReport>;
  /** Asks the source once, as the schedule does. Throws as `collector`; a fault of the source is an outcome. */
  pollCollector(principal: Principal, pipeline: string): Promise<Poll>;
  /** Makes a verified upload the pipeline's source from its next run on. Throws NotFoundError. */
  setSource(principal: Principal, pipeline: string, source: PushedSource): Promise<void>;
}

export interface StartRequest {
  from?: Stage;
  to?: Stage;
  force?: boolean;
  /** The caller's identity of this start, 1 to 128 printable characters. */
  idempotencyKey?: string;
}

export interface StartedRun {
  runId: string;
  pipeline: string;
  status: RunStatus;
  /** Counts from 1. */
  attempt: number;
  /** False where the same identity had started this run before. */
  created: boolean;
}

export type ScheduleState = 'paused' | 'active';

/** A dataset that a caller uploaded; its bytes were compared with `sha256` before it gets here. */
export type PushedSource = PipelineSource;

export interface PipelineSummary extends NextRun {
  name: string;
  description?: string;
  target: string;
  task: 'classification' | 'regression';
  /** The registered model that its runs make versions of. */
  model: string;
  schedule?: string;
  scheduleState: ScheduleState;
  /** Whether its source is collected batch by batch. */
  collects: boolean;
  lastRun?: LastRun;
  /** The run that holds the pipeline's lock, if any. */
  activeRunId?: string;
}

export interface PipelineDescription extends PipelineSummary {
  /** The definition as plain JSON: source, row schema, clean steps, split, candidates, select, promote. */
  definition: Record<string, unknown>;
  /** SHA-256 of the definition. */
  definitionSha256: string;
  /** The dataset pushed by a caller that its next run reads, if any. */
  source?: PushedSource;
}

export interface RunDiff {
  a: string;
  b: string;
  params: Difference[];
  metrics: Difference[];
  /** Hashes of source, dataset and definition. */
  data: Difference[];
  /** Hashes of each stage's code, the lock file, and the Node.js version. */
  code: Difference[];
}
