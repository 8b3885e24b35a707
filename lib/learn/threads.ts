import { InvalidInputError } from '../errors/index.ts';
import type { FitOptions } from './types.ts';

/**
 * Work, on one thread, for which one more is started. A worker boots in 50 to 100 ms, half of which is processor time,
 * and until then the first thread is alone.
 */
const SECONDS_A_THREAD = 0.25;

/**
 * Threads that a fit starts: as many as asked, but no more than its work pays for.
 *
 * @param seconds estimate of the work on one thread
 * @throws InvalidInputError where `threads` is no whole number from 1 up
 * @example
 * threadsToStart({ threads: 8 }, 0.6); // 3
 */
export function threadsToStart(
  { threads = 1, allThreads = false }: Pick<FitOptions, 'threads' | 'allThreads'>,
  seconds: number,
): number {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InvalidInputError(`threads must be a whole number from 1 up, not ${threads}`, {
      field: 'threads',
    });
  }
  return allThreads ? threads : Math.min(threads, 1 + Math.floor(seconds / SECONDS_A_THREAD));
}
