import { InvalidInputError, TooLargeError } from '../errors/index.ts';
import { counted, grouped } from '../table/counted.ts';

/** The rows of a prediction request, and whether it was one bare row. */
export interface RequestRows {
  rows: unknown[];
  bare: boolean;
}

/** More rows than one request may hold: 413. */
export class TooManyRowsError extends TooLargeError {
  static override readonly code: string = 'TOO_MANY_ROWS';
  static override readonly remedy: string = 'Send the rows in several requests.';
}

/**
 * Reads `{ "rows": [...] }` or one bare row. A model with a column named `rows` cannot be asked with a bare row whose
 * `rows` is an array; no table holds arrays, so nothing is ambiguous.
 *
 * @throws InvalidInputError, TooManyRowsError
 */
export function readRows(body: unknown, maxRows: number): RequestRows {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidInputError('the body must be one row, or {"rows": [...]}', { field: 'body' });
  }
  const { rows } = body as { rows?: unknown };
  if (!Array.isArray(rows)) return { rows: [body], bare: true };
  const extra = Object.keys(body).find((key) => key !== 'rows');
  if (extra !== undefined) {
    throw new InvalidInputError(`unknown field "${extra.slice(0, 100)}" beside "rows"`, {
      field: extra.slice(0, 100),
    });
  }
  if (rows.length === 0) throw new InvalidInputError('"rows" is empty', { field: 'rows' });
  if (rows.length > maxRows) {
    throw new TooManyRowsError(
      `${counted(rows.length, 'row')} in one request; ${grouped(maxRows)} ${maxRows === 1 ? 'is' : 'are'} taken`,
      {
        field: 'rows',
        details: { rows: rows.length, limit: maxRows },
      },
    );
  }
  for (const [i, row] of rows.entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new InvalidInputError(`rows[${i}] must be an object`, { field: `rows[${i}]` });
    }
  }
  return { rows, bare: false };
}
