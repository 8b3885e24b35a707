import { appOf, clock, gatewayHandler, servingSide } from '../../lambdas/shared/http.ts';
import type { GatewayEvent } from '../../lib/http/gateway.ts';
import { servingRoutes } from '../../lib/http/routes/serving.ts';
import type { LoadedModel } from '../../lib/learn/file/model-file.ts';
import { matrixOfRows, predictRows } from '../../lib/learn/predict-rows.ts';
import { readEnvironment, type ServingStores } from '../../lib/store/index.ts';
import { exampleRow } from '../../lib/table/example-row.ts';
import { RegistryReader } from '../../lib/tracking/registry-reader.ts';
import { SplitTraffic } from '../../lib/tracking/splits/traffic.ts';
import { median, quantile } from './results.ts';

/** Milliseconds of each request. */
export interface Inside {
  handler: number[];
  /** The awaited write of the log. */
  log: number[];
  /** The token, at each request; the model's version and split, every 2 s. */
  reads: number[];
  /** Preparing the row, the model, and naming its answer, by the engine alone. */
  rows: number[];
  /** The model alone. */
  model: number[];
  /** The handler without the model and the write of the log. */
  beyond: number[];
  /** The same without the reads of the table too. */
  own: number[];
}

export interface InsideOptions {
  stores: ServingStores;
  token: string;
  /** The registered model, and its file as it was read. */
  name: string;
  loaded: LoadedModel;
  requests: number;
  warmUp: number;
}

/**
 * Asks the deployed handler for one row after the other. Each call to the table is timed; the model by itself is timed on the
 * same row in turns with the handler.
 */
export async function measureInside(options: InsideOptions): Promise<Inside> {
  const { stores, token, name, loaded, requests, warmUp } = options;
  const spent = { log: 0, reads: 0 };
  const items = timedItems(stores.items, spent);
  const { deps, tokens } = servingSide(
    readEnvironment({}),
    { ...stores, items, objects: stores.objects, adminSecret: undefined },
    { registry: new RegistryReader(items, clock), traffic: new SplitTraffic(items, clock) },
  );
  const handler = gatewayHandler(async () => appOf(servingRoutes, deps, tokens));
  const row = exampleRow(loaded.manifest);
  const run = `${Date.now()}`;
  const event = (n: number): GatewayEvent => ({
    httpMethod: 'POST',
    path: `/models/${name}/predict`,
    resource: '/models/{name}/predict',
    pathParameters: { name },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(row),
    requestContext: { requestId: `bench-${run}-${n}` },
  });
  const found: Inside = { handler: [], log: [], reads: [], rows: [], model: [], beyond: [], own: [] };
  const loud = hushLog();
  try {
    for (let n = 0; n < warmUp + requests; n++) {
      Object.assign(spent, { log: 0, reads: 0 });
      const from = performance.now();
      const answer = await handler(event(n), {} as never);
      const whole = performance.now() - from;
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${answer.body}`);
      const rows = time(() => void predictRows(loaded, [row]));
      const { x } = matrixOfRows(loaded, [row]);
      const model = time(() => void loaded.model.predict(x));
      if (n < warmUp) continue;
      found.handler.push(whole);
      found.log.push(spent.log);
      found.reads.push(spent.reads);
      found.rows.push(rows);
      found.model.push(model);
      found.beyond.push(whole - spent.log - model);
      found.own.push(whole - spent.log - spent.reads - model);
    }
  } finally {
    loud();
  }
  return found;
}

export const insideHead = ['part', 'median ms', 'p90', 'p99'];

/** The parts of a request as rows of a table. */
export function insideRows(found: Inside): string[][] {
  const row = (what: string, numbers: readonly number[]) => [
    what,
    ...[median(numbers), quantile(numbers, 0.9), quantile(numbers, 0.99)].map((one) => one.toFixed(3)),
  ];
  return [
    row('whole handler', found.handler),
    row('of it: the model', found.model),
    row('of it: preparing the row, the model, naming its answer', found.rows),
    row('of it: awaited write of the log', found.log),
    row('of it: reads of the table (token; version and split every 2 s)', found.reads),
    row('**beyond the model and the write of the log**', found.beyond),
    row('beyond those and the reads', found.own),
  ];
}

function timedItems(items: ServingStores['items'], spent: { log: number; reads: number }) {
  return new Proxy(items, {
    get(target, key) {
      const found = Reflect.get(target, key) as unknown;
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...args: unknown[]) => Promise<unknown>;
      const part = key === 'put' ? 'log' : key === 'get' || key === 'query' ? 'reads' : undefined;
      if (part === undefined) return call;
      return async (...args: unknown[]) => {
        const from = performance.now();
        try {
          return await call(...args);
        } finally {
          spent[part] += performance.now() - from;
        }
      };
    },
  });
}

function time(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

/** Log lines are made and written as in the function, but to nowhere: figures are printed there. Gives the way back. */
function hushLog(): () => void {
  const write = process.stdout.write;
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) =>
    String(chunk).startsWith('{"level"') ? true : write.call(process.stdout, chunk, ...rest)) as typeof write;
  return () => {
    process.stdout.write = write;
  };
}
