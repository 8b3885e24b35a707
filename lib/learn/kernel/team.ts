import { Worker } from 'node:worker_threads';
import { instantiate, type KernelExports, type KernelMemory } from './host.ts';
import {
  ACTIVE,
  CONTROL_BYTES,
  FAILED,
  HEADER_BYTES,
  JOB,
  OPEN,
  PHASE,
  workerSource,
} from './worker-source.ts';

export interface TeamOptions {
  memory: KernelMemory;
  /** Threads in all, the calling one among them. */
  threads: number;
  kernels: Record<string, WebAssembly.Module>;
}

/**
 * Threads that run a kernel's function together over one shared memory. Starting is cheap for the caller: workers boot
 * while it prepares the data, and one that comes late finds less work, or none. Nothing is copied and nothing awaited:
 * `run` blocks, as a kernel on one thread would.
 *
 * @example
 * const team = new Team({ memory, threads: 4, kernels: { forest: compileKernel(kernel) } });
 * team.run('forest', 'grow', job); // grow(job, slot) on all four, slots 0 (this thread) to 3
 * team.close();
 */
export class Team {
  readonly threads: number;
  readonly #memory: KernelMemory;
  readonly #kernels: Record<string, WebAssembly.Module>;
  readonly #instances = new Map<string, KernelExports>();
  readonly #control: Int32Array;
  readonly #text: Uint8Array;

  constructor({ memory, threads, kernels }: TeamOptions) {
    this.threads = threads;
    this.#memory = memory;
    this.#kernels = kernels;
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.#control = new Int32Array(control, 0, HEADER_BYTES / 4);
    this.#text = new Uint8Array(control, HEADER_BYTES);
    for (let slot = 1; slot < threads; slot++) {
      const workerData = { control, slot, memory: memory.memory, kernels };
      // A constant source: no file to find in a bundle. No options of ours: a loader would only make it slower.
      new Worker(workerSource, { eval: true, workerData, execArgv: [], env: {} }).unref();
    }
  }

  /** A kernel's functions on this thread. */
  instance(kernel: string): KernelExports {
    let found = this.#instances.get(kernel);
    if (found === undefined) {
      found = instantiate(this.#kernels[kernel]!, this.#memory.memory);
      this.#instances.set(kernel, found);
    }
    return found;
  }

  /**
   * Runs `entry(job, slot)` on every thread that is there, and returns when all have left it. `job` is an address.
   *
   * @throws what any thread threw: a WebAssembly.RuntimeError means that memory ran out or the kernel is at fault
   */
  run(kernel: string, entry: string, job: number): void {
    const control = this.#control;
    if (this.threads > 1) {
      this.#write(JSON.stringify({ kernel, entry }));
      Atomics.store(control, JOB, job | 0);
      Atomics.store(control, OPEN, 1);
      Atomics.add(control, PHASE, 1);
      Atomics.notify(control, PHASE);
    }
    try {
      this.instance(kernel)[entry]!(job, 0);
    } finally {
      this.#leave();
    }
    if (Atomics.load(control, FAILED) !== 0)
      throw new WebAssembly.RuntimeError(`a thread failed: ${this.#read()}`);
  }

  /** Lets the workers end. */
  close(): void {
    Atomics.store(this.#control, PHASE, -1);
    Atomics.notify(this.#control, PHASE);
  }

  /** Closes the door, then waits until everyone inside has left. */
  #leave(): void {
    const control = this.#control;
    Atomics.store(control, OPEN, 0);
    for (;;) {
      const active = Atomics.load(control, ACTIVE);
      if (active === 0) return;
      Atomics.wait(control, ACTIVE, active);
    }
  }

  #write(text: string): void {
    this.#text.fill(0);
    this.#text.set(new TextEncoder().encode(text));
  }

  #read(): string {
    const bytes = this.#text.slice();
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
}
