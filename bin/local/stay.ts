import { healthy } from './emulator.ts';
import { EmulatorGoneError } from './errors.ts';

/** An AbortController that the first Ctrl-C, SIGTERM or hang-up aborts; later ones change nothing, as npm sends them twice. */
export function interruptSignal(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new InterruptedError(name)));
  }
  return controller;
}

/** Somebody pressed Ctrl-C: no failure, only the end. */
export class InterruptedError extends Error {
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = 'InterruptedError';
    this.signal = signal;
  }
}

/**
 * Stays while the emulator lives.
 * @returns when `signal` is aborted.
 * @throws EmulatorGoneError some seconds after its process ended.
 */
export async function stay(
  emulator: { endpoint: string; pid: number; logFile: string },
  signal: AbortSignal,
  everyMs = 1_000,
): Promise<void> {
  while (!signal.aborted) {
    if (!alive(emulator.pid) && !(await healthy(emulator.endpoint))) {
      throw new EmulatorGoneError(
        `the emulator (pid ${emulator.pid}, ${emulator.endpoint}) has ended; somebody or something killed it`,
        { details: { log: emulator.logFile } },
      );
    }
    await pause(everyMs, signal);
  }
}

/** Waits, or returns early when `signal` is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
