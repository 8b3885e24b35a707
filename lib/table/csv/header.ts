import {
  ColumnNameError,
  DuplicateColumnError,
  EmptyDataError,
  MissingColumnError,
  WrongDelimiterError,
} from '../errors.ts';
import type { Delimiter } from './delimiter.ts';

/** How the header is to be taken. */
export interface HeaderOptions {
  delimiter?: Delimiter | undefined;
  passUnnamed?: boolean | undefined;
}

const DELIMITER_NAMES: readonly [delimiter: Delimiter, name: string, many: string][] = [
  [',', 'comma', 'commas'],
  [';', 'semicolon', 'semicolons'],
  ['\t', 'tab', 'tabs'],
  ['|', 'vertical bar', 'vertical bars'],
];

/**
 * Checks a header and finds the declared columns in it.
 *
 * @returns for each declared name its place in a record
 * @throws WrongDelimiterError, DuplicateColumnError, ColumnNameError, MissingColumnError
 */
export function locateColumns(
  header: readonly string[],
  declared: readonly string[],
  options: HeaderOptions = {},
): number[] {
  refuseOtherDelimiter(header, declared, options);
  refuseBadNames(header, options);
  const places = new Map(header.map((name, place) => [name, place]));
  const missing = declared.filter((name) => !places.has(name));
  if (missing.length > 0) {
    throw new MissingColumnError(
      `the header lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.map((name) => describe(name, header)).join(', ')}`,
      { details: { missing, header: header.slice(0, 200) } },
    );
  }
  return declared.map((name) => places.get(name) as number);
}

/** @throws WrongDelimiterError, DuplicateColumnError, ColumnNameError where a name is blank or cannot be used */
export function checkNewHeader(header: readonly string[], options: HeaderOptions = {}): void {
  refuseOtherDelimiter(header, [], options);
  refuseBadNames(header, options);
  if (options.passUnnamed && header.some((name) => name.trim() !== '')) return;
  const blank = header.findIndex((name) => name.trim() === '');
  if (blank !== -1) throw new ColumnNameError(`field ${blank + 1} of the header has no name`);
}

export function noHeader(): EmptyDataError {
  return new EmptyDataError('the file is empty');
}

/** The header read as if another delimiter parted it: more of the declared names found, or a lone field that parts. */
function refuseOtherDelimiter(
  header: readonly string[],
  declared: readonly string[],
  { delimiter: used = ',' }: HeaderOptions,
): void {
  const wanted = new Set(declared);
  const hits = (names: readonly string[]) => names.filter((name) => wanted.has(unquote(name))).length;
  const line = header.join(used);
  for (const [delimiter, name] of DELIMITER_NAMES) {
    if (delimiter === used || !line.includes(delimiter)) continue;
    const names = line.split(delimiter);
    const lone = header.length === 1 && !wanted.has(line) && names.length > 1;
    if (!lone && hits(names) <= hits(header)) continue;
    throw new WrongDelimiterError(
      `the header is one field with ${nameOf(used)}, and ${names.length} with a ${name}: ${JSON.stringify(line.slice(0, 200))}`,
      { details: { expected: used, found: delimiter } },
    );
  }
}

const nameOf = (used: Delimiter) => DELIMITER_NAMES.find(([one]) => one === used)?.[2];

const unquote = (name: string) => name.trim().replace(/^"(.*)"$/, '$1');

/** Names that a message lists. */
const NAMES_SHOWN = 5;

function refuseBadNames(header: readonly string[], { passUnnamed = false }: HeaderOptions): void {
  const places = new Map<string, number[]>();
  header.forEach((name, place) => {
    if (name === '__proto__') throw new ColumnNameError('a column cannot be named "__proto__"');
    if (passUnnamed && name.trim() === '') return;
    places.set(name, [...(places.get(name) ?? []), place + 1]);
  });
  const repeated = [...places].filter(([, fields]) => fields.length > 1);
  const [first] = repeated;
  if (first === undefined) return;
  const where = repeated
    .slice(0, NAMES_SHOWN)
    .map(([name, fields]) => `"${name}" (fields ${fields.join(', ')})`);
  const more = repeated.length > NAMES_SHOWN ? ` and ${repeated.length - NAMES_SHOWN} more` : '';
  throw new DuplicateColumnError(`names stand more than once in the header: ${where.join(', ')}${more}`, {
    details: { column: first[0] },
  });
}

/** The missing name, with the header's name that differs by case or blanks alone. */
function describe(name: string, header: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_]+/g, '');
  const near = header.find((one) => plain(one) === plain(name));
  return near === undefined ? `"${name}"` : `"${name}" (there is "${near}")`;
}
