import { looksNotFinite, looksNumeric, parseDate } from '../cells.ts';
import { EmptyDataError } from '../errors.ts';
import type { ColumnKind, ColumnSpec, RowSchema } from '../types.ts';
import type { Delimiter } from './delimiter.ts';
import { checkNewHeader, noHeader } from './header.ts';
import { readRecords } from './records.ts';

/** Past so many distinct values a column of strings is open text. */
const MAX_CATEGORIES = 5_000;
/** A column of so few distinct strings is a category however few its rows. */
const SURELY_CATEGORY = 20;

/**
 * Guesses the row schema of a CSV file that has no pipeline: numbers, integers (no point or exponent anywhere),
 * booleans (`true` and `false` only), ISO dates, categories (at most half as many values as rows), text.
 * NaN, infinities and numbers past 64 bits do not make a number column text: reading sets those rows aside.
 *
 * @param options.missing cells that mean "no value"; `['']` unless given
 * @param options.delimiter what parts the fields of a line; a comma unless given
 * @param options.passUnnamed columns without a name are passed over; else they are refused
 * @param options.sampleRows how many rows to look at; all unless given. Of a sample, categories are left open.
 * @throws what {@link readCsv} throws about the file and its header
 * @example
 * const schema = await inferSchema(createReadStream('diabetic_data.csv.gz'), { missing: ['', '?'] });
 */
export async function inferSchema(
  source: AsyncIterable<Uint8Array>,
  options: {
    missing?: readonly string[];
    sampleRows?: number;
    delimiter?: Delimiter;
    passUnnamed?: boolean;
  } = {},
): Promise<RowSchema> {
  const missing = new Set(options.missing ?? ['']);
  const sampleRows = options.sampleRows ?? Number.POSITIVE_INFINITY;
  let header: string[] | undefined;
  let guesses: ColumnGuess[] = [];
  let rows = 0;
  await readRecords(
    source,
    (fields) => {
      if (header === undefined) {
        header = fields;
        checkNewHeader(header, options);
        guesses = header.map(() => new ColumnGuess());
        return undefined;
      }
      if (rows >= sampleRows) return false;
      rows++;
      // A row of another width is bad; reading will say so. It teaches nothing here.
      if (fields.length !== header.length) return undefined;
      for (let j = 0; j < fields.length; j++) {
        const text = fields[j] as string;
        guesses[j]?.see(missing.has(text) || missing.has(text.trim()) ? undefined : text);
      }
      return undefined;
    },
    options,
  );
  if (header === undefined) throw noHeader();
  if (rows === 0) throw new EmptyDataError('the file has a header and no rows');
  const whole = rows < sampleRows;
  const columns = guesses.map((guess, j) => guess.spec((header as string[])[j] as string, whole));
  return { columns: columns.filter(({ name }) => name.trim() !== '') };
}

/** What all cells seen so far have in common. */
class ColumnGuess {
  #count = 0;
  #missing = 0;
  #finite = false;
  #numeric = true;
  #integer = true;
  #safe = true;
  #boolean = true;
  #date = true;
  readonly #distinct = new Set<string>();

  see(text: string | undefined): void {
    if (text === undefined) {
      this.#missing++;
      return;
    }
    this.#count++;
    if (this.#distinct.has(text)) return;
    if (this.#distinct.size <= MAX_CATEGORIES) this.#distinct.add(text);
    const trimmed = text.trim();
    if (this.#numeric) this.#seeNumber(trimmed);
    if (this.#boolean) this.#boolean = /^(?:true|false)$/i.test(trimmed);
    if (this.#date) this.#date = typeof parseDate(trimmed) === 'number';
  }

  #seeNumber(text: string): void {
    if (looksNotFinite(text)) return;
    this.#numeric = looksNumeric(text);
    if (!Number.isFinite(Number(text))) return;
    this.#finite = true;
    if (/[.eE]/.test(text)) this.#integer = false;
    else if (!Number.isSafeInteger(Number(text))) this.#safe = false;
  }

  spec(name: string, whole: boolean): ColumnSpec {
    const kind = this.#kind();
    const nullable = this.#missing > 0;
    if (kind !== 'category' || !whole) return { name, kind, nullable };
    return { name, kind, categories: [...this.#distinct].sort(), nullable };
  }

  #kind(): ColumnKind {
    if (this.#count === 0) return 'text';
    if (this.#numeric && this.#finite) {
      if (!this.#integer) return 'number';
      // Digits past 2^53 are an identifier: as a number two of them could become one.
      return this.#safe ? 'integer' : 'text';
    }
    if (this.#boolean) return 'boolean';
    if (this.#date) return 'date';
    const distinct = this.#distinct.size;
    const few = distinct <= SURELY_CATEGORY || (distinct <= MAX_CATEGORIES && distinct * 2 <= this.#count);
    return few ? 'category' : 'text';
  }
}
