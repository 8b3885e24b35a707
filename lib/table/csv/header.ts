import {
  ColumnNameError,
  DuplicateColumnError,
  EmptyDataError,
  MissingColumnError,
  WrongDelimiterError,
} from '../errors.ts';

const OTHER_DELIMITERS: readonly [delimiter: string, name: string][] = [
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'vertical bar'],
];

/**
 * Checks a header and finds the declared columns in it.
 *
 * @returns for each declared name its place in a record
 * @throws WrongDelimiterError, DuplicateColumnError, ColumnNameError, MissingColumnError
 */
export function locateColumns(header: readonly string[], declared: readonly string[]): number[] {
  refuseOtherDelimiter(header, declared);
  refuseBadNames(header);
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
export function checkNewHeader(header: readonly string[]): void {
  refuseOtherDelimiter(header, []);
  refuseBadNames(header);
  const blank = header.findIndex((name) => name.trim() === '');
  if (blank !== -1) throw new ColumnNameError(`field ${blank + 1} of the header has no name`);
}

export function noHeader(): EmptyDataError {
  return new EmptyDataError('the file is empty');
}

/** The header read as if another delimiter parted it: more of the declared names found, or a lone field that parts. */
function refuseOtherDelimiter(header: readonly string[], declared: readonly string[]): void {
  const wanted = new Set(declared);
  const hits = (names: readonly string[]) => names.filter((name) => wanted.has(unquote(name))).length;
  const line = header.join(',');
  for (const [delimiter, name] of OTHER_DELIMITERS) {
    if (!line.includes(delimiter)) continue;
    const names = line.split(delimiter);
    const lone = header.length === 1 && !wanted.has(line) && names.length > 1;
    if (!lone && hits(names) <= hits(header)) continue;
    throw new WrongDelimiterError(
      `the header is one field with commas, and ${names.length} with a ${name}: ${JSON.stringify(line.slice(0, 200))}`,
      { details: { expected: ',', found: delimiter } },
    );
  }
}

const unquote = (name: string) => name.trim().replace(/^"(.*)"$/, '$1');

function refuseBadNames(header: readonly string[]): void {
  const seen = new Map<string, number>();
  header.forEach((name, place) => {
    if (name === '__proto__') throw new ColumnNameError('a column cannot be named "__proto__"');
    const before = seen.get(name);
    if (before !== undefined) {
      throw new DuplicateColumnError(
        `the column "${name}" stands twice in the header, as fields ${before + 1} and ${place + 1}`,
        { details: { column: name } },
      );
    }
    seen.set(name, place);
  });
}

/** The missing name, with the header's name that differs by case or blanks alone. */
function describe(name: string, header: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_]+/g, '');
  const near = header.find((one) => plain(one) === plain(name));
  return near === undefined ? `"${name}"` : `"${name}" (there is "${near}")`;
}
