/**
 * A warm prediction of one row inside the function: the handler that is deployed (gateway event, middy, router, token, rights,
 * alias, model, log), taken apart into the model, the awaited write of the log, the reads of the table and the rest.
 *   node bench/serving/inside.ts --folder DIR [--requests 3000 --write]
 * DIR is what `arboleda model import` or `train` left. Stores are in memory; emulator.ts does the same on the emulator's.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clock } from '../../lambdas/shared/http.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import { Registry } from '../../lib/tracking/registry.ts';
import { Tokens } from '../../lib/tracking/tokens.ts';
import { serveModel } from '../../test/support/batch.ts';
import { MemoryItemStore, MemoryObjectStore } from '../../test/support/memory.ts';
import { insideHead, insideRows, measureInside } from './inside-handler.ts';
import { report } from './results.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    requests: { type: 'string', default: '3000' },
    write: { type: 'boolean', default: false },
  },
});
const bytes = readFileSync(join(values.folder ?? '.', 'model.arbm'));
const loaded = readModelFile(bytes);
const { name, task, algorithm } = loaded.manifest;
const stores = { items: new MemoryItemStore(), objects: new MemoryObjectStore(), adminSecret: undefined };
await serveModel({ objects: stores.objects, registry: new Registry(stores.items, clock) }, name, bytes, task);
const { token } = await new Tokens(stores.items, clock).create('default', {
  role: 'predictor',
  name: 'bench',
});
const requests = Number(values.requests);
const found = await measureInside({ stores, token, name, loaded, requests, warmUp: 1_000 });
report(
  'inside',
  {
    title: 'A warm prediction of one row, inside the function',
    command: 'node bench/serving/inside.ts --folder DIR --write',
    text: `${requests.toLocaleString('en')} requests, one after the other, to the deployed handler over stores in memory; ${algorithm}, ${(bytes.length / 1e6).toFixed(1)} MB. The write of the log is awaited; here it costs what its preparation does.`,
    head: insideHead,
    rows: insideRows(found),
  },
  values.write,
);
process.exit(0);
