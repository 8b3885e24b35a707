import { plain } from '../../../lib/store/limits.ts';
import { idOf, LocalItemStore } from '../../../lib/store/local/items.ts';
import type { Clock, Item, Key, Page, QueryRequest } from '../../../lib/store/ports.ts';
import { systemClock } from './clock.ts';

/** Ends the "process" at a write: `before` loses the write, `after` makes it and loses the answer. */
export interface Fault {
  /** Counts from 1: the n-th write from now. */
  at: number;
  mode: 'before' | 'after';
  /** Whatever the process would go on to write is lost too, until `failWrite(undefined)`: for work that outlives an error of one part. */
  dead?: true;
}

/** What a fault throws: no error of ours, as a killed process has none. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The store in memory, with crashes to order, counters, and dumps. */
export class MemoryItemStore extends LocalItemStore {
  #fault: Fault | undefined;
  /** Writes tried so far; a transaction or a batch of 25 counts as one. */
  writes = 0;
  /** Read calls so far. */
  reads = 0;

  constructor(clock: Clock = systemClock) {
    super(clock);
  }

  /** Ends one write to come with CrashError; `undefined` takes the order back. */
  failWrite(fault: Fault | undefined): void {
    this.#fault = fault && { ...fault };
  }

  /** A copy of all items, expired ones too, by key; for assertions and for simulating a lost disk. */
  dump(): Item[] {
    const all = [...this.stored.values()].sort((a, b) => compare(a.pk, b.pk) || compare(a.sk, b.sk));
    return plain(all);
  }

  /** Puts the store back to a dump. */
  restore(items: readonly Item[]): void {
    this.stored.clear();
    for (const item of items) this.stored.set(idOf(item), plain(item));
  }

  override get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined> {
    this.reads += 1;
    return super.get(key, options);
  }

  override batchGet(keys: readonly Key[], options?: { consistent?: boolean }): Promise<Item[]> {
    this.reads += 1;
    return super.batchGet(keys, options);
  }

  override query(request: QueryRequest): Promise<Page<Item>> {
    this.reads += 1;
    return super.query(request);
  }

  protected override write(apply: () => void): Promise<void> {
    return super.write(() => {
      this.writes += 1;
      const fault = this.#fault;
      if (fault) fault.at -= 1;
      if (fault !== undefined && fault.at < 0) throw new CrashError('the process has ended');
      const now = fault?.at === 0;
      if (now && !fault?.dead) this.#fault = undefined;
      if (now && fault?.mode === 'before') throw new CrashError('the process ended before the write');
      apply();
      if (now) throw new CrashError('the process ended after the write');
    });
  }
}
