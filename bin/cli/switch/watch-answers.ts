import { setTimeout as sleep } from 'node:timers/promises';

/** What answered while an alias moved. Times are milliseconds since the move was asked for. */
export interface Watched {
  requests: number;
  failed: number;
  /** The first failure's own words. */
  failure?: string;
  /** Answers by the version that gave them. */
  versions: Record<string, number>;
  /** When the first answer of the new version came; null where none did. */
  firstNew: number | null;
  /** When the last answer of another version came; null where none did after the move. */
  lastOld: number | null;
  /** Whether the new version alone answered in the end. */
  settled: boolean;
}

export interface WatchOptions {
  /** How long only the new version must have answered. Longer than a function keeps an alias, so that each has looked again. */
  quiet: number;
  /** When to give up. */
  timeout: number;
  /** Requests at a time. */
  concurrency: number;
  /** Between two requests of one sender. */
  pause: number;
}

/** Functions look an alias up anew every 2 s (lib/serving/types.ts). */
export const WATCH: WatchOptions = { quiet: 2_500, timeout: 15_000, concurrency: 2, pause: 20 };

/** Asks all the time for the version that answers: from before a move until the new version alone does. */
export class AnswerWatch {
  readonly #ask: () => Promise<string>;
  readonly #options: WatchOptions;
  readonly #loops: Promise<void>[];
  readonly #answers: { version: string; at: number }[] = [];
  #stopped = false;
  #failed = 0;
  #failure: string | undefined;

  /** @param ask sends one request and tells which version answered; it throws where none did. */
  constructor(ask: () => Promise<string>, options: WatchOptions = WATCH) {
    this.#ask = ask;
    this.#options = options;
    this.#loops = Array.from({ length: options.concurrency }, () => this.#loop());
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        const version = await this.#ask();
        this.#answers.push({ version, at: performance.now() });
      } catch (error) {
        this.#failed += 1;
        this.#failure ??= (error as Error).message;
      }
      await sleep(this.#options.pause);
    }
  }

  /** Lets go without waiting for anything: the move did not take place. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** Goes on until only `version` has answered for long enough, or it takes too long. @param since performance.now() */
  async until(version: string, since: number): Promise<Watched> {
    const { quiet, timeout } = this.#options;
    const isSettled = () => {
      const newest = this.#answers.at(-1);
      if (newest?.version !== version) return false;
      const other = this.#answers.findLast((answer) => answer.version !== version);
      return newest.at - Math.max(since, other?.at ?? since) >= quiet;
    };
    while (!isSettled() && performance.now() - since < timeout) await sleep(50);
    const settled = isSettled();
    await this.stop();
    const after = this.#answers.filter(({ at }) => at >= since);
    const versions: Record<string, number> = {};
    for (const answer of this.#answers) versions[answer.version] = (versions[answer.version] ?? 0) + 1;
    const rounded = (at: number | undefined) => (at === undefined ? null : Math.round(at - since));
    return {
      requests: this.#answers.length + this.#failed,
      failed: this.#failed,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      versions,
      firstNew: rounded(after.find((answer) => answer.version === version)?.at),
      lastOld: rounded(after.findLast((answer) => answer.version !== version)?.at),
      settled,
    };
  }
}
