import { NotFoundError } from '../../errors/index.ts';

/** What is not there is undefined; any other error is thrown on. For a promise's `catch`. */
export function absent(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}
