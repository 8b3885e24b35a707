import { unzipSync } from 'fflate';
import { BadDataError } from '../../errors/index.ts';

/** The archive is not what it should be. */
export class BadArchiveError extends BadDataError {
  static override readonly code: string = 'BAD_ARCHIVE';
  static override readonly remedy: string =
    'Name a file that stands in the archive (`entry` of httpsFile), or another URL.';
}

/** More names than any data set has: a directory that claims them would keep the function busy for its whole time. */
const MAX_ENTRIES = 100_000;
const NAMES_SHOWN = 20;
/** Deflate cannot do better than 1032 to 1 (zlib's own technical notes). */
const MAX_DEFLATE_RATIO = 1032;

/**
 * The bytes of one file in a ZIP archive; the others are neither inflated nor looked at, and no name becomes a path. The
 * memory is bounded by what the directory declares of the entry, which is checked first: an entry that inflates to more
 * is cut there, so its caller must check the bytes' hash.
 *
 * @param entry the name as the archive has it, `covtype.data.gz` or `folder/data.csv`
 * @throws BadArchiveError where it is no ZIP archive, has no such entry (the message lists those it has), or the entry is
 *   larger than `maxBytes`, declares a size that its bytes cannot have, or is damaged
 */
export function zipEntry(archive: Uint8Array, entry: string, maxBytes: number): Uint8Array {
  const names: string[] = [];
  let declared: number | undefined;
  const files = readArchive(archive, (file) => {
    if (names.push(file.name) > MAX_ENTRIES) {
      throw new BadArchiveError(`the archive names more than ${MAX_ENTRIES} files`);
    }
    // Of two entries with one name the first counts: which of them is meant, the hash decides.
    if (file.name !== entry || declared !== undefined) return false;
    refuseSizes(file, archive.byteLength, maxBytes);
    declared = file.originalSize;
    return true;
  });
  const bytes = Object.hasOwn(files, entry) ? files[entry] : undefined;
  if (bytes === undefined) throw new BadArchiveError(`the archive has no ${entry}: ${listed(names)}`);
  if (bytes.byteLength !== declared) {
    throw new BadArchiveError(`${entry} declares ${declared} bytes and holds ${bytes.byteLength}`);
  }
  return bytes;
}

interface Entry {
  name: string;
  /** Bytes in the archive. */
  size: number;
  originalSize: number;
  compression: number;
}

function readArchive(archive: Uint8Array, filter: (file: Entry) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(archive, { filter });
  } catch (cause) {
    if (cause instanceof BadDataError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BadArchiveError(`the bytes are no ZIP archive that can be read (${why})`, { cause });
  }
}

function refuseSizes({ name, size, originalSize, compression }: Entry, archive: number, most: number): void {
  const refuse = (why: string): never => {
    throw new BadArchiveError(`${name} ${why}`);
  };
  if (originalSize > most) refuse(`has ${originalSize} bytes, more than ${most}`);
  if (size > archive) refuse(`claims ${size} bytes of an archive of ${archive}`);
  const deflated = compression === 8;
  // Worst cases of deflate, both ways: what is outside of them is a lie about the size.
  if (originalSize > (deflated ? size * MAX_DEFLATE_RATIO : size) || size > 1.01 * originalSize + 1024) {
    refuse(
      `declares ${originalSize} bytes, which ${size} ${deflated ? 'compressed' : 'stored'} ones cannot be`,
    );
  }
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'it is empty';
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `it has ${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}
