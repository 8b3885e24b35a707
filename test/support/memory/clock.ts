import type { Clock } from '../../../lib/store/ports.ts';

/** The real time. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is moved; each reading may step it on, so that times differ. */
export class FixedClock implements Clock {
  #time: number;
  readonly #step: number;

  /** `step`: milliseconds added after each reading. */
  constructor(start: string | Date = '2026-01-01T00:00:00.000Z', step = 0) {
    this.#time = new Date(start).getTime();
    this.#step = step;
  }

  now(): Date {
    const date = new Date(this.#time);
    this.#time += this.#step;
    return date;
  }

  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }
}
