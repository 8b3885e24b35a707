import type { PipelineSource, Principal, Run, Stage } from '../../tracking/types.ts';
import { type BatchRequest, type StartedBatch, startBatch } from '../batch/start.ts';
import { type BatchStatus, batchStatus } from '../batch/status.ts';
import { type DescribedPipeline, definitionHash, describeDefinition } from '../catalog.ts';
import { type CollectorChange, changeCollector, collectorReport } from '../collect/control.ts';
import { pollOnce } from '../collect/poll.ts';
import type { PipelineDeps } from '../deps.ts';
import { cancelRun, retryRun } from './cancel.ts';
import { pipelineDag } from './dag.ts';
import { diffRuns } from './diff.ts';
import { type History, pipelineHistory } from './history.ts';
import { rerunFrom } from './rerun.ts';
import { type StartedRun, type StartOptions, startRun } from './start.ts';
import { requireStages, type Step, startStep } from './start-stage.ts';
import { pipelineSummary } from './summary.ts';

type ScheduleState = 'paused' | 'active';

/** The control of runs as the API offers it: each method sees the caller's own workspace only. */
export class PipelineRunControl {
  readonly #deps: PipelineDeps;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
  }

  start(
    principal: Principal,
    pipeline: string,
    request: Pick<StartOptions, 'from' | 'to' | 'force'> & { idempotencyKey?: string },
  ): Promise<StartedRun> {
    const { idempotencyKey, ...options } = request;
    const identity = idempotencyKey === undefined ? undefined : `key:${idempotencyKey}`;
    const actor = principal.tokenId;
    return startRun(this.#deps, principal.workspace, pipeline, {
      ...options,
      identity,
      trigger: 'caller',
      actor,
    });
  }

  /** @throws MissingStageError where what the step needs was never made. */
  startStep(
    principal: Principal,
    pipeline: string,
    step: Step,
    request: { force?: boolean; idempotencyKey?: string },
  ): Promise<StartedRun> {
    const { idempotencyKey, force } = request;
    const identity = idempotencyKey === undefined ? undefined : `key:${idempotencyKey}`;
    const caller = { trigger: 'caller' as const, actor: principal.tokenId };
    return startStep(this.#deps, principal.workspace, pipeline, step, { force, identity, ...caller });
  }

  requireModel(principal: Principal, pipeline: string): Promise<void> {
    return requireStages(this.#deps, principal.workspace, pipeline);
  }

  /** Starts a batch prediction, or returns the one of the same version and file. */
  startBatch(principal: Principal, request: Omit<BatchRequest, 'actor'>): Promise<StartedBatch> {
    return startBatch(this.#deps, principal.workspace, { ...request, actor: principal.tokenId });
  }

  batchStatus(principal: Principal, model: string, runId: string): Promise<BatchStatus> {
    return batchStatus(this.#deps, principal.workspace, model, runId);
  }

  cancel(principal: Principal, runId: string): Promise<Run> {
    return cancelRun(this.#deps, principal.workspace, runId);
  }

  retry(principal: Principal, runId: string): Promise<StartedRun> {
    return retryRun(this.#deps, principal.workspace, runId);
  }

  /** @throws MissingStageError where a stage before `from` has no result in that run. */
  rerun(
    principal: Principal,
    runId: string,
    request: { from: Stage; to?: Stage; force?: boolean; idempotencyKey?: string },
  ): Promise<StartedRun> {
    const { idempotencyKey, ...options } = request;
    const identity = idempotencyKey === undefined ? undefined : `key:${idempotencyKey}`;
    return rerunFrom(this.#deps, principal.workspace, runId, {
      ...options,
      identity,
      actor: principal.tokenId,
    });
  }

  async diff({ workspace }: Principal, runId: string, withRunId: string) {
    const { runs } = this.#deps;
    const [a, b] = await Promise.all([runs.get(workspace, runId), runs.get(workspace, withRunId)]);
    return diffRuns(a, b);
  }

  async list(principal: Principal) {
    return Promise.all(
      this.#deps.catalog
        .names()
        .map((name) => pipelineSummary(this.#deps, principal.workspace, this.#deps.catalog.get(name))),
    );
  }

  async describe(principal: Principal, pipeline: string) {
    const definition = this.#deps.catalog.get(pipeline);
    const { state } = this.#deps;
    const [summary, source] = await Promise.all([
      pipelineSummary(this.#deps, principal.workspace, definition),
      state.getSource(principal.workspace, pipeline),
    ]);
    const described: DescribedPipeline = describeDefinition(definition);
    return {
      ...summary,
      definition: described as unknown as Record<string, unknown>,
      definitionSha256: definitionHash(definition),
      ...(source === undefined ? {} : { source }),
    };
  }

  async dag(_principal: Principal, pipeline: string) {
    return pipelineDag(this.#deps.catalog.get(pipeline));
  }

  history(
    { workspace }: Principal,
    pipeline: string,
    page: { limit: number; cursor?: string },
  ): Promise<History> {
    return pipelineHistory(this.#deps, workspace, pipeline, page);
  }

  async setSchedule(principal: Principal, pipeline: string, state: ScheduleState) {
    this.#deps.catalog.get(pipeline);
    if (state === 'paused') await this.#deps.state.pauseSchedule(principal.workspace, pipeline);
    else await this.#deps.state.resumeSchedule(principal.workspace, pipeline);
    return { pipeline, state };
  }

  collector({ workspace }: Principal, pipeline: string) {
    return collectorReport(this.#deps, workspace, pipeline);
  }

  setCollector({ workspace }: Principal, pipeline: string, change: CollectorChange) {
    return changeCollector(this.#deps, workspace, pipeline, change);
  }

  pollCollector({ workspace }: Principal, pipeline: string) {
    return pollOnce(this.#deps, workspace, pipeline);
  }

  async setSource(principal: Principal, pipeline: string, source: PipelineSource): Promise<void> {
    this.#deps.catalog.get(pipeline);
    await this.#deps.state.setSource(principal.workspace, pipeline, source);
  }
}
