import { TransientError } from '../errors/index.ts';
import { ConditionFailedError } from '../store/errors.ts';

const LONGEST_PAUSE_MS = 200;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Reads, decides and writes on condition, again and again until no other writer was in between.
 * Pauses grow with full jitter, so that writers who met once do not meet again.
 *
 * @param attempt one read and one conditional write; ConditionFailedError or a TransientError means another was quicker.
 * @param what the thing written, for the error.
 * @throws TransientError after `tries` meetings.
 */
export async function optimistic<T>(attempt: () => Promise<T>, what: string, tries = 60): Promise<T> {
  let last: unknown;
  for (let n = 0; n < tries; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailedError || error instanceof TransientError)) throw error;
      last = error;
    }
    await pause(Math.random() * Math.min(2 ** n, LONGEST_PAUSE_MS));
  }
  throw new TransientError(`too many writers at ${what}`, { cause: last });
}

/** Runs a conditional write; false where its condition does not hold. */
export async function happened(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}
