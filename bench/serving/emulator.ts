/**
 * Predictions through the emulator: the app is deployed on it (or found, by ARBOLEDA_TEST_DIR), the forest of run.ts registered and
 * promoted, and single rows asked through gateway and Lambda, open loop; then the deployed handler in this process on the emulator's
 * DynamoDB, where the awaited write of the log goes over HTTP.
 *   node bench/serving/emulator.ts --folder DIR [--requests 1000 --rate 10 --write]
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from '../../bin/cli/bench/load.ts';
import { ApiClient } from '../../bin/cli/client.ts';
import { registerModel } from '../../bin/cli/register-model.ts';
import { convertModel } from '../../bin/local-train/import-model.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import { openServingStores, readEnvironment } from '../../lib/store/index.ts';
import { startStack, type TestStack } from '../../test/integration/setup.ts';
import { insideHead, insideRows, measureInside } from './inside-handler.ts';
import { report } from './results.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    requests: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '10' },
    write: { type: 'boolean', default: false },
  },
});
const [requests, rate] = [Number(values.requests), Number(values.rate)];
const name = `forest-${randomBytes(4).toString('hex')}`;
const rows = Array.from({ length: 200 }, (_, i) => ({ rooms: 2 + (i % 9), area: 60 + i, age: i % 80 }));

/** Single rows through gateway and function. */
async function through({ apiUrl }: TestStack, token: string) {
  const send = async (n: number): Promise<number> => {
    try {
      const answer = await fetch(`${apiUrl}/models/${name}/predict`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(rows[n % rows.length]),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  };
  await load(send, { requests: 50, concurrency: 2 });
  return {
    paced: await load(send, { requests, concurrency: 8, rate }),
    full: await load(send, { requests, concurrency: 4 }),
  };
}

/** The same handler in this process, on the emulator's table and bucket. */
async function inside({ endpoint, region, outputs }: TestStack, token: string, body: Uint8Array) {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const output = (what: RegExp): string => {
    const key = Object.keys(outputs).find((one) => what.test(one));
    if (key === undefined) throw new Error(`the stack has no output like ${what}`);
    return outputs[key]!;
  };
  const stores = openServingStores(
    readEnvironment({ ARBOLEDA_TABLE: output(/table/i), ARBOLEDA_BUCKET: output(/bucket/i) }),
  );
  return measureInside({ stores, token, name, loaded: readModelFile(body), requests: 500, warmUp: 200 });
}

const { stack, stop } = await startStack();
try {
  const client = new ApiClient({ name: 'bench', apiUrl: stack.apiUrl, token: stack.adminToken });
  const { token } = await client.post<{ token: string }>('/tokens', { role: 'predictor', name });
  const features = ['rooms', 'area', 'age'];
  const model = await convertModel({
    file: join(values.folder ?? '.', 'forest.onnx'),
    target: 'price',
    features,
    name,
  });
  await registerModel(client, model, { name, alias: 'production' });
  const { paced, full } = await through(stack, token);
  const found = await inside(stack, token, model.body);
  const errors = paced.requests + full.requests - (paced.statuses[200] ?? 0) - (full.statuses[200] ?? 0);
  const { latency } = paced;
  const cells = [latency.p50, latency.p90, latency.p99];
  report(
    'emulator',
    {
      title: 'Through the emulator',
      command: 'node bench/serving/emulator.ts --folder DIR --write',
      text: `The app as it is deployed, on MiniStack: the same forest asked for single rows through gateway and function (${requests} requests at ${rate} a second, open loop, then ${requests} four at a time); the emulator's own work, in Python on the same two cores, is in every figure. Below it 500 requests to the same handler in one process, on the emulator's table: there the write of the log goes over HTTP. ${errors} errors.`,
      head: insideHead,
      rows: [
        ['through gateway and function', ...cells.map((one) => one.toFixed(1))],
        ...insideRows(found).map(([what, ...rest]) => [`handler on the emulator's table: ${what}`, ...rest]),
      ],
      after: `Four at a time the gateway answered ${full.throughput.toFixed(1)} requests a second.`,
    },
    values.write,
  );
  if (errors > 0) throw new Error(`${errors} requests failed`);
} finally {
  await stop();
}
process.exit(0);
