import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { reportAssets } from '../../lib/learn/index.ts';
import { Catalog } from '../../lib/pipeline/catalog.ts';
import { type StartOptions, startRun } from '../../lib/pipeline/control/index.ts';
import type { PipelineDefinition } from '../../lib/pipeline/definition/index.ts';
import type { PipelineDeps, StageInput } from '../../lib/pipeline/deps.ts';
import { executeLocally, type WorkStage } from '../../lib/pipeline/local/execute.ts';
import { trackingOver } from '../../lib/tracking/index.ts';
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
    ...trackingOver(items, clock),
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

/** Does what the state machine does with one execution, each stage at the code version that is asked for. */
export const execute = (
  deps: PipelineDeps,
  input: StageInput,
  codeVersions: Partial<Record<WorkStage, string>> = {},
): Promise<Run> =>
  executeLocally(deps, input, {
    depsOf: (stage) => ({ ...deps, codeVersion: codeVersions[stage] ?? deps.codeVersion }),
  });

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
