import type { Here } from '../../bin/cli/reproduce/here.ts';
import { type RunSource, reproduce } from '../../bin/cli/reproduce/reproduce.ts';
import { definitionHash, describeDefinition } from '../../lib/pipeline/catalog.ts';
import { Catalog, type PipelineDefinition } from '../../lib/pipeline/index.ts';
import type { PipelineWorld } from './pipeline.ts';

const WS = 'default';

/** The API's side, from the stores of a platform in memory. */
export const sourceOf = (world: PipelineWorld): RunSource => ({
  run: async (runId) => ({
    ...(await world.deps.runs.get(WS, runId)),
    stages: await world.deps.stages.list(WS, runId),
    artifacts: await world.deps.runs.listArtifacts(WS, runId),
  }),
  data: (sha) => world.objects.get(`${WS}/raw/${sha}`),
  artifact: (_, { key }) => world.objects.get(key),
});

/** A working copy with this definition, and otherwise what `pipelineWorld` records. */
export const hereWith =
  (definition: PipelineDefinition, over: Record<string, unknown> = {}) =>
  async (): Promise<Here> => ({
    catalog: new Catalog([definition]),
    surroundings: () => ({
      definition: describeDefinition(definition),
      definitionSha256: definitionHash(definition),
      codeVersions: Object.fromEntries(
        ['plan', 'ingest', 'clean', 'train', 'evaluate'].map((stage) => [stage, 'code-1']),
      ),
      lockfileSha256: 'lock-1',
      nodeVersion: process.version,
      ...over,
    }),
  });

export const reproduceFrom = (world: PipelineWorld, runId: string, here: () => Promise<Here>) =>
  reproduce(runId, { source: sourceOf(world), here });
