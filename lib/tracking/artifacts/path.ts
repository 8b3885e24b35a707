import { InvalidInputError } from '../../errors/index.ts';

/** As often as MLflow's server decodes; a path that still changes then was made to deceive. */
const MAX_ROUNDS = 10;

/**
 * A path of an artifact as a client sent it, made safe to stand behind the server's own prefix: decoded until nothing
 * changes (each gateway decodes another number of times), without empty and `.` segments. What MLflow's server refuses is
 * refused here, in its words: `..` anywhere, absolute paths, drives, `#`, NUL; and backslashes, which some clients take for
 * separators. Other control characters are escaped, as there. The result gives itself again.
 *
 * The ways out that this closes: CVE-2023-6909 and CVE-2024-3848 (`#`), CVE-2024-1483 (`..` behind an escape).
 *
 * @returns segments joined by `/`; empty for the root
 * @throws InvalidInputError
 */
export function confinePath(given: string): string {
  const decoded = decodeFully(given);
  const text = escapeControl(decoded);
  const bad =
    decoded.includes('\0') || /[#\\\ufffe\uffff]/.test(text) || text.startsWith('/') || !text.isWellFormed();
  const segments = text.split('/');
  const path = segments.filter((segment) => segment !== '' && segment !== '.').join('/');
  // Of the path without its `.` segments as well: `./C:/x` names a drive to the next who reads it.
  if (bad || segments.includes('..') || [text, path].some((one) => ELSEWHERE.test(one))) throw invalidPath();
  return path;
}

/** A drive, or a URI of files. */
const ELSEWHERE = /^(?:[a-z]:\/|file:)/i;

/** As `confinePath`, for what must be a file or a folder and not the root. @throws InvalidInputError */
export function confineName(given: string): string {
  const path = confinePath(given);
  if (path === '') throw invalidPath();
  return path;
}

/** The name of a file on the machine of a client, whichever system that runs: what stands behind its last separator. */
export function localName(path: string): string {
  const windows = /^([a-z]:)?\\|^[a-z]:/i.test(path);
  return (windows ? path.replaceAll('\\', '/') : path).split('/').at(-1) ?? '';
}

const invalidPath = (): InvalidInputError =>
  new InvalidInputError('Invalid path', {
    field: 'path',
    remedy: 'Send a relative path of names between slashes, without `..`, `\\` and `#`.',
  });

function decodeFully(given: string): string {
  let text = given;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const decoded = decodeOnce(text);
    if (decoded === text) return text;
    text = decoded;
  }
  throw invalidPath();
}

/** Percent-decoding that leaves alone what is no escape, such as the sign in `100%`. */
export function decodeOnce(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    utf8.decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')),
  );
}
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function escapeControl(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are meant.
    /[\u0000-\u001f\u007f]/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
