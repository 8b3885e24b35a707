/** What may part the fields of a line. */
export type Delimiter = ',' | ';' | '\t' | '|';

export const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];

const LOOKED_AT_LINES = 50;
/** A delimiter cuts the header and this share of the lines into equally many fields. */
const MOST_LINES = 0.8;

/**
 * What parts the fields of a text: that which cuts its header into the most fields, and nearly all of its lines into as
 * many. A comma where nothing does.
 *
 * @param whole false where the text was cut off: its last line may not be all there
 */
export function delimiterOfText(text: string, whole = true): Delimiter {
  const lines = linesOf(text);
  if (!whole && lines.length > 1) lines.pop();
  let best: Delimiter = ',';
  let most = 1;
  for (const delimiter of DELIMITERS) {
    const fields = agreedFields(lines, delimiter);
    if (fields > most) [best, most] = [delimiter, fields];
  }
  return best;
}

/** The lines outside of quotes, without blank ones. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= text.length && lines.length < LOOKED_AT_LINES; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    const ends = char === undefined || (!quoted && (char === '\n' || char === '\r'));
    if (!ends) continue;
    const line = text.slice(start, at);
    if (line.trim() !== '') lines.push(line);
    start = at + 1;
  }
  return lines;
}

/** The fields of the header; 0 where too many lines have another count. */
function agreedFields([header = '', ...rest]: readonly string[], delimiter: Delimiter): number {
  const fields = countFields(header, delimiter);
  const agreeing = rest.filter((line) => countFields(line, delimiter) === fields).length;
  return agreeing >= MOST_LINES * rest.length ? fields : 0;
}

function countFields(line: string, delimiter: Delimiter): number {
  let fields = 1;
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) fields++;
  }
  return fields;
}
