import { readFile } from 'node:fs/promises';
import { NotFoundError } from '../../lib/errors/index.ts';
import type { ApiDeps } from '../../lib/http/deps.ts';
import { VERSION } from '../../lib/http/version.ts';
import { PipelineRunControl } from '../../lib/pipeline/control/run-control.ts';
import { Datasets } from '../../lib/pipeline/datasets/index.ts';
import { Experiments, Runs, reconcile, Stages, type Tokens } from '../../lib/tracking/index.ts';
import { composePipeline } from './deps.ts';
import { servingDeps } from './http.ts';

/** All that the routes need, on the stores of this process. */
export async function apiDeps(): Promise<{ deps: ApiDeps; tokens: Tokens }> {
  const { deps, tokens, stores, environment } = servingDeps();
  const { items, objects, executions } = stores;
  const pipeline = await composePipeline(environment, stores);
  const control = new PipelineRunControl(pipeline);
  return {
    tokens,
    deps: {
      ...deps,
      tokens,
      objects,
      control,
      datasets: new Datasets(pipeline),
      experiments: new Experiments(items, deps.clock),
      runs: new Runs(items, deps.clock),
      stages: new Stages(items, deps.clock),
      reconcile: (workspace, options) =>
        reconcile(workspace, { items, objects, executions, clock: deps.clock }, options),
      asset: readAsset,
      version: VERSION,
    },
  };
}

/** A file of `assets/` beside the bundle. Names come from a fixed list in the routes, never from a caller. */
async function readAsset(name: string): Promise<Uint8Array> {
  try {
    return await readFile(new URL(`./assets/${name}`, import.meta.url));
  } catch (cause) {
    throw new NotFoundError(`no file "${name}" is deployed`, { cause });
  }
}
