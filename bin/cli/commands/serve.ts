import { type Command, InvalidArgumentError } from 'commander';
import { interrupted } from '../../local/interrupt.ts';
import { contextOf } from '../context.ts';

interface ServeCommandOptions {
  model: string;
  port: number;
  host: string;
  auth: boolean;
}

const portNumber = (text: string): number => {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is 0 (any free one) to 65535');
};

/** serve: one model as a plain HTTP server, without any cloud. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('serve a model over HTTP, without any cloud: GET /health, POST /predict, /docs')
    .requiredOption('--model <dir>', 'a folder that `train`, `model import` or `model pull` made')
    .option('--port <number>', 'port to listen on; 0 for any free one', portNumber, 8000)
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option(
      '--no-auth',
      'let everybody predict who reaches the address; without it, ARBOLEDA_TOKEN is what callers must send, and needed on an address other than loopback',
    )
    .action(async (options: ServeCommandOptions, command: Command) => {
      const { out } = contextOf(command);
      const { serve } = await import('../../serve/serve.ts');
      const token = process.env.ARBOLEDA_TOKEN || undefined;
      const { close, ...serving } = await serve({ ...options, token }, process.stderr);
      out.result(serving, () => startText(serving, options.model));
      await interrupted();
      await close();
    });
}

function startText(
  { url, model, version, open }: { url: string; model: string | null; version: string | null; open: boolean },
  folder: string,
): string {
  const what =
    model === null
      ? `no model in ${folder} yet: /health and /predict answer 503`
      : `${model} version ${version}`;
  const who = open ? 'no token is asked for' : 'callers send `Authorization: Bearer $ARBOLEDA_TOKEN`';
  return `serving ${url} (${what}; ${who}; documentation at ${url}/docs)`;
}
