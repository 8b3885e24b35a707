import { RequestTimedOutError } from './errors.ts';

/**
 * The result of `work`, unless it takes longer than `milliseconds`: what is still going on is left to itself then.
 * @throws RequestTimedOutError
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new RequestTimedOutError(`no answer within ${milliseconds / 1000} s`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  // Its own failure after the deadline has nobody to hear it, and must not end the process.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
