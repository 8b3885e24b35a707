import { createHash } from 'node:crypto';
import { InvalidInputError } from '../../errors/index.ts';
import type { LoadedModel } from '../../learn/file/model-file.ts';
import type { Prediction } from '../../learn/predict-rows.ts';
import { type Delimiter, delimiterOfText } from '../../table/csv/delimiter-of-text.ts';
import { checkNewHeader } from '../../table/csv/header.ts';
import { csvCell } from '../../table/csv/loose-cell.ts';
import { type ScannedRecord, scanRecords } from '../../table/csv/scan-records.ts';
import { textRecords } from '../../table/csv/text-records.ts';
import { inputColumns } from '../../table/example-row.ts';
import type { ColumnSpec } from '../../table/types.ts';
import { predictEach, type Refused } from './predict-rows.ts';
import type { BatchChunk, BatchPlan, ChunkResult, RowFailure } from './types.ts';

/**
 * A chunk ends behind the record that fills the one or the other. Short records are bounded by their number: each costs a prediction
 * and some objects in memory, however few its bytes.
 */
export const CHUNK_BYTES = 4 * 1024 * 1024;
export const CHUNK_ROWS = 50_000;
/** Bytes of the text that tell what parts its fields. */
const LOOKED_AT = 65_536;
/** Characters of a wrong record that the failures file shows. */
const SHOWN = 2_000;
const BOM = '\uFEFF';

/** What a CSV text holds, for the plan. */
export interface CsvFacts {
  sha256: string;
  bytes: number;
  header: string[];
  csv: NonNullable<BatchPlan['csv']>;
  chunks: BatchChunk[];
  rows: number;
}

/**
 * Reads a CSV text once, from its beginning to its end, and cuts it behind records, so that no quoted field is ever cut.
 *
 * @throws InvalidInputError where it is not CSV text in UTF-8 with a header, MalformedCsvError at an unclosed quote
 */
export async function planCsv(
  source: AsyncIterable<Uint8Array>,
  chunkBytes = CHUNK_BYTES,
  chunkRows = CHUNK_ROWS,
): Promise<CsvFacts> {
  const hash = createHash('sha256');
  const chunks: BatchChunk[] = [];
  let bytes = 0;
  let rows = 0;
  let headerAt: ScannedRecord | undefined;
  let open: { start: number; line: number; firstRow: number } | undefined;
  const close = (end: number) => {
    if (open === undefined) return;
    const { start, line, firstRow } = open;
    chunks.push({ id: idOf(chunks.length), start, end, line, firstRow, rows: rows - firstRow });
    open = undefined;
  };
  const onRecord = (record: ScannedRecord) => {
    if (headerAt === undefined) {
      headerAt = record;
      return;
    }
    open ??= { start: record.start, line: record.line, firstRow: rows };
    rows++;
    if (record.next - open.start >= chunkBytes || rows - open.firstRow >= chunkRows) close(record.next);
  };
  let head: Buffer = Buffer.alloc(0);
  let scan: ReturnType<typeof scanRecords> | undefined;
  let delimiter: Delimiter = ',';
  const begin = (whole: boolean) => {
    refuseOtherFormats(head);
    delimiter = delimiterOfText(head.toString('utf8').replace(BOM, ''), whole);
    const offset = markOf(head);
    scan = scanRecords(delimiter, onRecord, { offset });
    scan.push(head.subarray(offset));
  };
  for await (const piece of source) {
    hash.update(piece);
    bytes += piece.length;
    if (scan !== undefined) scan.push(piece);
    else {
      head = Buffer.concat([head, piece]);
      if (head.length >= LOOKED_AT) begin(false);
    }
  }
  if (scan === undefined) begin(true);
  scan!.end();
  close(bytes);
  // Within the first bytes that were looked at, or it is no header.
  const found = headerAt as ScannedRecord | undefined;
  if (found === undefined) throw notCsv('the file is empty');
  if (found.next > Math.max(head.length, LOOKED_AT)) throw notCsv('the header is longer than 64 KB');
  return { sha256: hash.digest('hex'), bytes, chunks, rows, ...headerOf(head, found, delimiter) };
}

export const idOf = (index: number): string => String(index).padStart(5, '0');

/** Bytes of the byte order mark that the text begins with. */
const markOf = (head: Buffer): number => (head.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0);

const notCsv = (what: string): InvalidInputError =>
  new InvalidInputError(what, {
    field: 'uploadId',
    remedy: 'Upload CSV text in UTF-8 with a header line, or Parquet.',
  });

function refuseOtherFormats(head: Buffer): void {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    throw new InvalidInputError('the file is gzipped, and a gzip cannot be cut into pieces', {
      field: 'uploadId',
      remedy: 'Unpack it first (`gunzip FILE`), or upload Parquet.',
    });
  }
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') throw notCsv('the file is Parquet, not CSV');
  if (head.includes(0)) throw notCsv('the file holds zero bytes: it is no CSV text in UTF-8');
}

