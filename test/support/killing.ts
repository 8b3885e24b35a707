import type { ItemStore, ObjectStore } from '../../lib/store/ports.ts';
import { trackingOver } from '../../lib/tracking/index.ts';
import { CrashError, type Fault } from './memory.ts';
import type { PipelineWorld } from './pipeline.ts';

/** The calls that change something outside the process, by the port that has them. */
const WRITES = {
  items: ['put', 'update', 'remove', 'transact', 'batchPut'],
  objects: ['put', 'putPieces', 'putIfAbsent', 'remove', 'removeAll'],
  executions: ['start', 'stop'],
  events: ['publish'],
} as const;

/**
 * A process that is killed at one write, and from then on writes nothing: no record of its failure, no log, as a function
 * that runs out of memory. All that it writes counts: S3, DynamoDB, executions and events, in the order in which it is done.
 */
export class MortalProcess {
  /** Of the process so far, the one that ended it included. */
  writes = 0;
  /** What was written, in order, for messages. */
  readonly told: string[] = [];
  #orders: Fault[];
  #dead = false;

  /** @param orders the writes that end it; each is counted from the one before, as `Fault` has it */
  constructor(...orders: Fault[]) {
    this.#orders = orders.map((order) => ({ ...order }));
  }

  /** The world's stores as this process sees them. */
  over(world: PipelineWorld): PipelineWorld['deps'] {
    const items = this.#mortal(world.items as ItemStore, WRITES.items);
    return {
      ...world.deps,
      ...trackingOver(items, world.clock),
      objects: this.#mortal(world.objects as ObjectStore, WRITES.objects),
      executions: this.#mortal(world.executions, WRITES.executions),
      events: this.#mortal(world.events, WRITES.events),
    };
  }

  /**
   * One call of a function. Whatever it made of its own end, one that was killed in it has no answer.
   * @throws CrashError where it was killed; the next call is that of a new process
   */
  async call<T>(step: () => Promise<T>): Promise<T> {
    this.#dead = false;
    try {
      const answer = await step();
      if (this.#dead) throw new CrashError('killed');
      return answer;
    } catch (error) {
      throw this.#dead ? new CrashError('killed', { cause: error }) : error;
    }
  }

  /** The call again and again until it is not killed: Step Functions' Retry, or a caller who repeats what had no answer. */
  async again<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.call(step);
      } catch (error) {
        if (!(error instanceof CrashError)) throw error;
      }
    }
  }

  #mortal<T extends object>(port: T, names: readonly string[]): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        if (!names.includes(String(name))) return member.bind(target);
        return (...of: unknown[]) =>
          this.#write(`${String(name)} ${placeOf(of[0])}`, () => member.apply(target, of));
      },
    });
  }

  async #write<T>(what: string, write: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new CrashError('dead');
    this.writes += 1;
    this.told.push(what);
    const [order] = this.#orders;
    if (order === undefined || --order.at > 0) return write();
    this.#orders.shift();
    if (order.mode === 'after') await write();
    this.#dead = true;
    throw new CrashError(`killed ${order.mode} ${what}`);
  }
}

const placeOf = (first: unknown): string => {
  if (typeof first === 'string') return first;
  if (Array.isArray(first)) return `${first.length} items`;
  return String((first as { sk?: string } | undefined)?.sk ?? '');
};
