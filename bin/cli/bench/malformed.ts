import type { ColumnJsonSchema, ModelSchema } from '../api-types.ts';

/** A request that must be refused. */
export interface Malformed {
  what: string;
  /** The body as sent. */
  body: string;
  /** The field that the refusal must name; absent where any will do. */
  field?: string;
  /** A column is left out: no mistake where the model's pipeline fills it, and then answered with a warning. */
  leftOut?: string;
}

/**
 * One request of every way in which a body can be wrong for this model: no JSON, no rows, and for its columns one left out, one
 * unknown, one of another type, in a bare row and in a list.
 */
export function malformedRequests({ schema, example }: ModelSchema): Malformed[] {
  const rows = (...list: unknown[]) => JSON.stringify({ rows: list });
  const required = schema.required[0];
  const typed = Object.entries(schema.properties).find(([, column]) => isNumber(column))?.[0];
  const bodies: Malformed[] = [
    { what: 'not JSON', body: '{"rows": [' },
    { what: 'an empty body', body: '' },
    { what: 'a list in place of an object', body: '[1, 2]' },
    { what: 'no rows', body: rows(), field: 'rows' },
    // A bare row with a column `rows`, for all that the API can know.
    { what: 'rows that are no list', body: '{"rows": 3}' },
    { what: 'a row that is no object', body: rows(example, 3), field: 'rows[1]' },
    {
      what: 'an unknown column',
      body: rows({ ...example, no_such_column: 1 }),
      field: 'rows[0].no_such_column',
    },
  ];
  if (required !== undefined) {
    const { [required]: _, ...rest } = example;
    bodies.push({ what: `no ${required}`, body: JSON.stringify(rest), field: required, leftOut: required });
    bodies.push({
      what: `no ${required}, second row`,
      body: rows(example, rest),
      field: `rows[1].${required}`,
      leftOut: required,
    });
  }
  if (typed !== undefined) {
    const wrong = { ...example, [typed]: 'many' };
    bodies.push({ what: `text for ${typed}`, body: JSON.stringify(wrong), field: typed });
    bodies.push({
      what: `a list for ${typed}`,
      body: rows({ ...example, [typed]: [1] }),
      field: `rows[0].${typed}`,
    });
  }
  return bodies;
}

const isNumber = ({ type }: ColumnJsonSchema): boolean =>
  [type].flat().some((one) => one === 'number' || one === 'integer');
