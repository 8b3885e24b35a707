import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { makeRequest } from '../../../../lib/http/index.ts';
import type { World } from './world.ts';

/** The application behind a real socket, for what only a client sees. */
export interface Served {
  url: string;
  close(): Promise<void>;
}

/** @param before runs before each request: to count, to pass time, to fail. */
export async function serve(world: World, before: (path: string) => void = () => undefined): Promise<Served> {
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const query: Record<string, string[]> = {};
    for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
    try {
      before(url.pathname);
    } catch {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"code":"X","message":"broken"}');
      return;
    }
    const answer = await world.app.handle(
      makeRequest({
        method: request.method ?? 'GET',
        path: url.pathname,
        query,
        headers: request.headers,
        body: await text(request),
        requestId: 'over-http',
      }),
    );
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
