import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { ConflictError, InvalidInputError } from '../../lib/errors/index.ts';
import { nodeServer } from '../../lib/http/server.ts';
import { serverApp } from './app.ts';
import { ModelFolder } from './model-folder.ts';

export interface ServeOptions {
  /** The folder with model.arbm. */
  model: string;
  port: number;
  host: string;
  /** What callers must show as a bearer token. */
  token?: string | undefined;
  /** False lets everybody predict who reaches the address. */
  auth?: boolean;
}

export interface Serving {
  url: string;
  /** Null while the folder holds no model: /health says 503, and goes on looking. */
  model: string | null;
  version: string | null;
  open: boolean;
  /** Answers what is being asked, then ends. Resolves once the last connection is closed. */
  close(): Promise<void>;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
/** Requests that are being answered at the end have so long. */
const DRAIN_MS = 10_000;

/**
 * Serves the model of a folder over HTTP. Without a token it is open on a loopback address only; elsewhere it starts with a
 * token, or where `auth: false` says that something in front guards it.
 *
 * @param log where the access log goes, one JSON line a request
 * @throws InvalidInputError without a token on an address that others reach, ConflictError where the port is taken
 */
export async function serve(options: ServeOptions, log: NodeJS.WritableStream): Promise<Serving> {
  const { model, port, host, token, auth = true } = options;
  if (auth && !token && !LOOPBACK.test(host)) {
    throw new InvalidInputError(`${host} can be reached from outside, and there is no token`, {
      field: 'token',
      remedy:
        'Set ARBOLEDA_TOKEN to what callers must send as a bearer token, or give --no-auth where a proxy guards it.',
    });
  }
  const logger = pino({ base: null, formatters: { level: (level) => ({ level }) } }, log);
  const folder = new ModelFolder(model);
  const server = nodeServer(serverApp(folder, auth && token ? token : undefined, logger));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' ? 'another process listens there' : cause.message;
      const remedy = 'Choose another --port or --host, or end that process.';
      reject(new ConflictError(`${host}:${port} cannot be listened on: ${taken}`, { cause, remedy }));
    });
    server.listen(port, host, resolve);
  });
  const version = (await folder.listModels()).items[0];
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    model: version?.name ?? null,
    version: version?.aliases.production ?? null,
    open: !(auth && token),
    close: () =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
