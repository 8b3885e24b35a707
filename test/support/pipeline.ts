import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { reportAssets } from '../../lib/learn/index.ts';
import { Catalog } from '../../lib/pipeline/catalog.ts';
import { closeRun, type StartOptions, startRun } from '../../lib/pipeline/control/index.ts';
import type { PipelineDefinition } from '../../lib/pipeline/definition/index.ts';
import type { PipelineDeps, StageInput } from '../../lib/pipeline/deps.ts';
import { runStage } from '../../lib/pipeline/run-stage.ts';
import {
  cleanStage,
  evaluateStage,
  ingestStage,
  plan,
  planTraining,
  promoteStage,
  registerStage,
  trainStage,
} from '../../lib/pipeline/stages/index.ts';
import { Collection, Experiments, PipelineState, Registry, Runs, Stages } from '../../lib/tracking/index.ts';
import type { Run } from '../../lib/tracking/types.ts';
import { FixedClock, MemoryBus, MemoryExecutions, MemoryItemStore, MemoryObjectStore } from './memory.ts';

const require = createRequire(import.meta.url);

export interface PipelineWorld {
  deps: PipelineDeps;
  objects: MemoryObjectStore;
  items: MemoryItemStore;
  executions: MemoryExecutions;
  events: MemoryBus;
  clock: FixedClock;
}

/** A whole platform in memory: what the deployed functions have, without AWS. */
export function pipelineWorld(
  definitions: PipelineDefinition[],
  repoFiles: Record<string, Uint8Array> = {},
  overrides: Partial<PipelineDeps> = {},
): PipelineWorld {
  const clock = new FixedClock(new Date('2026-01-01T00:00:00Z'));
  const objects = new MemoryObjectStore();
  const items = new MemoryItemStore(clock);
  const executions = new MemoryExecutions();
  const events = new MemoryBus();
  const deps: PipelineDeps = {
    objects,
    runs: new Runs(items, clock),
    stages: new Stages(items, clock),
    state: new PipelineState(items, clock),
    collection: new Collection(items, clock),
    registry: new Registry(items, clock),
    experiments: new Experiments(items, clock),
    executions,
    events,
    clock,
    catalog: new Catalog(definitions),
    codeVersion: 'code-1',
    lockfileSha256: 'lock-1',
    repoFile: async (pipeline) => {
      const bytes = repoFiles[pipeline];
      if (bytes === undefined) throw new Error(`no repo file for ${pipeline}`);
      return bytes;
    },
    fetch: async () => {
      throw new TypeError('fetch failed');
    },
    get: async () => {
      throw new TypeError('no source');
    },
    collectorUrls: {},
    reportAssets: loadReportAssets,
    ...overrides,
  };
  return { deps, objects, items, executions, events, clock };
}

let assets: Promise<{ wasm: Uint8Array; font: Uint8Array }> | undefined;
export function loadReportAssets() {
  const read = (specifier: string) => readFile(require.resolve(specifier));
  assets ??= Promise.all([read(reportAssets.wasm), read(reportAssets.font)]).then(([wasm, font]) => ({
    wasm,
    font,
  }));
  return assets;
}

const STAGE_DEFINITIONS = {
  ingest: ingestStage,
  clean: cleanStage,
  train: trainStage,
  evaluate: evaluateStage,
  register: registerStage,
  promote: promoteStage,
};
export type WorkStage = keyof typeof STAGE_DEFINITIONS;

/** Does what the state machine does with one execution: stages in order, the Map, close at the end or on an error. */
export async function execute(
  deps: PipelineDeps,
  input: StageInput,
  codeVersions: Partial<Record<WorkStage, string>> = {},
): Promise<Run> {
  const depsOf = (stage: WorkStage) => ({ ...deps, codeVersion: codeVersions[stage] ?? deps.codeVersion });
  try {
    const { stages } = await plan(deps, input);
    for (const stage of Object.keys(STAGE_DEFINITIONS) as WorkStage[]) {
      if (!stages[stage]) continue;
      if (stage !== 'train') {
        await runStage(depsOf(stage), STAGE_DEFINITIONS[stage] as typeof ingestStage, input);
        continue;
      }
      const { items, merges } = await planTraining(deps, input);
      for (const { item } of items) await runStage(depsOf('train'), trainStage, { ...input, item });
      for (const { item, shards } of merges) {
        await runStage(depsOf('train'), trainStage, { ...input, item, shards });
      }
    }
  } catch (error) {
    const { name, message } = error as Error;
    return closeRun(deps, input, { outcome: 'failed', error: { Error: name, Cause: message } });
  }
  return closeRun(deps, input, { outcome: 'finished' });
}

/** Starts a run and drives it to its end. */
export async function runToEnd(
  deps: PipelineDeps,
  pipeline: string,
  options: Partial<StartOptions> & { codeVersions?: Partial<Record<WorkStage, string>> } = {},
): Promise<Run> {
  const { codeVersions, ...rest } = options;
  const started = await startRun(deps, 'default', pipeline, { trigger: 'caller', actor: 'test', ...rest });
  return execute(
    deps,
    { workspace: 'default', runId: started.runId, attempt: started.attempt },
    codeVersions,
  );
}
