import { readFile } from 'node:fs/promises';
import { NotFoundError } from '../../lib/errors/index.ts';
import type { Catalog } from '../../lib/pipeline/catalog.ts';
import { GET_LIMITS, guardedGet } from '../../lib/pipeline/collect/get.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import { type Environment, openStores, readEnvironment, type Stores } from '../../lib/store/index.ts';
import { trackingOver } from '../../lib/tracking/index.ts';
import { catalog } from './catalog.ts';

const clock = { now: () => new Date() };
let opened: Promise<PipelineDeps> | undefined;

/** The pipeline's stores over this process's environment; opened once, at the first event. */
export function pipelineDeps(): Promise<PipelineDeps> {
  opened ??= open();
  return opened;
}

async function open(): Promise<PipelineDeps> {
  const environment = readEnvironment(process.env);
  return composePipeline(environment, openStores(environment));
}

/** The same, over stores that were opened elsewhere, and over other pipelines than the deployed ones where they are given. */
export async function composePipeline(
  environment: Environment,
  stores: Stores,
  pipelines?: Catalog,
): Promise<PipelineDeps> {
  const { items } = stores;
  return {
    get objects() {
      return stores.objects;
    },
    get executions() {
      return stores.executions;
    },
    get events() {
      return stores.events;
    },
    ...trackingOver(items, clock),
    catalog: pipelines ?? (await catalog()),
    clock,
    codeVersion: environment.codeVersion ?? 'unbundled',
    lockfileSha256: environment.lockfileSha256,
    memoryMb: environment.memoryMb,
    training: environment.training,
    repoFile: (pipeline) => repoFile(environment, stores, pipeline),
    fetch,
    get: guardedGet({ ...GET_LIMITS, inner: environment.collectPrivate }),
    collectorUrls: environment.collectorUrls,
    schedulesOff: environment.schedulesOff,
    reportAssets,
  };
}

async function repoFile(environment: Environment, stores: Stores, pipeline: string): Promise<Uint8Array> {
  const place = environment.sources[pipeline];
  if (place === undefined) throw new NotFoundError(`no file of pipeline ${pipeline} was deployed`);
  return stores.bucket(place.bucket).get(place.key);
}

async function reportAssets(): Promise<{ wasm: Uint8Array; font: Uint8Array }> {
  const read = (name: string) => readFile(new URL(`./assets/${name}`, import.meta.url));
  const [wasm, font] = await Promise.all([read('resvg.wasm'), read('font.ttf')]);
  return { wasm, font };
}
