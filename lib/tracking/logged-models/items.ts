import type { Item } from '../../store/ports.ts';
import { numberText } from '../numbers.ts';
import { type Place, row } from './keys.ts';
import type { LoggedModel, LoggedModelMetric } from './types.ts';

/** What a header says beside its place. */
export type Header = Omit<LoggedModel, 'workspace' | 'params' | 'tags' | 'metrics'>;

export const headerItem = (place: Place, header: Header): Item => ({ ...row.header(place), ...header });

export const paramItem = (place: Place, name: string, value: string): Item => ({
  ...row.param(place, name),
  name,
  value,
});

export const tagItem = (place: Place, name: string, value: string): Item => ({
  ...row.tag(place, name),
  name,
  value,
});

/** A point under a key that says all of it, so that writing it again changes nothing. */
export function metricItem(place: Place, point: LoggedModelMetric): Item {
  const { key: name, value, ...rest } = point;
  return { ...row.metric(place, point), ...rest, name, value: numberText(value) };
}

/** Answers hold at most this many points of a model: the newest by time and step. */
export const MOST_POINTS = 10_000;

/** Names as callers chose them: `__proto__` is one like any other. */
const named = (rows: readonly Item[]): Record<string, string> =>
  Object.fromEntries(rows.map((item) => [item.name as string, item.value as string]));

/** A model of all its rows; undefined where the header is missing, for its maker was ended before he wrote it. */
export function toLoggedModel(workspace: string, rows: readonly Item[]): LoggedModel | undefined {
  const header = rows.find((item) => row.kindOf(item.sk) === 'header');
  if (header === undefined) return undefined;
  const { pk: _, sk: __, ...plain } = header;
  const of = (kind: string) => rows.filter((item) => row.kindOf(item.sk) === kind);
  return {
    ...(plain as unknown as Header),
    workspace,
    params: named(of('param')),
    tags: named(of('tag')),
    metrics: newest(of('metric').map(toMetric)),
  };
}

function toMetric(item: Item): LoggedModelMetric {
  const { pk: _, sk: __, name, value, ...rest } = item;
  return {
    ...(rest as unknown as Omit<LoggedModelMetric, 'key' | 'value'>),
    key: name as string,
    value: Number(value),
  };
}

function newest(points: LoggedModelMetric[]): LoggedModelMetric[] {
  if (points.length <= MOST_POINTS) return points;
  return points.toSorted((a, b) => b.timestamp - a.timestamp || b.step - a.step).slice(0, MOST_POINTS);
}
