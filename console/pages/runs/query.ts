import type { PlaceOf } from '../../address.ts';
import type { Order } from '../../parts/order.ts';

/** What of the search grammar makes the text of the filter field a filter: otherwise it is a part of a name. */
const COMPARES = /[=<>]|\b(not\s+)?(i?like|in)\b\s*['"(]|\bis\s+(not\s+)?null\b/i;
const NO_CANDIDATES = 'tags.`mlflow.parentRunId` IS NULL';

/** A name in the grammar: what is more than a word, or is a word of the grammar, stands in backticks. */
export const quoted = (name: string): string =>
  /^[a-z_]\w*$/i.test(name) && !KEYWORD.test(name) ? name : `\`${name}\``;

/** Words that the grammar's reader takes for SQL's. */
const KEYWORD =
  /^(and|or|not|in|i?like|is|null|asc|desc|select|from|where|order|by|group|end|type|key|name|date|time|level|user|data|values?)$/i;

/** A text in the grammar: it has no way to write a quote inside the quotes that surround it. */
export const literal = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`);

/**
 * The filter of a search. Words without a comparison look for runs by a part of their name.
 *
 * @param withCandidates whether the child runs of candidates are among them
 */
export function filterText(typed: string | undefined, withCandidates: boolean): string | undefined {
  const text = typed?.trim() ?? '';
  const own =
    text === '' ? [] : [COMPARES.test(text) ? text : `attributes.run_name ILIKE ${literal(`%${text}%`)}`];
  const parts = withCandidates ? own : [...own, NO_CANDIDATES];
  return parts.length === 0 ? undefined : parts.join(' AND ');
}

/** Columns of the table that MLflow's order knows by another name. */
const ATTRIBUTES: Record<string, string> = {
  run: 'attributes.run_name',
  status: 'attributes.status',
  started: 'attributes.start_time',
};

/** `metrics.f1 DESC` of the address, as an order of the table; undefined: newest first. */
export function orderOf(text: string | undefined): Order | undefined {
  const found = /^(.+) (ASC|DESC)$/.exec(text ?? '');
  return found === null ? undefined : { by: found[1] as string, descending: found[2] === 'DESC' };
}

/** As the address has it; the order that there is without one is left out. */
export const orderText = ({ by, descending }: Order): string | undefined =>
  by === 'started' && descending ? undefined : `${by} ${descending ? 'DESC' : 'ASC'}`;

/** MLflow's `order_by`. @example orderBy({ by: 'metrics.a b', descending: true }) // ['metrics.`a b` DESC'] */
export function orderBy(order: Order | undefined): string[] | undefined {
  if (order === undefined) return undefined;
  const dot = order.by.indexOf('.');
  const key =
    ATTRIBUTES[order.by] ??
    (dot < 0 ? undefined : `${order.by.slice(0, dot)}.${quoted(order.by.slice(dot + 1))}`);
  return key === undefined ? undefined : [`${key} ${order.descending ? 'DESC' : 'ASC'}`];
}

/** Whether the plain list answers this, which costs one query of an index and needs no search. */
export const isPlain = ({ filter, order, all }: Omit<PlaceOf<'runs'>, 'view'>): boolean =>
  (filter ?? '').trim() === '' && orderOf(order) === undefined && all === undefined;
