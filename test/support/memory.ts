/** Twins of the AWS stores for tests; the contract tests hold both to the same behaviour. */
export { FixedClock, systemClock } from './memory/clock.ts';
export { CrashError, type Fault, MemoryItemStore } from './memory/items.ts';
export { MemoryMultipartUploads } from './memory/multipart.ts';
export { MemoryObjectStore } from './memory/objects.ts';
export { MemoryBus, MemoryExecutions, MemorySecret } from './memory/services.ts';
