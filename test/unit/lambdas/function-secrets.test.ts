import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { TransientError } from '../../../lib/errors/index.ts';
import { startBatch } from '../../../lib/pipeline/batch/start.ts';
import { GET_LIMITS, guardedGet } from '../../../lib/pipeline/collect/get.ts';
import type { PipelineDefinition } from '../../../lib/pipeline/definition/index.ts';
import type { PipelineDeps } from '../../../lib/pipeline/deps.ts';
import { env, firstOf, generate, httpBatches, httpsFile } from '../../../lib/pipeline/index.ts';
import { StoreError } from '../../../lib/store/errors.ts';
import type { Stores } from '../../../lib/store/index.ts';
import { serveModel, sha256Of } from '../../support/batch.ts';
import { collectedClasses, P, tinyRows, WS } from '../../support/collecting.ts';
import { tinyClasses } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';
import { houseFile } from '../learn/model-fixture.ts';
import { MINUTE, watchedWorld } from '../serving/monitor/support.ts';

/**
 * Every function but those of the API, by its handler: with secrets in the addresses of sources, in what sources answer, in the
 * errors of AWS and of the network, and in the environment. What they write is kept: logs as the runtime prints them, all
 * items, all objects, events and executions.
 */
const TOKEN = 'q7Kd93fTz0-source-token-Pw1';
const PASSWORD = 'hunter2-of-the-source';
const SIGNATURE = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b';
const SESSION = 'FwoGZXIvYXdzEPlanted+session/token0123456789abcdef==';
const BEARER = 'eyJhbGciOiJIUzI1NiJ9.cGxhbnRlZA.c2lnbmF0dXJlLXBsYW50ZWQ';
const PATH = 'T024BE7LD-services-B0J4PLANTED';
const ENVIRONMENT = 'wJalrXUtnFEMI-K7MDENG-planted-secret-key';
const SECRETS = [TOKEN, PASSWORD, SIGNATURE, SESSION, BEARER, PATH, ENVIRONMENT];

/** As a presigned URL of S3 has them, and as the SDK quotes a request whose signature is wrong. */
const PRESIGNED = `https://bucket.s3.eu-west-1.amazonaws.com/raw/a.csv?X-Amz-Credential=AKIA%2Fx&X-Amz-Security-Token=${encodeURIComponent(SESSION)}&X-Amz-Signature=${SIGNATURE}`;
const AWS_ERROR = [
  `connect ETIMEDOUT while putting ${PRESIGNED}`,
  `canonical request: 'host:s3\nx-amz-security-token:${SESSION}\n' Authorization: Bearer ${BEARER}`,
  `proxy https://caller:${PASSWORD}@proxy.example:3128/?token=${TOKEN} secret=${ENVIRONMENT}`,
].join('; ');

let world: PipelineWorld;
let stores: Stores;
vi.mock('../../../lambdas/shared/deps.ts', () => ({ pipelineDeps: async () => world.deps }));
vi.mock('../../../lib/store/index.ts', async (original) => ({
  ...(await original<typeof import('../../../lib/store/index.ts')>()),
  openStores: () => stores,
}));

const written: string[] = [];
const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
  vi.spyOn(console, method).mockImplementation((...of) => void written.push(of.join(' '))),
);
const streams = [process.stdout, process.stderr].map((stream) =>
  vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  }),
);
vi.stubEnv('AWS_SECRET_ACCESS_KEY', ENVIRONMENT);
vi.stubEnv('AWS_SESSION_TOKEN', SESSION);

