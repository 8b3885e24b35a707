import type { RowSchema } from '../types.ts';
import type { RowProblem } from './judge.ts';

/** From a row as the file has it, all texts, to the columns of a schema; `null` is a missing value. */
export type DecodeRow = (row: Record<string, string>) => Record<string, string | number | null>;

/** Applies a decode function to the records of a file, one at a time. */
export class RowDecoder {
  /** The cells of the last row decoded, in the schema's order; null where missing. */
  readonly cells: (string | null)[];
  readonly #names: readonly string[];
  readonly #header: readonly string[];
  readonly #decode: DecodeRow;

  constructor(decode: DecodeRow, header: readonly string[], schema: RowSchema) {
    this.#decode = decode;
    this.#header = header;
    this.#names = schema.columns.map((column) => column.name);
    this.cells = new Array<string | null>(this.#names.length).fill(null);
  }

  /** Decodes the fields of one record; the cells are in {@link cells} when nothing is returned. */
  decode(fields: readonly string[]): RowProblem | undefined {
    const row: Record<string, string> = {};
    for (let j = 0; j < fields.length; j++) row[this.#header[j] as string] = fields[j] as string;
    let decoded: Record<string, unknown>;
    try {
      decoded = this.#decode(row);
    } catch (error) {
      return same(`decode failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (typeof decoded !== 'object' || decoded === null) return same('decode gave no row');
    for (let j = 0; j < this.#names.length; j++) {
      const name = this.#names[j] as string;
      const value = Object.hasOwn(decoded, name) ? decoded[name] : undefined;
      // A misspelt column must not become one that is missing in every row.
      if (value === undefined) return same(`${name}: decode gives no value for it (null is a missing one)`);
      if (value !== null && typeof value !== 'string' && typeof value !== 'number')
        return same(`${name}: decode gives a ${typeof value}, not a text, a number or null`);
      this.cells[j] = value === null ? null : String(value);
    }
    return undefined;
  }
}

const same = (text: string): RowProblem => ({ reason: text, summary: text });
