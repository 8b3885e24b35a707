import {
  type Run,
  type RunStatus,
  STAGES,
  type Stage,
  type StageRecord,
  type StageStatus,
} from '../../tracking/types.ts';
import type { PipelineDeps } from '../deps.ts';

/** One stage of one run, its Map items taken together. */
export interface StageSummary {
  stage: Stage;
  status: StageStatus;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Absent while it runs. */
  endedAt?: string;
  /** From the first item's begin to the last one's end; absent while it runs. */
  milliseconds?: number;
  /** Items of a Map; 1 for another stage. */
  items: number;
  /** Why it was skipped, or what it found. */
  note?: string;
}

export interface RunSummary {
  runId: string;
  name: string;
  status: RunStatus;
  trigger?: Run['trigger'];
  attempt: number;
  from?: Stage;
  to?: Stage;
  force?: boolean;
  startTime: string;
  endTime?: string;
  metrics: Record<string, number>;
  /** Where the run registered one. */
  model?: { name: string; version: string };
  error?: Run['error'];
  stages: StageSummary[];
}

export interface History {
  runs: RunSummary[];
  cursor?: string;
}

/**
 * The runs of a pipeline, newest first, with how long each stage took. A page may be shorter than its limit, and even empty
 * with a cursor: deleted runs keep their places.
 *
 * @throws NotFoundError (no such pipeline)
 */
export async function pipelineHistory(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  page: { limit: number; cursor?: string },
): Promise<History> {
  deps.catalog.get(pipeline);
  const { items, cursor } = await deps.runs.list(workspace, { pipeline, ...page });
  const shown = items.filter((run) => run.lifecycleStage !== 'deleted');
  const records = await Promise.all(shown.map(({ runId }) => deps.stages.list(workspace, runId)));
  const runs = shown.map((run, i) => summaryOf(run, records[i] ?? []));
  return { runs, ...(cursor === undefined ? {} : { cursor }) };
}

function summaryOf(run: Run, records: readonly StageRecord[]): RunSummary {
  const { runId, name, status, trigger, attempt, from, to, force, startTime, endTime, metrics, error } = run;
  const { 'model.name': model, 'model.version': version } = run.tags;
  const optional = { trigger, from, to, force, endTime, error };
  return {
    runId,
    name,
    status,
    attempt,
    startTime,
    metrics,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as typeof optional),
    ...(model !== undefined && version !== undefined ? { model: { name: model, version } } : {}),
    stages: stageSummaries(records),
  };
}

/** The records of a run by stage, in the order of the stages. */
export function stageSummaries(records: readonly StageRecord[]): StageSummary[] {
  return STAGES.flatMap((stage) => {
    const own = records.filter((record) => record.stage === stage);
    return own.length === 0 ? [] : [summarised(stage, own)];
  });
}

function summarised(stage: Stage, records: readonly StageRecord[]): StageSummary {
  const startedAt = records.map((record) => record.startedAt).sort()[0]!;
  const ends = records.map((record) => record.endedAt).filter((end) => end !== undefined);
  const status = statusOf(records.map((record) => record.status));
  const endedAt = status === 'RUNNING' ? undefined : ends.sort().at(-1);
  const note = records.find((record) => record.note !== undefined)?.note;
  return {
    stage,
    status,
    startedAt,
    items: records.filter(({ item }) => item !== undefined).length || 1,
    ...(endedAt === undefined
      ? {}
      : { endedAt, milliseconds: Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) }),
    ...(note === undefined ? {} : { note }),
  };
}

/** One that failed fails its stage; one at work keeps it at work; skipped is what was skipped whole. */
function statusOf(all: readonly StageStatus[]): StageStatus {
  if (all.includes('FAILED')) return 'FAILED';
  if (all.includes('RUNNING')) return 'RUNNING';
  return all.every((status) => status === 'SKIPPED') ? 'SKIPPED' : 'DONE';
}
