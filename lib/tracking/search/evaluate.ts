import { ilike, like } from './like.ts';
import type { Clause, Comparator, OrderKey, Subject } from './types.ts';

type Value = string | number;

/** Texts by their UTF-8 bytes, as DynamoDB and MLflow's SQLite sort them. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Whether all conditions hold. What is absent fulfils IS NULL and nothing else; NaN fulfils `!=` and nothing else. */
export function matches(clauses: readonly Clause[], subject: Subject): boolean {
  return clauses.every((clause) => holds(clause, subject));
}

/** Whether one value fulfils a condition. */
export function holdsOf(clause: Clause, value: Value | undefined): boolean {
  const { comparator, value: wanted } = clause;
  if (comparator === 'IS NULL') return value === undefined;
  if (comparator === 'IS NOT NULL') return value !== undefined;
  if (value === undefined || wanted === undefined) return false;
  if (comparator === 'IN') return (wanted as readonly string[]).includes(String(value));
  if (comparator === 'NOT IN') return !(wanted as readonly string[]).includes(String(value));
  if (comparator === 'LIKE') return like(String(value), String(wanted));
  if (comparator === 'ILIKE') return ilike(String(value), String(wanted));
  return compares(comparator, value, typeof value === 'string' ? String(wanted) : Number(wanted));
}

function compares(comparator: Comparator, a: Value, b: Value): boolean {
  if (comparator === '=') return a === b;
  if (comparator === '!=') return a !== b;
  const order = typeof a === 'string' ? compareText(a, String(b)) : a - Number(b);
  if (comparator === '>') return order > 0;
  if (comparator === '>=') return order >= 0 || a === b;
  if (comparator === '<') return order < 0;
  return order <= 0 || a === b;
}

function holds(clause: Clause, subject: Subject): boolean {
  const { type, key } = clause;
  if (type === 'dataset') {
    const field = key as 'name' | 'digest' | 'context';
    return (subject.datasets ?? []).some((dataset) => holdsOf(clause, dataset[field]));
  }
  if (type === 'metric') {
    const held = own(subject.metrics, key);
    const values = typeof held === 'number' ? [held] : (held ?? []);
    return values.some((value) => holdsOf(clause, value));
  }
  return holdsOf(clause, fieldValue(type, key, subject));
}

function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}

function fieldValue(
  type: 'attribute' | 'parameter' | 'tag' | 'metric',
  key: string,
  subject: Subject,
): Value | undefined {
  if (type === 'parameter') return own(subject.params, key);
  if (type === 'tag') return own(subject.tags, key);
  if (type === 'attribute') return own(subject.attributes, key);
  const held = own(subject.metrics, key);
  return typeof held === 'number' ? held : held?.[0];
}

/** 0 for a value, 1 for NaN, 2 for none: the order of these is the same whichever way the values go. */
const rank = (value: Value | undefined): number =>
  value === undefined ? 2 : typeof value === 'number' && Number.isNaN(value) ? 1 : 0;

/** A comparison of two values as an order has it: what is NaN after the rest, what is absent last. */
export function compareValues(a: Value | undefined, b: Value | undefined, ascending: boolean): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0 || rank(a) !== 0) return ranks;
  const order =
    typeof a === 'string' ? compareText(a, String(b)) : a === b ? 0 : Number(a) < Number(b) ? -1 : 1;
  return ascending ? order : -order;
}

/** The order of two subjects by the keys, for `sort`. */
export function comparator(keys: readonly OrderKey[]): (a: Subject, b: Subject) => number {
  return (a, b) => {
    for (const { type, key, ascending } of keys) {
      const order = compareValues(fieldValue(type, key, a), fieldValue(type, key, b), ascending);
      if (order !== 0) return order;
    }
    return 0;
  };
}
