import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../bin/local/port.ts';
import { pause } from '../../../bin/local/stay.ts';

/** Runs a command that ends with the process which started it: `python guard.py COMMAND...`. */
export const GUARD = fileURLToPath(new URL('guard.py', import.meta.url));

/** What the client and the server are told alike: no word home, no long retries, no bars. */
export const QUIET = {
  MLFLOW_DISABLE_TELEMETRY: 'true',
  DO_NOT_TRACK: 'true',
  // A 5xx is an answer to compare, not one to wait behind.
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
  MLFLOW_HTTP_REQUEST_TIMEOUT: '60',
  MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
  GIT_PYTHON_REFRESH: 'quiet',
};

/** `mlflow server` on sqlite (`store.db`) in a folder of its own: the truth that Arboleda is compared with. */
export async function startMlflow(
  python: string,
): Promise<{ url: string; folder: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-server-'));
  const port = await freePort();
  const log = join(folder, 'log.txt');
  const out = openSync(log, 'a');
  const stores = ['--backend-store-uri', 'sqlite:///store.db', '--artifacts-destination', './artifacts'];
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  // The guard ends it, workers and all, when its standard input ends: here, or with this process if that is killed.
  const child = spawn(python, [GUARD, python, '-m', 'mlflow', 'server', ...stores, ...listen], {
    cwd: folder,
    env: { ...process.env, ...QUIET, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    stdio: ['pipe', out, out],
    // Ctrl+C at a terminal is for this process alone.
    detached: true,
  });
  closeSync(out);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 120_000;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const text = readFileSync(log, 'utf8').slice(-2_000);
      await stop();
      throw new Error(`mlflow server does not answer:\n${text}`);
    }
    await pause(200);
  }
  return { url, folder, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
