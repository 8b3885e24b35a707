import type { Item, Key } from '../../store/ports.ts';
import { partition } from '../keys.ts';
import type { RunDocument } from '../run-document.ts';
import { cutText, floatCode, runCode, SEPARATOR, timeCode } from './codes.ts';

/** MLflow's tag of a dataset's use. */
export const DATASET_CONTEXT_TAG = 'mlflow.data.context';

/** What a run is found by, as read from its document at one time. */
export interface IndexedValues {
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
  datasets: { name: string[]; digest: string[]; context: string[] };
}

/** What the index has of a run's header. */
export interface IndexedHeader {
  runId: string;
  experimentId: string;
  name: string;
  status: string;
  startTime: string;
  endTime?: string | undefined;
  userId?: string | undefined;
  lifecycleStage?: string | undefined;
}

export interface IndexChange {
  put: Item[];
  remove: Key[];
}

/** A header with this attribute has all of its entries. Another number means that they are of another form. */
export const INDEX_VERSION = 1;

export function indexedValues(document: RunDocument): IndexedValues {
  const { metrics, params, tags, datasets } = document;
  const contexts = datasets.flatMap(({ tags: own }) =>
    Object.hasOwn(own, DATASET_CONTEXT_TAG) ? [own[DATASET_CONTEXT_TAG]!] : [],
  );
  return {
    metrics,
    params,
    tags,
    datasets: {
      name: datasets.map((input) => input.dataset.name),
      digest: datasets.map((input) => input.dataset.digest),
      context: contexts,
    },
  };
}

/** The entry that holds what is asked of a run's attributes; the natural order, newest first, is the order of its keys. */
export function attributesEntry(ws: string, header: IndexedHeader): Item {
  const { experimentId, name, status, endTime, userId, lifecycleStage } = header;
  return {
    pk: partition.runIndex(ws, experimentId, 'a', ''),
    sk: tailOf(header),
    s: status,
    n: name,
    ...(endTime !== undefined && { e: Date.parse(endTime) }),
    ...(userId !== undefined && { u: userId }),
    ...(lifecycleStage === 'deleted' && { d: true }),
  };
}

/** The header's attributes that its entry repeats: the entry is right where none of them has changed since it was made. */
const ENTERED = ['status', 'name', 'endTime', 'userId', 'lifecycleStage'] as const;

/** Holds as long as the header has what its entry says. */
export const asEntered = (header: Item): Record<string, string | null> =>
  Object.fromEntries(ENTERED.map((name) => [name, (header[name] as string | undefined) ?? null]));

/** What to put and to remove where a run's values go from `before` (undefined: nothing is indexed) to `after`. */
export function indexChange(
  ws: string,
  header: IndexedHeader,
  before: IndexedValues | undefined,
  after: IndexedValues,
): IndexChange {
  const change: IndexChange = { put: [], remove: [] };
  const place =
    (kind: 'm' | 'p' | 't' | 'd', name: string) =>
    (value: string): Key => ({
      pk: partition.runIndex(ws, header.experimentId, kind, name),
      sk: value + tailOf(header),
    });
  each(before?.metrics, after.metrics, (name, old, now) => {
    const at = place('m', name);
    move(
      change,
      old === undefined ? [] : [at(floatCode(old))],
      now === undefined ? [] : [at(floatCode(now))],
    );
  });
  for (const [kind, from, to] of [
    ['p', before?.params, after.params],
    ['t', before?.tags, after.tags],
  ] as const) {
    each(from, to, (name, old, now) => {
      const at = place(kind, name);
      const keys = [old, now].map((value) => (value === undefined ? [] : [at(textPart(value))]));
      move(change, keys[0]!, keys[1]!);
    });
  }
  for (const field of ['name', 'digest', 'context'] as const) {
    const keys = (values: readonly string[] = []) =>
      values.map((value) => place('d', field)(textPart(value)));
    move(change, keys(before?.datasets[field]), keys(after.datasets[field]));
  }
  return change;
}

/** A text as the first part of a sort key. */
export const textPart = (value: string): string => cutText(value).text + SEPARATOR;

const tailOf = (header: IndexedHeader): string =>
  timeCode(Date.parse(header.startTime)) + runCode(header.runId);

function each<T extends string | number>(
  before: Record<string, T> | undefined,
  after: Record<string, T>,
  visit: (name: string, old: T | undefined, now: T | undefined) => void,
): void {
  const old = new Map(Object.entries(before ?? {}));
  for (const [name, now] of Object.entries(after)) {
    const was = old.get(name);
    if (!Object.is(was, now)) visit(name, was, now);
    old.delete(name);
  }
  for (const [name, was] of old) visit(name, was, undefined);
}

/** Of the same key nothing is removed: two values may have one, where they are alike as far as the index goes. */
function move(change: IndexChange, from: Key[], to: Key[]): void {
  const [had, has] = [new Set(from.map(({ sk }) => sk)), new Set(to.map(({ sk }) => sk))];
  const put = new Map<string, Item>(to.filter(({ sk }) => !had.has(sk)).map((key) => [key.sk, { ...key }]));
  change.put.push(...put.values());
  change.remove.push(...new Map(from.filter(({ sk }) => !has.has(sk)).map((key) => [key.sk, key])).values());
}
