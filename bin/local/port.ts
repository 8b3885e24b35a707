import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';

/** Whether something listens on the port of 127.0.0.1. */
export function portTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(false)));
  });
}

/** A free port of 127.0.0.1, chosen by the system. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Who listens on the port, such as `node (pid 123)`, as far as `lsof` or `ss` tell; undefined where neither does. */
export function portOwner(port: number): string | undefined {
  const lsof = output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(lsof)?.[1];
  if (pid) return `${/^c(.+)$/m.exec(lsof)?.[1] ?? 'a process'} (pid ${pid})`;
  const ss = /users:\(\("([^"]+)",pid=(\d+)/.exec(output('ss', ['-ltnpH', `sport = :${port}`]));
  return ss ? `${ss[1]} (pid ${ss[2]})` : undefined;
}

function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    });
  } catch {
    return '';
  }
}
