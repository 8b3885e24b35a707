/**
 * One-row predictions by our handlers (`arboleda serve`, with a token), by `mlflow models serve` and by FastAPI with scikit-learn:
 * the same forest, the same machine, in turns, in one run.
 *   node bench/serving/run.ts --folder DIR --mlflow VENV [--case load|flat --rounds 5 --rate 30 --requests 400 --flat 100000 --write]
 * DIR is what bench/serving/peers.py and `arboleda model import` left (README.md). Open loop: each request has its time to start and
 * its latency counts from then; at most 8 are under way. The case `flat` sends so many to ours alone, and looks at its memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type LoadResult, load } from '../../bin/cli/bench/load.ts';
import { median, report } from './results.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    mlflow: { type: 'string' },
    case: { type: 'string', default: 'load' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '30' },
    requests: { type: 'string', default: '400' },
    flat: { type: 'string', default: '100000' },
    write: { type: 'boolean', default: false },
  },
});
const folder = values.folder ?? '.';
const bin = join(values.mlflow ?? '.', 'bin');
const root = join(import.meta.dirname, '../..');
const TOKEN = 'bench';
const rows = Array.from({ length: 200 }, (_, i) => ({ rooms: 2 + (i % 9), area: 60 + i, age: i % 80 }));

interface Contender {
  name: string;
  port: number;
  path: string;
  body(row: object): string;
  start(port: number): ChildProcess;
}

const run = (command: string, args: string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'ignore', detached: true });

const all: Contender[] = [
  {
    name: 'ours',
    port: 8801,
    path: '/predict',
    body: (row) => JSON.stringify(row),
    start: (port) =>
      run(
        process.execPath,
        ['bin/arboleda.mjs', 'serve', '--model', join(folder, 'ours'), '--port', `${port}`],
        {
          ARBOLEDA_TOKEN: TOKEN,
        },
      ),
  },
  {
    name: 'mlflow models serve',
    port: 8802,
    path: '/invocations',
    body: (row) => JSON.stringify({ dataframe_records: [row] }),
    start: (port) =>
      run(
        join(bin, 'mlflow'),
        ['models', 'serve', '-m', join(folder, 'mlflow'), '--env-manager', 'local', '-p', `${port}`],
        {
          PATH: `${bin}:${process.env.PATH}`,
        },
      ),
  },
  {
    name: 'FastAPI + scikit-learn',
    port: 8803,
    path: '/predict',
    body: (row) => JSON.stringify(row),
    start: (port) => run(join(bin, 'python'), ['bench/serving/peers.py', 'fastapi', folder, `${port}`]),
  },
];

/** Whether the servers are compared, or ours is watched alone. */
const comparing = values.case === 'load';
const contenders = comparing ? all : all.slice(0, 1);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends one row; the status, 0 where there was no answer. `seen` is given the prediction. */
function send(
  { port, path, body }: Contender,
  n: number,
  seen?: (prediction: number) => void,
): Promise<number> {
  const text = body(rows[n % rows.length]!);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    authorization: `Bearer ${TOKEN}`,
  };
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const [first] =
          answer.statusCode === 200 ? JSON.parse(Buffer.concat(parts).toString()).predictions : [];
        seen?.(typeof first === 'object' ? first.prediction : first);
        resolve(answer.statusCode ?? 0);
      });
    });
    call.on('error', () => resolve(0));
    call.end(text);
  });
}

const memory = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The farthest that two answers to a row are apart, as a share of the answer. */
async function agreement(): Promise<number> {
  let farthest = 0;
  for (let n = 0; n < rows.length; n++) {
    const found: number[] = [];
    for (const one of contenders) await send(one, n, (prediction) => found.push(prediction));
    for (const other of found.slice(1)) farthest = Math.max(farthest, Math.abs(found[0]! - other) / other);
  }
  return farthest;
}