function headerOf(head: Buffer, { start, end, next }: ScannedRecord, delimiter: Delimiter) {
  const text = decode(head.subarray(start, end));
  if (text === undefined) throw notCsv('the header is not UTF-8');
  const cells = fieldsOf(text, delimiter);
  if (!Array.isArray(cells)) throw notCsv(`the header: ${cells.message}`);
  const headerText = markOf(head) > 0 ? `${BOM}${text}` : text;
  checkNewHeader(cells, { delimiter });
  const endOfLine = head.subarray(end, next + 1).toString('latin1');
  const csv = {
    delimiter,
    endOfLine: endOfLine.startsWith('\r\n')
      ? ('\r\n' as const)
      : endOfLine.startsWith('\r')
        ? ('\r' as const)
        : ('\n' as const),
    headerText,
  };
  return { header: cells, csv };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The fields of one record, or why it has none. */
function fieldsOf(text: string, delimiter: Delimiter): string[] | Refused {
  if (!text.includes('"')) return text.split(delimiter);
  const { records, brokenAt } = textRecords(text, delimiter);
  const [record] = records;
  if (brokenAt === undefined && records.length === 1 && record !== undefined) return record;
  return {
    code: 'BAD_QUOTES',
    message: `a quoted field that begins at character ${(brokenAt ?? 0) + 1} does not end well`,
  };
}

/** Predicts the rows of one chunk: each record stands in the result as it came, with the prediction behind it. */
export function predictCsv(
  loaded: LoadedModel,
  { header, csv, added }: Pick<BatchPlan, 'header' | 'csv' | 'added'>,
  chunk: BatchChunk,
  bytes: Uint8Array,
): ChunkResult {
  const { delimiter, endOfLine } = csv!;
  const reader = rowReader(loaded, header);
  const records: { record: ScannedRecord; text: string; read: Read }[] = [];
  const scan = scanRecords(
    delimiter,
    (record) => {
      const raw = bytes.subarray(record.start - chunk.start, record.end - chunk.start);
      const text = decode(raw);
      const read = text === undefined ? { refused: NOT_UTF8 } : reader(fieldsOf(text, delimiter));
      records.push({ record, read, text: text ?? Buffer.from(raw).toString('latin1') });
    },
    { offset: chunk.start, line: chunk.line },
  );
  scan.push(bytes);
  scan.end();
  const rows = records.flatMap(({ read }) => ('row' in read ? [read.row] : []));
  const { outcomes, warnings } = predictEach(loaded, rows);
  const lines: string[] = [];
  const failures: RowFailure[] = [];
  let next = 0;
  for (const [i, { record, text, read }] of records.entries()) {
    const outcome = 'row' in read ? outcomes[next++]! : read;
    if ('answer' in outcome) {
      lines.push(`${text}${delimiter}${answerCells(outcome.answer, loaded, added, delimiter)}${endOfLine}`);
    } else {
      const place = { row: chunk.firstRow + i + 1, line: record.line };
      failures.push({ ...place, ...outcome.refused, raw: text.slice(0, SHOWN) });
    }
  }
  return { predictions: Buffer.from(lines.join('')), failures, predicted: lines.length, warnings };
}

const NOT_UTF8: Refused = { code: 'NOT_UTF8', message: 'the record is not UTF-8' };
/** A record as a row of the model, or why it is none. */
type Read = { row: Record<string, unknown> } | { refused: Refused };

/** From the fields of a record to a row of the model. */
function rowReader(loaded: LoadedModel, header: readonly string[]) {
  const places = inputsOf(loaded).flatMap((column) => {
    const at = header.indexOf(column.name);
    return at < 0 ? [] : [{ column, at }];
  });
  return (fields: string[] | Refused): Read => {
    if (!Array.isArray(fields)) return { refused: fields };
    if (fields.length !== header.length) {
      const message = `the header has ${header.length} fields, the record ${fields.length}`;
      return { refused: { code: 'WRONG_FIELD_COUNT', message } };
    }
    const row: Record<string, unknown> = {};
    for (const { column, at } of places) row[column.name] = csvCell(column, fields[at]!);
    return { row };
  };
}

/** The columns that a row of the model has. */
export function inputsOf({ manifest }: LoadedModel): ColumnSpec[] {
  const { target, rowSchema, preprocessing } = manifest;
  return inputColumns({ target, rowSchema, input: preprocessing.input });
}

function answerCells(
  { prediction, probabilities }: Prediction,
  { model }: LoadedModel,
  added: readonly string[],
  delimiter: Delimiter,
): string {
  const cells = [csvField(String(prediction), delimiter)];
  if (added.length > 1) for (const name of model.classes) cells.push(String(probabilities?.[name] ?? ''));
  return cells.join(delimiter);
}

/** RFC 4180: quotes only where they are needed. */
export const csvField = (text: string, delimiter: Delimiter): string =>
  text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The header of the result. */
export const resultHeader = ({ csv, added }: Pick<BatchPlan, 'csv' | 'added'>): string => {
  const { headerText, delimiter, endOfLine } = csv!;
  return `${[headerText, ...added.map((name) => csvField(name, delimiter))].join(delimiter)}${endOfLine}`;
};
