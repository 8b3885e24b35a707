import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '../../lib/errors/index.ts';

/** A file that the caller named, of rows unless told. @throws InvalidInputError where it cannot be read */
export async function readGivenFile(
  file: string,
  remedy = 'Give the path of a CSV or CSV.gz.',
): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new InvalidInputError(`${file} cannot be read (${code})`, {
      cause,
      remedy,
    });
  }
}