async function compare(): Promise<void> {
  const farthest = await agreement();
  const paced = contenders.map((): LoadResult[] => []);
  const full = contenders.map((): LoadResult[] => []);
  const [requests, rate] = [Number(values.requests), Number(values.rate)];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, one] of contenders.entries()) {
      paced[i]!.push(await load((n) => send(one, n), { requests, concurrency: 8, rate }));
      full[i]!.push(await load((n) => send(one, n), { requests, concurrency: 8 }));
    }
  }
  const figures = contenders.map(({ name }, i) => ({
    name,
    p50: median(paced[i]!.map(({ latency }) => latency.p50)),
    p99: median(paced[i]!.map(({ latency }) => latency.p99)),
    perSecond: median(full[i]!.map(({ throughput }) => throughput)),
    errors: [...paced[i]!, ...full[i]!].reduce(
      (sum, one) => sum + one.requests - (one.statuses[200] ?? 0),
      0,
    ),
  }));
  const ours = figures[0]!;
  report(
    'load',
    {
      title: 'Beside MLflow’s server and FastAPI',
      command: 'node bench/serving/run.ts --folder DIR --mlflow VENV --case load --write',
      text: `The same forest (100 trees of depth 12) answers single rows over HTTP by \`arboleda serve\` with a token, by \`mlflow models serve\` and by FastAPI with scikit-learn: in turns, ${values.rounds} rounds of ${requests} requests at ${rate} a second (open loop: a request's time counts from when it was due) and of ${requests} at full speed, eight at a time. Medians over the rounds. The three answers to 200 rows differ by ${farthest.toExponential(1)} of their value at most.`,
      head: [
        'server',
        'p50 ms',
        'p99 ms',
        'a second, 8 at a time',
        'errors',
        'p50 / ours',
        'p99 / ours',
        'throughput, ours / its',
      ],
      rows: figures.map(({ name, p50, p99, perSecond, errors }) => [
        name,
        ...[p50, p99, perSecond].map((value) => value.toFixed(1)),
        String(errors),
        ...[p50 / ours.p50, p99 / ours.p99, ours.perSecond / perSecond].map((value) => value.toFixed(2)),
      ]),
    },
    values.write,
  );
  if (figures.some(({ errors }) => errors > 0)) throw new Error('requests failed');
}

async function watch(): Promise<void> {
  const [ours] = contenders;
  const [flat, parts] = [Number(values.flat), 10];
  const at = [{ mb: memory(started[0]!.pid!), perSecond: Number.NaN }];
  let failed = 0;
  for (let part = 0; part < parts; part++) {
    const done = await load((n) => send(ours!, n), { requests: flat / parts, concurrency: 8 });
    failed += flat / parts - (done.statuses[200] ?? 0);
    at.push({ mb: memory(started[0]!.pid!), perSecond: done.throughput });
  }
  report(
    'flat',
    {
      title: 'Memory over many predictions',
      command: 'node bench/serving/run.ts --folder DIR --case flat --write',
      text: `\`arboleda serve\` answers ${flat.toLocaleString('en')} single rows, eight at a time; resident memory of its process after each tenth.`,
      head: ['predictions', 'MB', 'a second'],
      rows: at.map(({ mb, perSecond }, i) => [
        ((flat / parts) * i).toLocaleString('en'),
        mb.toFixed(0),
        Number.isNaN(perSecond) ? '' : perSecond.toFixed(0),
      ]),
      after: `${failed} errors.`,
    },
    values.write,
  );
  if (failed > 0) throw new Error('requests failed');
}

const started = contenders.map((one) => one.start(one.port));
const stop = () => {
  for (const child of started) if (child.pid !== undefined) process.kill(-child.pid);
};
// A run that is cut off leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop();
    process.exit(1);
  });
}
try {
  for (const one of contenders) {
    for (let tries = 0; (await send(one, 0)) !== 200; tries++) {
      if (tries > 300) throw new Error(`${one.name} does not answer`);
      await sleep(300);
    }
    for (let n = 0; n < 50; n++) await send(one, n);
  }
  await (comparing ? compare() : watch());
} finally {
  stop();
}
process.exit(0);
