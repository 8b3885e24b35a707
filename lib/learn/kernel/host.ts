const PAGE = 65_536;
/** All that 32 bits of address reach; the kernels are compiled for this bound. */
const MAX_PAGES = 65_536;
/** Word (of 4 bytes) in the memory that holds the address of its first free byte; assembly/heap.ts has the same. */
const HEAP_TOP = 4;
/** The first bytes are ours, and 0 is never an address. */
const FIRST_ADDRESS = 1_024;

export type KernelExports = Record<string, (...args: number[]) => number>;

const compiled = new Map<string, WebAssembly.Module>();

/** The module of a checked-in kernel. Compiled once a process; a kernel takes about a millisecond. */
export function compileKernel(base64: string): WebAssembly.Module {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    compiled.set(base64, module);
  }
  return module;
}

/** A kernel's functions over a memory. Each thread makes its own: a module's globals are an instance's. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}

/** True where this engine has what the kernels need: SIMD, and memory that threads share. */
export function kernelsRun(): boolean {
  supported ??= typeof WebAssembly === 'object' && WebAssembly.validate(probe);
  return supported;
}
let supported: boolean | undefined;

/** A module that imports a shared memory, and whose one function makes a vector: (i8x16.splat (i32.const 0)). */
const probe = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version 1
  ...[1, 5, 1, 96, 0, 1, 123], // type: () -> v128
  ...[2, 9, 1, 1, 101, 1, 109, 2, 3, 1, 1], // import "e" "m": shared memory, 1 to 1 pages
  ...[3, 2, 1, 0], // one function of type 0
  ...[10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
]);

/**
 * One memory for all threads of a piece of work, given out from front to back and freed as a whole. Only virtual
 * until written.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
    Atomics.store(new Uint32Array(this.memory.buffer), HEAP_TOP, FIRST_ADDRESS);
  }

  /**
   * A 64-byte aligned address with that many zeroed bytes behind it.
   *
   * @throws RangeError beyond 4 GB in all
   */
  alloc(bytes: number): number {
    const size = Math.ceil(bytes / 64) * 64;
    const top = new Uint32Array(this.memory.buffer, 0, HEAP_TOP + 1);
    const at = Atomics.load(top, HEAP_TOP);
    if (at + size > (MAX_PAGES - 1) * PAGE) {
      throw new RangeError('the work needs more than the 4 GB that a kernel can address');
    }
    Atomics.store(top, HEAP_TOP, at + size);
    const missing = Math.ceil((at + size - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing);
    return at;
  }

  /** Bytes given out so far. */
  get used(): number {
    return Atomics.load(new Uint32Array(this.memory.buffer), HEAP_TOP);
  }

  // Views are over the buffer as large as it is now: take a new one after every alloc and every run of a kernel.
  uint8 = (at: number, length: number) => new Uint8Array(this.memory.buffer, at, length);
  uint16 = (at: number, length: number) => new Uint16Array(this.memory.buffer, at, length);
  int32 = (at: number, length: number) => new Int32Array(this.memory.buffer, at, length);
  uint32 = (at: number, length: number) => new Uint32Array(this.memory.buffer, at, length);
  float32 = (at: number, length: number) => new Float32Array(this.memory.buffer, at, length);
  float64 = (at: number, length: number) => new Float64Array(this.memory.buffer, at, length);
}
