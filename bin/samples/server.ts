import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { subsetBytes } from '../../lib/pipeline/collect/rows.ts';
import { sha256 } from '../../lib/pipeline/definition/index.ts';
import { faultRates, type SampleSource } from '../../lib/pipeline/samples/index.ts';

export interface SampleServer {
  url: string;
  close(): Promise<void>;
}

const MAX_BODY = 10_000;

/**
 * The sample source on 127.0.0.1: `GET /data?group_number=N` and `/restart_data_generation` as the original had them, `GET` and
 * `PUT /faults` (rates by kind), `GET /counts`. Tells each whole answer's hash, so that what a collector kept can be compared.
 */
export async function startSampleServer(
  source: SampleSource,
  port: number,
  tell: (line: Record<string, unknown>) => void,
  now: () => number = Date.now,
): Promise<SampleServer> {
  const server = createServer((request, response) => {
    serve(source, request, response, tell, now).catch((error: Error) =>
      reply(response, 500, { detail: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/data`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function serve(
  source: SampleSource,
  request: IncomingMessage,
  response: ServerResponse,
  tell: (line: Record<string, unknown>) => void,
  now: () => number,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  switch (`${request.method} ${pathname}`) {
    case 'GET /data': {
      const group = Number(searchParams.get('group_number') ?? 1);
      const { status, body, fault, batch, rows } = source.answer(group, now());
      const hash = rows === undefined ? undefined : sha256(subsetBytes(rows.map((row) => [...row])));
      tell({ status, fault, batch, rows: rows?.length, sha256: hash });
      // No answer at all: the caller's own time limit ends it.
      if (status === 0) return;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      return;
    }
    case 'GET /restart_data_generation':
      source.restart(now());
      return reply(response, 200, { ok: true });
    case 'GET /faults':
      return reply(response, 200, source.faults);
    case 'PUT /faults': {
      const parsed = faultRates.safeParse(await jsonOf(request));
      if (!parsed.success) return reply(response, 400, { detail: parsed.error.issues[0]?.message });
      source.setFaults(parsed.data);
      return reply(response, 200, source.faults);
    }
    case 'GET /counts':
      return reply(response, 200, source.counts);
    default:
      return reply(response, 404, { detail: 'GET /data?group_number=N' });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > MAX_BODY) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
