import { readFile } from 'node:fs/promises';
import { NotFoundError } from '../../lib/errors/index.ts';
import type { ApiDeps } from '../../lib/http/deps.ts';
import { VERSION } from '../../lib/http/version.ts';
import type { Catalog } from '../../lib/pipeline/catalog.ts';
import { PipelineRunControl } from '../../lib/pipeline/control/run-control.ts';
import { Datasets } from '../../lib/pipeline/datasets/index.ts';
import { RunReports } from '../../lib/pipeline/run-reports/index.ts';
import { Monitoring } from '../../lib/serving/monitor/index.ts';
import { type Environment, openStores, readEnvironment, type Stores } from '../../lib/store/index.ts';
import {
  Artifacts,
  ClientRuns,
  Experiments,
  LoggedModels,
  Registry,
  Runs,
  reconcile,
  Splits,
  Stages,
  type Tokens,
  Workspaces,
} from '../../lib/tracking/index.ts';
import { composePipeline } from './deps.ts';
import { clock, type ServingSide, servingSide } from './http.ts';
import { monitorDeps } from './monitor.ts';

/** The serving side with all of the registry and the splits, and what it stands on. */
export interface ApiSide extends ServingSide {
  deps: ServingSide['deps'] & { registry: Registry; splits: Splits };
  stores: Stores;
  environment: Environment;
}

/** Over stores that were opened elsewhere. */
export function composeServing(environment: Environment, stores: Stores): ApiSide {
  const registry = new Registry(stores.items, clock);
  const splits = new Splits(stores.items, clock);
  const { deps, tokens } = servingSide(environment, stores, { registry, traffic: splits });
  return { deps: { ...deps, registry, splits }, tokens, stores, environment };
}

/** All that the routes need, on the stores of this process. */
export function apiDeps(): Promise<{ deps: ApiDeps; tokens: Tokens }> {
  const environment = readEnvironment(process.env);
  return composeApi(composeServing(environment, openStores(environment)));
}

/** The same, over a serving side and pipelines that were opened elsewhere. */
export async function composeApi(
  { deps, tokens, stores, environment }: ApiSide,
  pipelines?: Catalog,
): Promise<{ deps: ApiDeps; tokens: Tokens }> {
  const { items, objects, executions } = stores;
  const pipeline = await composePipeline(environment, stores, pipelines);
  const control = new PipelineRunControl(pipeline);
  const runs = new Runs(items, deps.clock);
  return {
    tokens,
    deps: {
      ...deps,
      tokens,
      workspaces: new Workspaces(items, deps.clock),
      objects,
      control,
      monitoring: new Monitoring(monitorDeps(environment, stores, pipeline), deps.serving),
      datasets: new Datasets(pipeline),
      runReports: new RunReports(pipeline),
      experiments: new Experiments(items, deps.clock),
      runs,
      clientRuns: new ClientRuns(items, deps.clock),
      artifacts: new Artifacts({ objects, uploads: stores.multipart, runs }),
      stages: new Stages(items, deps.clock),
      loggedModels: new LoggedModels(items, deps.clock),
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
