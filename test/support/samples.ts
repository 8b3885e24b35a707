import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pause } from '../../bin/local/stay.ts';

const SHIM = fileURLToPath(new URL('../../bin/arboleda.mjs', import.meta.url));

/** `arboleda samples` as a process of its own, as a user runs it; its answers' log is on stderr. */
export class Samples {
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(file: string, ...options: string[]) {
    const args = ['samples', '--pipeline', 'forest-cover', '--data', file, '--port', '0', ...options];
    this.#child = spawn(process.execPath, [SHIM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (text: Buffer) => {
      this.#stdout += String(text);
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr += String(text);
    });
  }

  async url(): Promise<string> {
    for (let i = 0; i < 600; i++) {
      const found = /http:\/\/127\.0\.0\.1:\d+\/data/.exec(this.#stdout);
      if (found) return found[0];
      await pause(100);
    }
    throw new Error(`arboleda samples did not start\n${this.#stdout}${this.#stderr}`);
  }

  /** Hashes of the rows of every sample that was sent whole. */
  sent(): Set<string> {
    return new Set([...this.#stderr.matchAll(/"sha256":"([0-9a-f]{64})"/g)].map(([, hash]) => hash!));
  }

  end(): void {
    this.#child.kill('SIGTERM');
  }
}
