import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { MalformedCsvError } from '../errors.ts';
import { csvBytes } from './bytes.ts';
import type { Delimiter } from './delimiter.ts';

/** A record past this size is an unclosed quote, not data. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;

/** Thrown by a visitor that has seen enough. */
const STOP = Symbol('stop');

/**
 * Calls `visit` with each record and the 1-based line on which it begins, the header first; blank lines are passed over.
 * `visit` runs while parsing, so nothing is queued; it may return false to end the reading. Fields are parted by commas
 * unless the options say otherwise.
 *
 * @throws MalformedCsvError, what {@link csvBytes} throws, and what `visit` throws
 */
export async function readRecords(
  source: AsyncIterable<Uint8Array>,
  visit: (fields: string[], line: number) => boolean | undefined,
  options: { maxBytes?: number | undefined; delimiter?: Delimiter | undefined } = {},
): Promise<void> {
  let lastLine = 0;
  let stopped = false;
  const parser = parse({
    bom: true,
    delimiter: options.delimiter ?? ',',
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    on_record: (fields: string[], { lines }) => {
      // csv-parse counts the line on which a record ends; blank lines and quoted line breaks lie between.
      const line = lines - lastLine <= 1 ? lines : lines - lineBreaks(fields);
      lastLine = lines;
      if (visit(fields, line) === false) {
        stopped = true;
        throw STOP;
      }
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(Readable.from(csvBytes(source, options.maxBytes)), parser);
  } catch (error) {
    if (stopped && error === STOP) return;
    throw malformed(error, lastLine + 1);
  }
}

function malformed(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const text =
    error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE'
      ? `a quote opened on or after line ${line} is never closed`
      : `line ${line} is not CSV (${error.code})`;
  return new MalformedCsvError(text, { cause: error, details: { line } });
}

function lineBreaks(fields: string[]): number {
  let count = 0;
  for (const field of fields) count += field.match(/\r\n|\n|\r/g)?.length ?? 0;
  return count;
}
