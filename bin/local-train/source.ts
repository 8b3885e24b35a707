import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { InvalidInputError } from '../../lib/errors/index.ts';
import { type Delimiter, detectDelimiter, readCsv, TooManyBadRowsError } from '../../lib/table/index.ts';

/** What stands for a missing value in a file, besides what `--missing` adds. */
export const MISSING_MARKERS = [
  '',
  'NA',
  'N/A',
  'n/a',
  'NaN',
  'nan',
  'NULL',
  'Null',
  'null',
  '#N/A',
  '<NA>',
  '?',
  '\\N',
] as const;

/**
 * Reads a table, and says of too many bad rows what can be done about them on this command line.
 *
 * @throws as `readCsv`
 */
export async function readRows(
  data: AsyncIterable<Uint8Array>,
  options: Parameters<typeof readCsv>[1],
  remedy: string,
): ReturnType<typeof readCsv> {
  try {
    return await readCsv(data, options);
  } catch (cause) {
    if (!(cause instanceof TooManyBadRowsError)) throw cause;
    throw new TooManyBadRowsError(cause.message, {
      cause,
      details: cause.details,
      remedy,
    });
  }
}

/** A file as a stream of bytes, after making sure that it can be read. @throws InvalidInputError */
export async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    await access(path, constants.R_OK);
    // A folder may be read, and says so with the first byte only.
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    const why =
      { ENOENT: 'it is not there', EISDIR: 'it is a folder', EACCES: 'permission denied' }[code] ?? code;
    throw new InvalidInputError(`${path} cannot be read: ${why}`, {
      cause,
      field: 'data',
      remedy: 'Give the path of a CSV or CSV.gz file.',
    });
  }
  return createReadStream(path);
}

/**
 * How the file's lines are cut: by commas, or by semicolons, tabs or bars where those cut its header and lines into more.
 * Columns without a name (the index that pandas writes, a delimiter at each line's end) are passed over.
 *
 * @throws InvalidInputError where the file cannot be read; what detectDelimiter throws
 */
export async function layoutOf(path: string): Promise<{ delimiter: Delimiter; passUnnamed: true }> {
  return { delimiter: await detectDelimiter(await openFile(path)), passUnnamed: true };
}
