import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.ts';
import { EmulatorError, PortTakenError } from './errors.ts';
import { nodeBinary } from './paths.ts';
import { portOwner, portTaken } from './port.ts';
import type { Progress } from './progress.ts';
import { findPython } from './python.ts';

const LAUNCHER = fileURLToPath(new URL('./emulator/ministack/', import.meta.url));
const HEALTH = '/_ministack/health';

export interface EmulatorOptions {
  /** The folder that keeps venv, log and state (in its subfolder `ministack`). */
  stateDir: string;
  port: number;
  /** Keep everything over a clean stop. */
  persist: boolean;
  say: Progress;
  /** Ends the launcher (and what it started) when aborted. */
  signal?: AbortSignal;
}

export interface Emulator {
  endpoint: string;
  port: number;
  pid: number;
  /** True where it ran already: then it is not ours to stop. */
  reused: boolean;
  logFile: string;
}

const file = (stateDir: string, name: string): string => join(stateDir, 'ministack', name);

/** The emulator of that folder if its process lives. A recycled pid is told apart by the launcher, not here. */
export function runningEmulator(stateDir: string): Emulator | undefined {
  try {
    const pid = Number(readFileSync(file(stateDir, 'emulator.pid'), 'utf8').split('\n')[0]);
    const port = Number(readFileSync(file(stateDir, 'port'), 'utf8').trim());
    process.kill(pid, 0);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      port,
      pid,
      reused: true,
      logFile: file(stateDir, 'emulator.log'),
    };
  } catch {
    return undefined;
  }
}

/** Whether it answers its health check within `milliseconds`. */
export async function healthy(endpoint: string, milliseconds = 3_000): Promise<boolean> {
  try {
    const answer = await fetch(endpoint + HEALTH, { signal: AbortSignal.timeout(milliseconds) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/**
 * Starts MiniStack on 127.0.0.1, or finds it running. The first start makes the venv (about 15 s).
 * @throws MissingPythonError, PortTakenError, EmulatorError
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { stateDir, port, persist, say } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const running = runningEmulator(stateDir);
  if (running && (await healthy(running.endpoint))) {
    if (running.port !== port)
      say(`the emulator already runs on port ${running.port}; --port ${port} is not used`);
    return running;
  }
  // A process that lives and does not answer is taken down by the launcher, which knows a recycled pid.
  if (running) await launcher('down', options, {});
  if (await portTaken(port)) {
    const owner = portOwner(port) ?? 'another program';
    throw new PortTakenError(`port ${port} of 127.0.0.1 is taken by ${owner}`, { details: { port, owner } });
  }
  const python = findPython();
  const empty = join(stateDir, 'no-modules');
  mkdirSync(empty, { recursive: true });
  await launcher(
    'up',
    options,
    // NODE_PATH names an empty folder: a function must load from its bundle alone, as on AWS.
    {
      PORT: String(port),
      PYTHON: python,
      NODE_BIN: nodeBinary(),
      NODE_PATH: empty,
      PERSIST: persist ? '1' : '0',
    },
  );
  const started = runningEmulator(stateDir);
  if (!started) throw new EmulatorError('the emulator ended right after its start', logOf(stateDir));
  return { ...started, reused: false };
}

/** Ends the emulator of that folder with its children and nothing else; with persistence its state is saved first. */
export async function stopEmulator(stateDir: string, say: Progress): Promise<void> {
  if (existsSync(join(stateDir, 'ministack'))) await launcher('down', { stateDir, say }, {});
}

/** Asks it to save its state now, so that a kill loses only what comes after. Does not wait. */
export function checkpoint(stateDir: string): void {
  const running = runningEmulator(stateDir);
  if (running) process.kill(running.pid, 'SIGUSR1');
}

const logOf = (stateDir: string) => ({ details: { log: file(stateDir, 'emulator.log') } });

async function launcher(
  script: 'up' | 'down',
  { stateDir, say, signal }: Pick<EmulatorOptions, 'stateDir' | 'say' | 'signal'>,
  env: Record<string, string>,
): Promise<void> {
  const lines: string[] = [];
  const code = await runChild('bash', [join(LAUNCHER, script), stateDir], {
    cwd: LAUNCHER,
    env: { ...process.env, ...env },
    signal,
    onErrorLine: (line) => {
      const said = line.replace(/^ministack: /, '');
      lines.push(said);
      if (said !== line && !said.startsWith('error: ')) say(`emulator: ${said}`);
    },
  });
  if (code === 0) return;
  const error =
    lines.findLast((line) => line.startsWith('error: ')) ?? `error: the launcher ended with ${code}`;
  const before = lines.filter((line) => line !== error).slice(-12);
  throw new EmulatorError([error.replace('error: ', ''), ...before].join('\n'), logOf(stateDir));
}
