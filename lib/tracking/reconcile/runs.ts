import { collect, queryAll } from '../../store/paging.ts';
import type { ExecutionStatus } from '../../store/ports.ts';
import { key, partition } from '../keys.ts';
import { PipelineState } from '../pipeline-state.ts';
import { isTerminal } from '../run-item.ts';
import { Runs } from '../runs.ts';
import type { RunSnapshot } from '../snapshot.ts';
import type { Run, RunError } from '../types.ts';
import type { Mending } from './mending.ts';
import { restoreRun } from './restore-run.ts';
import type { RunsInS3 } from './snapshots.ts';

/** The name of a run's execution at an attempt. */
export function executionNameOf(run: { runId: string; attempt: number }): string {
  return run.attempt <= 1 ? run.runId : `${run.runId}-${run.attempt}`;
}

/** Runs that S3 knows and DynamoDB does not, or knows only as they were earlier. */
export async function mendRunsFromS3(mending: Mending, { snapshots, bare }: RunsInS3): Promise<void> {
  const runs = new Runs(mending.stores.items, mending.stores.clock);
  for (const snapshot of snapshots) {
    const { runId } = snapshot.run;
    const held = await runs.find(mending.ws, runId);
    const restore = () => restoreRun(mending, snapshot);
    const action = 'rebuild it from its snapshot in S3';
    if (!held) {
      const problem = 'S3 has its snapshot, DynamoDB does not know it';
      await mending.found({ kind: 'run-missing', subject: `run ${runId}`, problem, action }, restore);
    } else if (isBehind(held, snapshot)) {
      const problem = `DynamoDB has it as ${held.status} at attempt ${held.attempt}, S3 as ${snapshot.run.status}`;
      await mending.found({ kind: 'run-behind', subject: `run ${runId}`, problem, action }, restore);
    }
  }
  for (const [runId, newest] of bare) {
    if (!mending.isOld(newest.toISOString()) || (await runs.find(mending.ws, runId))) continue;
    if (await isRunning(mending, runId)) continue;
    const problem = 'S3 has objects of it and no snapshot, DynamoDB does not know it';
    const finding = {
      kind: 'run-orphaned' as const,
      subject: `run ${runId}`,
      problem,
      action: 'record it as FAILED',
    };
    await mending.found(finding, () => recordLost(mending, runId, newest));
  }
}

function isBehind(held: Run, { run }: RunSnapshot): boolean {
  if (held.attempt !== run.attempt) return held.attempt < run.attempt;
  return !isTerminal(held.status) && isTerminal(run.status);
}

async function isRunning({ stores }: Mending, name: string): Promise<boolean> {
  return (await stores.executions.describe(name))?.status === 'RUNNING';
}

async function recordLost({ ws, stores }: Mending, runId: string, newest: Date): Promise<void> {
  const runs = new Runs(stores.items, stores.clock);
  const startTime = newest.toISOString();
  const tags = { 'arboleda.reconciled': 'true' };
  await runs.create(ws, { runId, experimentId: '0', name: `lost ${runId.slice(0, 8)}`, startTime, tags });
  await runs.finish(ws, runId, {
    status: 'FAILED',
    error: lost('its record was lost when the store was interrupted'),
  });
}

/** Runs that are open in DynamoDB though nothing works on them, or though they wait in no queue. */
export async function mendOpenRuns(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const runs = new Runs(stores.items, stores.clock);
  const state = new PipelineState(stores.items, stores.clock);
  for (const run of await openRuns(mending)) {
    const execution = await stores.executions.describe(executionNameOf(run));
    if (execution?.status === 'RUNNING') continue;
    const subject = `run ${run.runId}`;
    if (!execution && run.status === 'SCHEDULED') {
      await mendScheduled(mending, run, state);
      continue;
    }
    const ended = execution?.endedAt?.toISOString() ?? run.startTime;
    if (!mending.isOld(ended)) continue;
    const status = outcome(execution?.status);
    const problem = `it is ${run.status}, its execution ${execution ? execution.status : 'is not there'}`;
    const error = lost(
      `its execution ${execution ? `ended ${execution.status}` : 'was lost'} and nothing closed the run`,
    );
    await mending.found(
      { kind: 'run-without-execution', subject, problem, action: `end it as ${status}` },
      async () => {
        // What SUCCEEDED has no error.
        await runs.finish(ws, run.runId, {
          status,
          attempt: run.attempt,
          ...(status !== 'FINISHED' && { error }),
        });
        await endChildren(runs, run, error);
      },
    );
  }
}

/** Child runs have no execution: nothing works on them any more when nothing works on their run. */
async function endChildren(runs: Runs, { workspace, runId }: Run, error: RunError): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await runs.list(workspace, { parentRunId: runId, ...(cursor && { cursor }) });
    for (const child of page.items) {
      if (!isTerminal(child.status))
        await runs.finish(workspace, child.runId, { status: 'KILLED', attempt: child.attempt, error });
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function mendScheduled(mending: Mending, run: Run, state: PipelineState): Promise<void> {
  const { ws, stores } = mending;
  const { pipeline, runId } = run;
  if (!mending.isOld(run.startTime)) return;
  const waits =
    pipeline !== undefined && (await stores.items.get(key.queued(ws, pipeline, runId), { consistent: true }));
  if (waits) return;
  const finding = {
    kind: 'run-not-queued' as const,
    subject: `run ${runId}`,
    problem: 'it is SCHEDULED and waits in no queue',
  };
  const error = lost('its place in the queue was lost');
  await mending.found({ ...finding, action: 'end it as FAILED, so that it can be retried' }, async () => {
    await new Runs(stores.items, stores.clock).finish(ws, runId, { status: 'FAILED', error });
    if (pipeline !== undefined) await state.release(ws, pipeline, runId);
  });
}

/** But for those of MLflow's clients, which have a URI of their own: they run elsewhere, as long as they like. */
async function openRuns({ ws, stores }: Mending): Promise<Run[]> {
  const open: Run[] = [];
  const runs = new Runs(stores.items, stores.clock);
  let ids: string[] = [];
  const flush = async () => {
    const headers = await stores.items.batchGet(
      ids.map((runId) => key.run(ws, runId)),
      { consistent: true },
    );
    const found = headers.filter(
      ({ status, artifactUri }) =>
        (status === 'SCHEDULED' || status === 'RUNNING') && artifactUri === undefined,
    );
    for (const header of found) open.push(await runs.get(ws, header.runId as string));
    ids = [];
  };
  for await (const place of queryAll(stores.items, { pk: partition.runs(ws), consistent: true })) {
    ids.push(place.runId as string);
    if (ids.length === 100) await flush();
  }
  if (ids.length > 0) await flush();
  return open;
}

function outcome(status: ExecutionStatus | undefined): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (status === 'SUCCEEDED') return 'FINISHED';
  return status === 'ABORTED' ? 'KILLED' : 'FAILED';
}

function lost(message: string): RunError {
  return {
    stage: 'plan',
    code: 'RUN_LOST',
    message,
    remedy: 'Go on with `npx arboleda retry RUN`, or start a new run.',
  };
}

/** Items of the pipelines' partition by the first part of their sort key. */
export async function pipelineItems({ ws, stores }: Mending, kind: 'lock' | 'queue' | 'source' | 'last') {
  return collect(stores.items, { pk: partition.pipelines(ws), skPrefix: `${kind}#`, consistent: true });
}