const servers: Server[] = [];
afterAll(() => {
  for (const spy of [...spies, ...streams]) spy.mockRestore();
  vi.unstubAllEnvs();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function openWorld(definitions: PipelineDefinition[], more: Partial<PipelineDeps> = {}): void {
  world = pipelineWorld(definitions, {}, more);
  const { items, objects, executions, events } = world;
  stores = { items, objects, executions, events } as unknown as Stores;
}

beforeEach(() => {
  written.length = 0;
});

/** What Lambda's runtime logs of an error, and what Step Functions is told as its Cause. */
const printed = (error: Error) =>
  JSON.stringify({
    errorType: error.name,
    errorMessage: error.message,
    trace: error.stack?.split('\n'),
    ...error,
  });

/** One invocation; of one that fails, its error as the state machine catches it. */
async function invoke(name: string, event: unknown): Promise<{ Error: string; Cause: string } | undefined> {
  const { handler } = (await import(`../../../lambdas/${name}/handler.ts`)) as {
    handler: (event: unknown, context: Context) => Promise<unknown>;
  };
  try {
    written.push(JSON.stringify(await handler(event, {} as Context)));
    return undefined;
  } catch (error) {
    written.push(printed(error as Error));
    return { Error: (error as Error).name, Cause: printed(error as Error) };
  }
}

/** All that was kept. A collector's settings are where an operator put its address, and are shown as what they are. */
async function kept(): Promise<string> {
  const { items, objects, events, executions } = world;
  const rows = items.dump().filter(({ sk }) => sk !== '0#settings');
  const files = await Promise.all(
    objects.keys().map(async (key) => String(Buffer.from(await objects.get(key)))),
  );
  return [
    ...written,
    JSON.stringify(rows),
    ...objects.keys(),
    ...files,
    JSON.stringify(events.events),
    JSON.stringify([...executions.all]),
  ].join('\n');
}

const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`caller:${secret}`).toString('base64'),
];

async function expectNoSecret(seen: RegExp): Promise<void> {
  const all = await kept();
  expect(all).toMatch(seen);
  expect(SECRETS.filter((secret) => forms(secret).some((form) => all.includes(form)))).toEqual([]);
  // Nor a half of one, where a text was cut.
  expect(SECRETS.filter((secret) => all.includes(secret.slice(0, 14)))).toEqual([]);
}

