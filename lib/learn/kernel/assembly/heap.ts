/** Where the shared memory keeps the address of its first free byte; host.ts has the same. */
@inline const HEAP_TOP: usize = 16;

/** Pages are claimed in steps of 1 MB, so that a thread seldom has to. */
@inline const STEP: u32 = 16;

/**
 * Takes bytes from the one heap of all threads, 64-byte aligned, never given back. Atomic. Traps where 32 bits of
 * address are used up, which the host reports as an error.
 */
export function alloc(bytes: usize): usize {
  const size: u32 = (<u32>bytes + 63) & ~63;
  const at = atomic.add<u32>(HEAP_TOP, size);
  const end = <u64>at + <u64>size;
  if (end > 0xffff0000) unreachable();
  while (<u64>memory.size() << 16 < end) {
    const missing = <i32>((end - (<u64>memory.size() << 16) + 65535) >> 16);
    // Another thread may have grown it meanwhile: then there is only more than needed.
    if (memory.grow(max(missing, <i32>STEP)) < 0 && memory.grow(missing) < 0) unreachable();
  }
  return at;
}
