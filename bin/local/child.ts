import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Ends the child and everything that it started. */
  signal?: AbortSignal;
  /** Both outputs go there, appended. */
  logFile?: string;
  onErrorLine?: (line: string) => void;
}

/**
 * Runs a child in a session of its own, so that Ctrl-C reaches us alone and we end it in order.
 * @returns the exit code; 128 and more where a signal ended it.
 * @throws the reason of `signal` where that was aborted; the spawn's error where the program does not start.
 */
export function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<number> {
  const { cwd, env, signal, logFile, onErrorLine } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const log = logFile ? createWriteStream(logFile, { flags: 'a', mode: 0o600 }) : undefined;
    for (const stream of [child.stdout, child.stderr])
      log ? stream.pipe(log, { end: false }) : stream.resume();
    if (onErrorLine) createInterface({ input: child.stderr }).on('line', onErrorLine);
    const end = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended already.
      }
    };
    signal?.addEventListener('abort', end, { once: true });
    child.on('error', reject);
    log?.on('error', reject);
    child.on('close', (code, by) => {
      signal?.removeEventListener('abort', end);
      const settle = () => {
        if (signal?.aborted) reject(signal.reason);
        else resolve(code ?? (by ? 128 : 1));
      };
      // Whoever reads the log after us finds all of it: the stream opens and writes later than the child ends.
      if (log) log.end(settle);
      else settle();
    });
  });
}
