import { NotFoundError } from '../errors/index.ts';
import { awsName, fromAws } from './aws-errors.ts';

/** Sends one call to S3; whatever it throws becomes one of our errors, `what` in its message. */
export async function s3Call<T>(what: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    // A HEAD has no body: its 404 carries no code, and not every SDK version names it.
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    const bare = $metadata?.httpStatusCode === 404 && awsName(error) !== 'NoSuchBucket';
    throw bare ? new NotFoundError(`no object: S3 ${what}`, { cause: error }) : fromAws(error, `S3 ${what}`);
  }
}
