import type { CollectorSettings } from '../../tracking/index.ts';
import { sourcesOf } from '../catalog.ts';
import type { BatchesSource, PipelineDefinition } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { NotCollectedError } from './errors.ts';

/** What holds for a collector: an operator's settings over the deploy's over the definition's. */
export interface Collecting {
  url: string | undefined;
  /** Seconds. */
  every: number;
  subsets: number;
  group: number;
  state: 'active' | 'paused';
}

export const batchesOf = (definition: PipelineDefinition): BatchesSource | undefined =>
  sourcesOf(definition).find((source): source is BatchesSource => source.kind === 'batches');

/** @throws NotCollectedError */
export function requireBatches(definition: PipelineDefinition): BatchesSource {
  const source = batchesOf(definition);
  if (source === undefined) {
    throw new NotCollectedError(`pipeline ${definition.name} collects no batches`, { field: 'name' });
  }
  return source;
}

/** @param deployed the URL that the deploy read from its environment, if any. */
export function collectingOf(
  source: BatchesSource,
  deployed: string | undefined,
  set: CollectorSettings,
): Collecting {
  const own = typeof source.url === 'string' ? source.url : deployed;
  return {
    url: set.url ?? own,
    every: set.every ?? source.every,
    subsets: set.subsets ?? source.subsets,
    group: set.group ?? source.group,
    state: set.state ?? 'active',
  };
}

/** @throws NotFoundError (no such pipeline), NotCollectedError */
export async function collecting(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
): Promise<Collecting> {
  const source = requireBatches(deps.catalog.get(pipeline));
  const set = await deps.collection.settings(workspace, pipeline);
  return collectingOf(source, deps.collectorUrls[pipeline], set);
}
