// memory.copy is a call out of WebAssembly, some 20 ns: too much for what most nodes have to move.

/** 32 bytes: eight class counts, or a set. */
@inline export function copy32(to: usize, from: usize): void {
  const first = v128.load(from), second = v128.load(from, 16);
  v128.store(to, first);
  v128.store(to, second, 16);
}

/** Bytes in whole entries of T. */
@inline export function copyEntries<T>(to: usize, from: usize, bytes: usize): void {
  if (bytes > 512) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += sizeof<T>(), from += sizeof<T>()) store<T>(to, load<T>(from));
}