describe('the collector tells no secret of its source', () => {
  const definition = collectedClasses({
    source: firstOf(
      httpBatches({ url: env('TINY_URL'), subsets: 3, every: 600 }),
      generate({ seed: 1, rows: 200, make: (_, rows) => tinyRows(rows) }),
    ),
  });

  /** An API that answers as debug pages do: with the request, its headers and its address. */
  async function sourceOf(listener: (echo: string) => RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      const address = `http://${request.headers.host}${request.url}`;
      const echo = [
        `refused: ${request.url}`,
        address,
        decodeURIComponent(address),
        authorization,
        Buffer.from(authorization.slice(6), 'base64').toString(),
        `x-amz-security-token:${SESSION}`,
        `Bearer ${BEARER}`,
      ].join('\n');
      listener(echo)(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return `http://caller:${PASSWORD}@127.0.0.1:${port}/hooks/${PATH}/data?k=${TOKEN}&sig=${SIGNATURE}`;
  }

  const answers =
    (status: number, headers: Record<string, string> = {}) =>
    (echo: string): RequestListener =>
    (_, response) =>
      response.writeHead(status, headers).end(echo);

  it.each<[string, string, (echo: string) => RequestListener]>([
    ['is broken', 'server-error', answers(500)],
    ['refuses', 'refused', answers(403)],
    ['asks for another token', 'refused', answers(401, { 'www-authenticate': `Bearer realm="${TOKEN}"` })],
    ['leads elsewhere with the secret', 'refused', answers(302, { location: `/other?k=${TOKEN}` })],
    ['has no more data', 'exhausted', answers(400)],
    ['sends no JSON', 'truncated', answers(200)],
    [
      'sends JSON of another form',
      'malformed',
      (echo) => (_, response) => response.end(JSON.stringify({ batch_number: echo, data: [[echo]] })),
    ],
    ['hangs up', 'unreachable', () => (request) => request.socket.destroy()],
    ['is silent', 'timeout', () => () => undefined],
    ['does not end', 'too-large', (echo) => (_, response) => response.end(echo.repeat(200))],
    [
      'tells it behind much else',
      'refused',
      (echo) => (_, response) => response.writeHead(403).end(`${'-'.repeat(165)}${echo}`),
    ],
  ])('that %s', async (_, outcome, listener) => {
    const url = await sourceOf(listener);
    const get = guardedGet({ ...GET_LIMITS, inner: true, milliseconds: 300, bytes: 8_000 });
    openWorld([definition], { get, collectorUrls: { [P]: url } });
    expect(await invoke('collect', { workspace: WS })).toBeUndefined();
    await expectNoSecret(new RegExp(`"outcome":"${outcome}"`));
    expect((await world.deps.collection.counts(WS, P)).outcomes).toEqual({ [outcome]: 1 });
  });

  it('that an operator named, nor of one whose address is never called', async () => {
    const url = `http://169.254.169.254/latest/${PATH}?token=${TOKEN}`;
    openWorld([definition], { get: guardedGet({ ...GET_LIMITS, inner: true }) });
    await world.deps.collection.setSettings(WS, P, { url }, undefined);
    await invoke('collect', { workspace: WS });
    await expectNoSecret(/"outcome":"forbidden"/);
  });

  it('where the call ends with an error of another kind', async () => {
    const get = async () => {
      throw new Error(AWS_ERROR);
    };
    openWorld([definition], { get, collectorUrls: { [P]: 'http://source.example/data' } });
    await invoke('collect', { workspace: WS });
    await expectNoSecret(/"message":"poll failed".*ETIMEDOUT/s);
  });
});

const generated = generate({ seed: 1, rows: 200, make: (_, rows) => tinyRows(rows) });
const pinned = (url: string) => httpsFile({ url, sha256: 'a'.repeat(64) });
const classes = (source: Parameters<typeof firstOf>[0][]) =>
  tinyClasses({
    source: firstOf(...source),
    row: z.object({ x: z.number(), y: z.number(), label: z.enum(['yes', 'no']) }),
  });

/** One execution by the handlers, to its end; gives the run's id. */
async function execute(): Promise<string> {
  await invoke('start', { workspace: WS, pipeline: P, eventId: 'e1', trigger: 'schedule' });
  const { items } = await world.deps.runs.list(WS, { pipeline: P });
  const { runId } = items[0]!;
  const input = { workspace: WS, runId, attempt: 1 };
  const steps: [string, object][] = [
    ['plan', { ...input, pipeline: P }],
    ['ingest', input],
    ['clean', input],
    ['plan', { ...input, phase: 'train' }],
    ['train', { ...input, item: '0' }],
    ['evaluate', input],
    ['register', input],
    ['promote', input],
  ];
  for (const [name, event] of steps) {
    const error = await invoke(name, event);
    if (error === undefined) continue;
    await invoke('close', { ...input, pipeline: P, outcome: 'failed', stage: name, error });
    return runId;
  }
  await invoke('close', { ...input, pipeline: P, outcome: 'finished' });
  return runId;
}

describe('a run tells no secret of its sources', () => {
  const fetched: [string, typeof fetch][] = [
    ['are of another hash', async () => new Response('x,y,label\n1,2,yes\n')],
    ['are refused', async (url) => new Response(`no: ${String(url)}`, { status: 403 })],
    ['fail', async (url) => new Response(`oh: ${String(url)}`, { status: 500 })],
    [
      'lead elsewhere without end',
      async (url) => {
        throw new TypeError('fetch failed', {
          cause: new Error(`redirect count exceeded at ${String(url)}`),
        });
      },
    ],
    [
      'cannot be had',
      async (url) => {
        throw new TypeError(`Failed to parse URL from ${String(url)}`);
      },
    ],
  ];

  it.each(fetched)('whose bytes %s, be there another one or none', async (_, fetch) => {
    openWorld([classes([pinned(PRESIGNED), generated])], { fetch });
    const runId = await execute();
    expect((await world.deps.runs.get(WS, runId)).status).toBe('FINISHED');
    await expectNoSecret(/every version is promoted/);

    openWorld([classes([pinned(PRESIGNED)])], { fetch });
    const failed = await execute();
    expect((await world.deps.runs.get(WS, failed)).error).toMatchObject({
      stage: 'ingest',
      code: 'NO_SOURCE',
    });
    await expectNoSecret(/no data for pipeline tiny-classes: https: /);
  });

  it('and a definition with a password in it is none', () => {
    const define = () => classes([pinned(`https://caller:${PASSWORD}@host.example/a.csv`)]);
    expect(define).toThrow(/a URL without user and password/);
    expect(define).not.toThrow(new RegExp(PASSWORD));
  });
});

/** What a store throws: its own error of AWS's, one that is to be retried, and what nobody foresaw. */
const ERRORS: [string, string, () => Error][] = [
  ['an error of a store', 'STORE', () => new StoreError(`S3 PutObject a: ${AWS_ERROR}`)],
  ['what may be retried', 'TRANSIENT', () => new TransientError(`DynamoDB Query: ${AWS_ERROR}`)],
  ['an error of no kind', 'INTERNAL_ERROR', () => new Error(AWS_ERROR)],
];

describe.each(ERRORS)('no function tells what is quoted by %s', (_, code, makeError) => {
  const fail = (object: object, method: string) =>
    vi.spyOn(object as Record<string, () => Promise<unknown>>, method).mockRejectedValue(makeError());

  const STAGES = ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote'];
  it.each([...STAGES, 'the list of what to train'])('%s', async (broken) => {
    openWorld([classes([generated])]);
    await invoke('start', { workspace: WS, pipeline: P, eventId: 'e1', trigger: 'schedule' });
    const { runId } = (await world.deps.runs.list(WS, { pipeline: P })).items[0]!;
    const input = { workspace: WS, runId, attempt: 1 };
    for (const step of STAGES.toSpliced(3, 0, 'the list of what to train')) {
      const name = step.startsWith('the list') ? 'plan' : step;
      const more = name !== step ? { phase: 'train' } : step === 'train' ? { item: '0' } : {};
      // Each of them reads or writes these; the record of its failure and its log are written otherwise.
      const spies =
        step !== broken
          ? []
          : name === step
            ? [fail(world.deps.runs, 'setLineage')]
            : [fail(world.objects, 'putIfAbsent'), fail(world.objects, 'get')];
      const error = await invoke(name, { ...input, ...(name === 'plan' && { pipeline: P }), ...more });
      for (const spy of spies) spy.mockRestore();
      if (step !== broken) {
        expect(error, step).toBeUndefined();
        continue;
      }
      expect(error?.Error).toBe(makeError().name);
      const stage = name === step ? step : 'train';
      await invoke('close', { ...input, pipeline: P, outcome: 'failed', stage, error });
      expect((await world.deps.runs.get(WS, runId)).error).toMatchObject({ stage, code });
      return expectNoSecret(/Run Failed/);
    }
  });

  it('where a stage could record nothing, and the end of the run tells its cause', async () => {
    openWorld([classes([generated])]);
    await invoke('start', { workspace: WS, pipeline: P, eventId: 'e1', trigger: 'schedule' });
    const { runId } = (await world.deps.runs.list(WS, { pipeline: P })).items[0]!;
    const input = { workspace: WS, runId, attempt: 1 };
    for (const error of [makeError(), Object.assign(makeError(), { name: 'Runtime.ExitError' })]) {
      // As the runtime prints what never came through a handler of ours.
      const caught = { Error: error.name, Cause: JSON.stringify({ errorMessage: error.message }) };
      await invoke('close', { ...input, pipeline: P, outcome: 'failed', stage: 'ingest', error: caught });
      expect((await world.deps.runs.get(WS, runId)).error?.message).toMatch(
        /stage ingest ended with .*ETIMEDOUT/,
      );
    }
    await expectNoSecret(/Run Failed/);
  });

  it('start and close', async () => {
    openWorld([classes([generated])]);
    const start = fail(world.executions, 'start');
    const event = { workspace: WS, pipeline: P, eventId: 'e1', trigger: 'schedule' };
    expect((await invoke('start', event))?.Error).toBe(makeError().name);
    start.mockRestore();
    await invoke('start', event);
    const { runId } = (await world.deps.runs.list(WS, { pipeline: P })).items[0]!;
    const end = { workspace: WS, runId, attempt: 1, pipeline: P, outcome: 'finished' };
    for (const spy of [fail(world.objects, 'put'), fail(world.events, 'publish')]) {
      expect((await invoke('close', end))?.Error).toBe(makeError().name);
      spy.mockRestore();
    }
    expect(await invoke('close', end)).toBeUndefined();
    await expectNoSecret(/ETIMEDOUT/);
  });

  it.each(['plan', 'predict', 'join'])('a batch prediction: %s', async (broken) => {
    openWorld([]);
    await serveModel(world.deps, 'houses', await houseFile(), 'regression');
    const bytes = Buffer.from(`area,rooms,quarter,age\n${'50,2,north,4\n'.repeat(5)}`);
    const uploadId = sha256Of(Buffer.from(code)).slice(0, 32);
    await world.objects.put(`${WS}/uploads/${uploadId}`, bytes, { contentType: 'text/csv' });
    const file = { name: 'rows.csv', bytes: bytes.length, sha256: sha256Of(bytes) };
    const request = { model: 'houses', uploadId, file, format: 'csv' as const, actor: 'test' };
    const { runId } = await startBatch(world.deps, WS, request);
    const input = { workspace: WS, runId, attempt: 1 };
    for (const phase of ['plan', 'predict', 'join']) {
      const calls = { plan: 'stream', predict: 'range', join: 'putPieces' } as const;
      const spy = phase === broken ? fail(world.objects, calls[phase as keyof typeof calls]) : undefined;
      const error = await invoke('batch', {
        ...input,
        phase,
        ...(phase === 'predict' && { chunk: '00000' }),
      });
      spy?.mockRestore();
      if (spy === undefined) {
        expect(error).toBeUndefined();
        continue;
      }
      expect(error?.Error).toBe(makeError().name);
      await invoke('close', { ...input, pipeline: '', outcome: 'failed', stage: phase, error });
      expect((await world.deps.runs.get(WS, runId)).error).toMatchObject({ stage: phase, code });
      return expectNoSecret(/Run Failed/);
    }
  });

  it('the monitor', async () => {
    const watched = await watchedWorld();
    await watched.answer(150, { shift: 60 });
    watched.clock.advance(2 * MINUTE);
    world = { ...watched, executions: watched.executions };
    const { items, objects, executions, events } = watched;
    stores = { items, objects, executions, events } as unknown as Stores;
    const spies = [fail(events, 'publish')];
    await invoke('monitor', { workspace: WS, asked: true });
    for (const spy of spies) spy.mockRestore();
    await expectNoSecret(/"message":"watch failed".*ETIMEDOUT/s);
    await invoke('monitor', { asked: true });
    await expectNoSecret(/"message":"looked"/);
  });
});

describe('an event that is none', () => {
  it.each(['start', 'collect', 'plan', 'ingest', 'train', 'batch', 'close', 'monitor'])(
    'is refused by %s without being told',
    async (name) => {
      openWorld([classes([generated])]);
      const event = {
        workspace: { token: TOKEN },
        runId: PATH,
        phase: TOKEN,
        authorization: `Bearer ${BEARER}`,
        [PASSWORD]: 1,
      };
      expect((await invoke(name, event))?.Error).toBe('BadDefinitionError');
      await expectNoSecret(/stage input/);
    },
  );
});
