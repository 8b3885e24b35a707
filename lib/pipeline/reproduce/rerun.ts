import { LocalItemStore } from '../../store/local/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import { trackingOver } from '../../tracking/index.ts';
import type { Run } from '../../tracking/types.ts';
import type { Catalog } from '../catalog.ts';
import { startRun } from '../control/start.ts';
import type { PipelineDeps } from '../deps.ts';
import { keys } from '../keys.ts';
import { executeLocally, type WorkStage } from '../local/execute.ts';
import { WORK_STAGES } from '../stages/plan.ts';
import { CANDIDATES_PATH, type CandidateRecord, DEFINITION_PATH, type RunRecord } from './record.ts';

export interface RerunOptions {
  /** The recorded run. */
  run: Run;
  pipeline: string;
  /** The delivered bytes. */
  source: Uint8Array;
  catalog: Catalog;
  /** An empty store. */
  objects: ObjectStore;
  reportAssets: PipelineDeps['reportAssets'];
  onStage?: (stage: WorkStage) => void;
}

/** One function that takes any size: shards and functions are a matter of time, not of bytes. */
const UNBOUNDED = { memory: 10_240, seconds: Number.MAX_SAFE_INTEGER, concurrency: Number.MAX_SAFE_INTEGER };

/**
 * Does a run's work again in this process, over stores that hold nothing but the delivered bytes: ingest, clean, train
 * and evaluate, or as far as the run went. It registers nothing and promotes nothing.
 */
export async function rerun(options: RerunOptions): Promise<RunRecord> {
  const { run, pipeline, source, catalog, objects, onStage } = options;
  // Keys name the workspace, and the dataset's manifest names keys: another one would be other bytes.
  const { workspace, lineage, tags } = run;
  await objects.putIfAbsent(keys.raw(workspace, lineage.sourceSha256 ?? ''), source, {
    contentType: 'application/octet-stream',
  });
  const deps = depsOf(options, {
    sha256: lineage.sourceSha256 ?? '',
    synthetic: tags['data.synthetic'] === 'true',
    source: tags['data.source'] ?? 'recorded',
  });
  const last = Math.min(WORK_STAGES.indexOf(run.to ?? 'evaluate'), WORK_STAGES.indexOf('evaluate'));
  const { runId, attempt } = await startRun(deps, workspace, catalog.get(pipeline).name, {
    trigger: 'caller',
    actor: `reproduction of ${run.runId}`,
    to: WORK_STAGES[last]!,
  });
  const ended = await executeLocally(deps, { workspace, runId, attempt }, { ...(onStage && { onStage }) });
  return recordOf(deps, ended);
}

function depsOf(
  { catalog, objects, reportAssets }: RerunOptions,
  recorded: NonNullable<PipelineDeps['recorded']>,
): PipelineDeps {
  const clock = { now: () => new Date() };
  const items = new LocalItemStore(clock);
  const refuse = async (): Promise<never> => {
    throw new Error('a reproduction asks nobody: it has the bytes that were delivered');
  };
  return {
    objects,
    ...trackingOver(items, clock),
    executions: { start: async () => 'started', stop: async () => {}, describe: async () => undefined },
    events: { publish: async () => {} },
    catalog,
    clock,
    codeVersion: 'reproduction',
    training: UNBOUNDED,
    recorded,
    repoFile: refuse,
    fetch: refuse,
    get: refuse,
    collectorUrls: {},
    reportAssets,
  };
}

async function recordOf(deps: PipelineDeps, run: Run): Promise<RunRecord> {
  const { workspace, runId } = run;
  const [stages, artifacts] = await Promise.all([
    deps.stages.list(workspace, runId),
    deps.runs.listArtifacts(workspace, runId),
  ]);
  const json = async (path: string): Promise<unknown> => {
    const found = artifacts.find((artifact) => artifact.path === path);
    return found && JSON.parse(new TextDecoder().decode(await deps.objects.get(found.key)));
  };
  const selected = stages.find(({ stage, status }) => stage === 'evaluate' && status === 'DONE')?.outputs as
    | { modelKey: string }
    | undefined;
  return {
    run,
    stages,
    artifacts,
    definition: await json(DEFINITION_PATH),
    candidates: (await json(CANDIDATES_PATH)) as CandidateRecord[] | undefined,
    model: selected && (await deps.objects.get(selected.modelKey)),
  };
}
