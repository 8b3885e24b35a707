/** Bare loops that do what training cannot do without, and nothing else: `node limits.ts ROWS` prints Limits as JSON. */
import { fileURLToPath } from 'node:url';
import { instantiate, KernelMemory } from '../../../lib/learn/kernel/host.ts';
import { shuffledRows } from '../data/split.ts';
import { median } from '../statistics.ts';
import { compileNamed, optimiseWithoutInlining } from './named-kernel.ts';
import type { Limits } from './result.ts';

/**
 * The histogram of one feature over class counts as vectors of eight: the loop of the forest's kernel with all of its
 * branches gone.
 */
const source = `
export function count(codes: usize, entries: usize, rows: i32, cells: usize): void {
  const one = i16x8.splat(1);
  for (let i = 0; i < rows; i++) {
    const cell = cells + (<usize>load<u8>(codes + <usize>load<u32>(entries + (<usize>i << 2))) << 4);
    v128.store(cell, i16x8.add(v128.load(cell), one));
  }
}
export function copy(to: usize, from: usize, bytes: usize): void { memory.copy(to, from, bytes); }
`;

const REPEATS = 9;
const COPIED = 64 * 2 ** 20;
const CELL_BYTES = 16;

export async function measureLimits(rows: number): Promise<Limits> {
  const wasm = await optimiseWithoutInlining(await compileNamed('limits.ts', { 'limits.ts': source }));
  const memory = new KernelMemory();
  const [codes, entries, cells, from, to] = [rows, 4 * rows, 256 * CELL_BYTES, COPIED, COPIED].map((bytes) =>
    memory.alloc(bytes),
  ) as [number, number, number, number, number];
  const kernel = instantiate(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), memory.memory);
  const order = shuffledRows(rows, 3);
  for (let i = 0; i < rows; i++) memory.uint8(codes, rows)[i] = (Math.imul(i, 0x9e3779b1) >>> 24) & 255;
  const place = (values: Uint32Array): void => memory.uint32(entries, rows).set(values);
  const nanoseconds = (work: () => void, items: number): number => {
    const taken = Array.from({ length: REPEATS + 3 }, () => {
      const started = performance.now();
      work();
      return ((performance.now() - started) * 1e6) / items;
    });
    return median(taken.slice(3));
  };
  const countAll = (): void => void kernel.count!(codes, entries, rows, cells);
  place(order.toSorted());
  const countInOrder = nanoseconds(countAll, rows);
  place(order);
  const countScattered = nanoseconds(countAll, rows);
  const perByte = nanoseconds(() => void kernel.copy!(to, from, COPIED), COPIED);
  return { countInOrder, countScattered, copyBytesPerSecond: 1e9 / perByte };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`\n${JSON.stringify(await measureLimits(Number(process.argv[2])))}\n`);
}
