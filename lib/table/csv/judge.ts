import type { z } from 'zod';
import { defaultValue, judgeBounds, looksNumeric, parseNumericCell } from '../cells.ts';
import { isNumericKind } from '../table.ts';
import type { ColumnSpec, RowSchema } from '../types.ts';

/** What is wrong with a row: for the reader, and without values for the summary. */
export interface RowProblem {
  reason: string;
  summary: string;
}

/** What a column's cells become before zod sees them. */
interface JudgedColumn {
  spec: ColumnSpec;
  numeric: boolean;
  /** `z.date()` wants a Date, the ISO strings their text. */
  wantsDate: boolean;
  /** What zod takes for a missing value: undefined (optional, default) or null (nullable). */
  absent: undefined | null;
  default: number | string | undefined;
  /** The categories, where the schema names them. */
  allowed: ReadonlySet<unknown> | undefined;
}

/**
 * An object that inherits nothing, so that a column named `constructor` is absent where it is absent. A class, because
 * engines keep its instances as fast as literals, which Object.create(null) does not get.
 */
class Candidate {
  [name: string]: unknown;
}
Object.setPrototypeOf(Candidate.prototype, null);
Reflect.deleteProperty(Candidate.prototype, 'constructor');

/**
 * Turns the text cells of one row into values by kind, and lets the zod row judge them. The values kept are those that
 * were read (zod's transforms are not applied: a prediction would not see them), but a default stands in for a missing cell.
 */
export class RowJudge {
  /** The values of the last row judged, one a column; undefined where missing. */
  readonly values: (number | string | undefined)[];
  readonly #columns: JudgedColumn[];
  readonly #row: z.ZodObject | undefined;
  readonly #missing: ReadonlySet<string>;

  constructor(schema: RowSchema, row: z.ZodObject | undefined, missing: readonly string[]) {
    this.#columns = schema.columns.map((spec) => judgedColumn(spec, row));
    this.#row = row;
    this.#missing = new Set(missing);
    this.values = new Array(this.#columns.length);
  }

  /** Judges the cells at these places, null being missing; the values are in {@link values} when nothing is returned. */
  judge(fields: readonly (string | null)[], places: readonly number[]): RowProblem | undefined {
    const candidate = new Candidate();
    for (let j = 0; j < this.#columns.length; j++) {
      const column = this.#columns[j] as JudgedColumn;
      const text = fields[places[j] as number] as string | null;
      const problem = this.#read(column, text, j, candidate);
      if (problem !== undefined) return cellProblem(column.spec.name, text ?? '', problem);
    }
    return this.#row === undefined ? undefined : judgedByZod(this.#row, candidate);
  }

  #read(
    column: JudgedColumn,
    text: string | null,
    j: number,
    candidate: Record<string, unknown>,
  ): string | undefined {
    const { spec, numeric } = column;
    if (text === null || this.#isMissing(text)) {
      this.values[j] = column.default;
      if (!spec.nullable) return 'is a missing value';
      candidate[spec.name] = column.absent;
      return undefined;
    }
    const value = numeric
      ? parseNumericCell(spec.kind, text)
      : spec.numericCategories
        ? plainNumber(text)
        : text;
    if (numeric && typeof value === 'string') return value;
    this.values[j] = value;
    if (this.#row === undefined) {
      if (column.allowed?.has(value) === false) return 'is not one of the allowed categories';
      return judgeBounds(spec, value);
    }
    candidate[spec.name] = forZod(column, value, text);
    return undefined;
  }

  #isMissing(text: string): boolean {
    if (this.#missing.has(text)) return true;
    const first = text.charCodeAt(0);
    const last = text.charCodeAt(text.length - 1);
    // Only blanks at an end can make a difference.
    return (first <= 32 || last <= 32) && this.#missing.has(text.trim());
  }
}

function judgedColumn(spec: ColumnSpec, row: z.ZodObject | undefined): JudgedColumn {
  const field = row === undefined || !Object.hasOwn(row.shape, spec.name) ? undefined : row.shape[spec.name];
  const takes = (value: unknown) => (field as z.ZodType | undefined)?.safeParse(value).success === true;
  return {
    spec,
    numeric: isNumericKind(spec.kind),
    wantsDate: spec.kind === 'date' && takes(new Date(0)),
    absent: !takes(undefined) && takes(null) ? null : undefined,
    default: defaultValue(spec),
    allowed: spec.kind === 'category' && spec.categories !== undefined ? new Set(spec.categories) : undefined,
  };
}

function forZod(column: JudgedColumn, value: number | string, text: string): unknown {
  switch (column.spec.kind) {
    case 'boolean':
      return value !== 0;
    case 'date':
      return column.wantsDate ? new Date(value) : text.trim();
    case 'category':
      return column.spec.numericCategories ? Number(text) : value;
    default:
      return value;
  }
}

/** `01` and `1.0` are the category `1`. */
function plainNumber(text: string): string {
  const trimmed = text.trim();
  return looksNumeric(trimmed) ? String(Number(trimmed)) : text;
}

function judgedByZod(row: z.ZodObject, candidate: Record<string, unknown>): RowProblem | undefined {
  const result = row.safeParse(candidate);
  if (result.success) return undefined;
  const texts = result.error.issues.slice(0, 3).map(({ path, message }) => {
    const name = path.map(String).join('.');
    return { name, message, value: candidate[name] };
  });
  return {
    reason: texts.map(({ name, message, value }) => `${name}: ${quote(value)} — ${message}`).join('; '),
    summary: texts.map(({ name, message }) => `${name}: ${message}`).join('; '),
  };
}

function cellProblem(name: string, text: string, problem: string): RowProblem {
  return { reason: `${name}: ${quote(text)} ${problem}`, summary: `${name}: ${problem}` };
}

function quote(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value);
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
