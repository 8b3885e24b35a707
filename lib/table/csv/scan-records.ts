import { MalformedCsvError } from '../errors.ts';
import type { Delimiter } from './delimiter-of-text.ts';

/** A record past this size is an unclosed quote, not data. */
export const MAX_SCANNED_RECORD = 1024 * 1024;

/** Where a record ends: byte offsets of the text, from 0. */
export interface ScannedRecord {
  start: number;
  /** Behind the record's last byte, in front of its end of line. */
  end: number;
  /** Behind its end of line: where the next record begins. A place to cut the text at. */
  next: number;
  /** The line that it begins on, from 1. */
  line: number;
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** At the start of a field; in one without quotes; in quotes; behind a quote that may have ended them. */
const [FIELD, PLAIN, QUOTED, CLOSING] = [0, 1, 2, 3];

/**
 * Finds the records of a CSV text that comes in pieces, without reading their fields: an end of line ends a record unless it
 * stands in a field that a quote began. A quote counts only at the start of a field. Empty lines are no records. What is
 * found depends on the bytes alone, not on how they were cut into pieces, and a text that is cut behind any record has
 * the records of both halves.
 *
 * Every text has records, a malformed one too: whether a record's fields are well-formed is for its reader to say.
 *
 * @param onRecord called with each record as its end is seen
 * @returns `push` for each piece, `end` once behind the last; both throw MalformedCsvError for a record over 1 MB
 * @example
 * const scan = scanRecords(',', ({ start, end }) => found.push([start, end]));
 * scan.push(Buffer.from('a,"b\n'));
 * scan.push(Buffer.from('c"\n'));
 * scan.end(); // found: [[0, 8]]
 */
export function scanRecords(
  delimiter: Delimiter,
  onRecord: (record: ScannedRecord) => void,
  origin: { offset?: number; line?: number } = {},
): { push(bytes: Uint8Array): void; end(): void } {
  const parts = delimiter.charCodeAt(0);
  let at = origin.offset ?? 0;
  let line = origin.line ?? 1;
  let start = at;
  let startLine = line;
  let state: number = FIELD;
  let previous = -1;
  const ended = (next: number) => {
    if (at > start) onRecord({ start, end: at, next, line: startLine });
    start = next;
    startLine = line;
    state = FIELD;
  };
  return {
    push(bytes) {
      for (let i = 0; i < bytes.length; i++, at++) {
        const byte = bytes[i]!;
        if (byte === LF || byte === CR) {
          // A line feed behind a carriage return ends the same line.
          if (byte === CR || previous !== CR) line++;
          if (state !== QUOTED) ended(at + 1);
        } else if (state === QUOTED) {
          if (byte === QUOTE) state = CLOSING;
        } else if (byte === parts) state = FIELD;
        else if (byte === QUOTE) state = state === PLAIN ? PLAIN : QUOTED;
        else state = PLAIN;
        previous = byte;
        if (at - start > MAX_SCANNED_RECORD) {
          throw new MalformedCsvError(`a quote opened on line ${startLine} is never closed`, {
            details: { line: startLine },
          });
        }
      }
    },
    end: () => ended(at),
  };
}
