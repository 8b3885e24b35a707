import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { LoadedModel } from '../../lib/learn/file/model-file.ts';
import { csvField, inputsOf } from '../../lib/pipeline/batch/csv.ts';
import type { ColumnSpec } from '../../lib/table/types.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = process.env.ARBOLEDA_DATA ?? join(root, '..', 'shared', 'data');

/** The real files whose rows are repeated; `wrong` is a cell that the model's schema refuses. */
export const SETS = {
  housing: {
    file: join(root, 'data', 'housing', 'ames_rooms_area_age.csv.gz'),
    wrong: { column: 'rooms', text: 'seven', number: 900 },
  },
  diabetes: {
    file: join(shared, 'diabetes', 'diabetic_data.csv.gz'),
    wrong: { column: 'time_in_hospital', text: 'two', number: 99 },
  },
} as const;
export type SetName = keyof typeof SETS;

/** One row in this many is made wrong: by its cell, or (CSV, in turns) by a field that is missing. */
export const EVERY = 9_973;
export const isWrong = (i: number): boolean => i % EVERY === EVERY - 1;

/** As many rows as are wanted: the real ones over and over, each with its number, in the columns of the model. */
export interface Rows {
  count: number;
  columns: readonly ColumnSpec[];
  /** Cells as the source has them; a missing one is ''. */
  cells(i: number): readonly string[];
  /** The row as a caller of `predict` would send it. */
  row(i: number): Record<string, unknown>;
  line(i: number): string;
}

export async function rowsOf(set: SetName, loaded: LoadedModel, count: number): Promise<Rows> {
  const { file, wrong } = SETS[set];
  const [header = [], ...source] = parse(gunzipSync(await readFile(file)), { bom: true }) as string[][];
  const target = loaded.manifest.target;
  const columns = inputsOf(loaded).filter(({ name }) => name !== target && header.includes(name));
  const places = columns.map(({ name }) => header.indexOf(name));
  const known = source.map((cells) => places.map((at) => (cells[at] === '?' ? '' : cells[at]!)));
  const wrongAt = columns.findIndex(({ name }) => name === wrong.column);
  const cells = (i: number) => known[i % known.length]!;
  const texts = known.map((one) => one.map((cell) => csvField(cell, ',')));
  return {
    count,
    columns,
    cells,
    row: (i) =>
      Object.fromEntries(columns.map((column, j) => [column.name, cellValue(column, cells(i)[j]!)])),
    line: (i) => {
      const fields = [...texts[i % texts.length]!];
      if (isWrong(i)) {
        if (Math.floor(i / EVERY) % 2 === 1) return `${i},${fields[0]}`;
        fields[wrongAt] = wrong.text;
      }
      return `${i},${fields.join(',')}`;
    },
  };
}

const isNumber = ({ kind, numericCategories }: ColumnSpec): boolean =>
  kind === 'number' || kind === 'integer' || numericCategories === true;

const cellValue = (column: ColumnSpec, cell: string): string | number | null =>
  cell === '' ? null : isNumber(column) ? Number(cell) : cell;

export async function writeCsv(path: string, { columns, count, line }: Rows): Promise<void> {
  const out = createWriteStream(path);
  let text = `${['number', ...columns.map(({ name }) => name)].join(',')}\n`;
  for (let i = 0; i < count; i++) {
    text += `${line(i)}\n`;
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'close');
}

/** The same rows in Parquet, `groupRows` in a row group; pyarrow puts a million in one. */
export function parquetOf(set: SetName, { columns, count, cells }: Rows, groupRows: number): Uint8Array {
  const { wrong } = SETS[set];
  const columnData = columns.map((column, j): ColumnSource => {
    const { name } = column;
    const value = (i: number) =>
      name === wrong.column && isWrong(i) ? wrong.number : cellValue(column, cells(i)[j]!);
    const data = Array.from({ length: count }, (_, i) => value(i));
    return { name, data, type: isNumber(column) ? 'DOUBLE' : 'STRING' };
  });
  const number = Array.from({ length: count }, (_, i) => i);
  const all: ColumnSource[] = [{ name: 'number', data: number, type: 'INT32' }, ...columnData];
  return new Uint8Array(parquetWriteBuffer({ columnData: all, rowGroupSize: groupRows }));
}

/** A file by its ranges. */
export async function fileRanges(path: string) {
  const file = await open(path);
  const { size } = await file.stat();
  return {
    byteLength: size,
    slice: async (start: number, end = size): Promise<ArrayBuffer> => {
      const from = start < 0 ? size + start : start;
      const bytes = new Uint8Array(end - from);
      await file.read(bytes, 0, end - from, from);
      return bytes.buffer;
    },
  };
}
