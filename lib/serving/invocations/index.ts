import { InvalidInputError } from '../../errors/index.ts';
import type { ColumnSpec } from '../../table/types.ts';
import { csvRecords } from './csv.ts';
import { type Rows, recordsOf } from './records.ts';

export const INVOCATION_TYPES = ['text/csv', 'application/json'] as const;
export type InvocationType = (typeof INVOCATION_TYPES)[number];

/**
 * What MLflow's scoring server makes of a content type; a reason to refuse it, which is answered as plain text with 415.
 * A request that names none is taken as JSON.
 */
export function invocationType(header: string | undefined): { type: InvocationType } | { refused: string } {
  const [mime = '', ...parameters] = (header ?? 'application/json').split(';').map((part) => part.trim());
  const values = new Map(
    parameters.map((pair) => [pair.split('=', 1)[0] ?? '', pair.replace(/^[^=]*=?/, '')]),
  );
  if ((values.get('charset') ?? 'utf-8').toLowerCase() !== 'utf-8') {
    return { refused: 'The scoring server only supports UTF-8' };
  }
  const strange = [...values.keys()].filter((name) => name !== 'charset');
  if (strange.length > 0) return { refused: `Unrecognized content type parameters: ${strange.join(', ')}.` };
  const type = INVOCATION_TYPES.find((known) => known === mime);
  if (type !== undefined) return { type };
  const known = INVOCATION_TYPES.map((name) => `'${name}'`).join(', ');
  return {
    refused: `This predictor only supports the following content types: Types: [${known}]. Got '${header}'.`,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The rows of a request to `invocations`, as the model's own columns.
 *
 * @param parse reads JSON that may be hostile
 * @throws InvalidInputError in MLflow's words
 */
export function invocationRows(
  body: Uint8Array,
  type: InvocationType,
  columns: readonly ColumnSpec[],
  parse: (body: Uint8Array) => unknown,
): Rows {
  if (type === 'application/json') return recordsOf(json(body, parse), columns);
  let text: string;
  try {
    text = utf8.decode(body);
  } catch (cause) {
    throw new InvalidInputError('Ensure that input is a valid UTF-8 encoded string.', {
      field: 'body',
      cause,
    });
  }
  return csvRecords(text, columns);
}

function json(body: Uint8Array, parse: (body: Uint8Array) => unknown): unknown {
  try {
    return parse(body);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError(
      `Ensure that input is a valid JSON formatted string. Error: '${cause.message}'`,
      { field: 'body', cause },
    );
  }
}
