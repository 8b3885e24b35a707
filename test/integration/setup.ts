import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../bin/local/port.ts';
import { progressLines } from '../../bin/local/progress.ts';
import { down, up } from '../../bin/local/up.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    stack: TestStack;
  }
}

/** The deployed app that every integration test talks to. */
export interface TestStack {
  endpoint: string;
  apiUrl: string;
  adminToken: string;
  region: string;
  stackName: string;
  outputs: Record<string, string>;
  /** `ARBOLEDA_LOCAL_DIR` for a command line that should find this stack. */
  dir: string;
  emulatorLog: string;
}

/**
 * Starts MiniStack with all its state outside of the repository (so that no node_modules stands above a function's code:
 * each bundle is proven to load alone) and deploys the real app once. `ARBOLEDA_TEST_DIR` names a folder that is kept, with its
 * emulator running, for the inner loop: `ARBOLEDA_TEST_DIR=/tmp/warm npx vitest run --project integration FILE`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, stop } = await startStack();
  project.provide('stack', stack);
  return stop;
}

/** The same for whoever wants more than the stack: starts or finds it, and says how it is ended. */
export async function startStack(): Promise<{ stack: TestStack; stop(): Promise<void> }> {
  const kept = process.env.ARBOLEDA_TEST_DIR;
  const dir = kept ?? mkdtempSync(join(realpathSync(tmpdir()), 'arboleda-test-'));
  const say = progressLines((text) => process.stderr.write(`setup ${text}`));
  const { local, emulator } = await up({
    dir,
    port: kept ? 4577 : await freePort(),
    persist: kept !== undefined,
    context: { traceCalls: '1' },
    say,
  });
  const stop = async (): Promise<void> => {
    if (kept) return;
    await down({ dir, say });
    rmSync(dir, { recursive: true, force: true });
  };
  return { stack: { ...local, dir, emulatorLog: emulator.logFile }, stop };
}
