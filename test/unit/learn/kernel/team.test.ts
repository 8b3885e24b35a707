import { afterEach, describe, expect, it } from 'vitest';
import { BINS_KERNEL } from '../../../../lib/learn/bins/index.ts';
import { kernel } from '../../../../lib/learn/bins/kernel.generated.ts';
import { compileKernel, KernelMemory, kernelsRun } from '../../../../lib/learn/kernel/host.ts';
import { KernelRandom, kernelSeed } from '../../../../lib/learn/kernel/random.ts';
import { Team } from '../../../../lib/learn/kernel/team.ts';

let team: Team | undefined;
afterEach(() => team?.close());

const start = (threads: number, memory = new KernelMemory()) => {
  team = new Team({ memory, threads, kernels: { [BINS_KERNEL]: compileKernel(kernel) } });
  return { memory, team };
};

/** A job of the bins kernel with no column: every thread claims once, finds nothing and leaves. */
const emptyJob = (memory: KernelMemory) => memory.alloc(64);

describe('memory', () => {
  it('gives out aligned, zeroed, disjoint ranges and grows', () => {
    const memory = new KernelMemory();
    const [a, b] = [memory.alloc(1), memory.alloc(10 * 65_536)];
    expect([a % 64, b % 64]).toEqual([0, 0]);
    expect(b - a).toBe(64);
    memory.uint8(b, 10 * 65_536).fill(7);
    expect(memory.uint8(a, 64).every((byte) => byte === 0)).toBe(true);
    expect(memory.used).toBe(b + 10 * 65_536);
  });

  it('refuses more than 32 bits can address, and goes on with less', () => {
    const memory = new KernelMemory();
    expect(() => memory.alloc(2 ** 32)).toThrow(RangeError);
    expect(memory.alloc(8)).toBeGreaterThan(0);
  });
});

describe('a team', () => {
  it('compiles a kernel once', () => {
    expect(compileKernel(kernel)).toBe(compileKernel(kernel));
    expect(kernelsRun()).toBe(true);
  });

  it('lets each thread in once a run: all that come claim once, this one among them', async () => {
    const { memory, team } = start(4);
    const job = emptyJob(memory);
    team.run(BINS_KERNEL, 'bin', job);
    const early = memory.int32(job, 1)[0]!;
    expect(early).toBeGreaterThanOrEqual(1);
    expect(early).toBeLessThanOrEqual(4);
    // By and by the workers are there; each claims once a run.
    for (let i = 0; i < 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      memory.int32(job, 1)[0] = 0;
      for (let k = 0; k < 50; k++) team.run(BINS_KERNEL, 'bin', job);
      if (memory.int32(job, 1)[0]! > 50) break;
    }
    expect(memory.int32(job, 1)[0]).toBeGreaterThan(50);
    expect(memory.int32(job, 1)[0]).toBeLessThanOrEqual(200);
  });

  it('throws what the kernel throws, on this thread', () => {
    const { memory, team } = start(1);
    const job = emptyJob(memory);
    // One column whose values lie beyond the memory.
    memory.uint32(job, 6).set([0, 1, 10, 10, 256, 4_000_000_000]);
    expect(() => team.run(BINS_KERNEL, 'bin', job)).toThrow(WebAssembly.RuntimeError);
  });

  it('throws what another thread throws, with its message', async () => {
    const { memory, team } = start(2);
    const job = emptyJob(memory);
    await expect(async () => {
      for (let i = 0; i < 500; i++) {
        // This thread passes, the other one has an entry that is not there: whoever comes second finds column 1.
        memory.uint32(job, 6).set([0, 0, 10, 10, 256, 0]);
        team.run(BINS_KERNEL, 'bin', job);
        await new Promise((resolve) => setTimeout(resolve, 5));
        memory.uint32(job, 6).set([0xffff_ffff, 0, 10, 10, 256, 4_000_000_000]);
        team.run(BINS_KERNEL, 'bin', job);
      }
    }).rejects.toThrow(/memory access out of bounds|a thread failed/);
  });
});

describe('random numbers of the kernels', () => {
  it('are of the range, differ by stream and by seed, and are about uniform', () => {
    const draw = (seed: number, stream: number) => {
      const random = new KernelRandom(seed, stream);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
    const random = new KernelRandom(42, 7);
    const counts = new Float64Array(10);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(9_600);
    expect(Math.max(...counts)).toBeLessThan(10_400);
  });

  it('bound by the high half of an exact 64-bit product', () => {
    for (const n of [1, 2, 3, 1000, 2 ** 31 - 1, 2 ** 32 - 1]) {
      const [a, b] = [new KernelRandom(5, n), new KernelRandom(5, n)];
      for (let i = 0; i < 200; i++) expect(a.below(n)).toBe(Number((BigInt(b.next()) * BigInt(n)) >> 32n));
    }
  });

  it('take all 53 bits of a seed', () => {
    expect(kernelSeed(1)).toBe(1);
    expect(kernelSeed(2 ** 32 + 1)).not.toBe(kernelSeed(1));
    expect(kernelSeed(2 ** 53 - 1)).toBeLessThan(2 ** 32);
  });
});
