import type { MetricPoint } from '../../tracking/types.ts';
import { invalidParameter } from './errors.ts';
import { double, type Input, int64, message, string } from './fields.ts';
import { pyFloat, pyJson, pyString } from './python.ts';
import { checkLength, checkTagKey } from './rules.ts';

/** What a run is logged: the messages of MLflow's protocol and the rules of its server, in its words. */

export const entry = message({ key: string(), value: string() });

const metricShape = {
  key: string(),
  value: double(),
  timestamp: int64(),
  step: int64(),
  model_id: string(),
  dataset_name: string(),
  dataset_digest: string(),
} as const;
export const metric = message(metricShape);
export type MetricInput = Input<typeof metricShape>;

export interface EntryInput {
  key: string | undefined;
  value: string | undefined;
}

/** Counted in one request to log-batch. */
export const MAX_METRICS = 1_000;
export const MAX_PARAMS_OR_TAGS = 100;
export const MAX_BATCH = 1_000;
/** Bytes of one such request. */
export const MAX_BATCH_BYTES = 1_000_000;

const MAX_KEY = 250;

/** A path into the request: `name`, or `metrics[3].name`. */
const at = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** @throws MlflowError */
export function checkMetric(input: MetricInput, path = ''): MetricPoint {
  const { key = '', value = 0, timestamp = 0, step = 0 } = input;
  checkTagKey(key, at(path, 'name'));
  if (timestamp < 0) {
    throw invalidParameter(
      `Invalid value ${pyJson(timestamp)} for parameter '${at(path, 'timestamp')}' supplied: metric '${key}' (value=${pyFloat(value)}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  }
  checkLength('Metric name', MAX_KEY, key);
  for (const [name, whole] of Object.entries({ timestamp, step })) {
    if (Number.isSafeInteger(whole)) continue;
    throw invalidParameter(
      `Invalid value ${BigInt(whole)} for parameter '${at(path, name)}' supplied: whole numbers are kept up to ${Number.MAX_SAFE_INTEGER}.`,
    );
  }
  return { key, value, timestamp, step };
}

/** A param; its value is cut to its limit later, not refused. @throws MlflowError */
export function checkParam({ key = '', value = '' }: EntryInput, path = ''): { key: string; value: string } {
  checkTagKey(key, at(path, 'key'));
  checkLength('Param key', MAX_KEY, key);
  return { key, value };
}

/** A tag; its value is cut to its limit later, not refused. @throws MlflowError */
export function checkTag({ key = '', value = '' }: EntryInput, path = ''): { key: string; value: string } {
  checkTagKey(key, at(path, 'key'));
  checkLength(at(path, 'key'), MAX_KEY, key);
  return { key, value };
}

/** Each entry must have these fields, and no empty text in them. @throws MlflowError */
export function checkPresent(list: string, entries: readonly object[], names: readonly string[]): void {
  for (const [index, one] of entries.entries()) {
    for (const name of names) {
      const value = (one as Record<string, unknown>)[name];
      if (value !== undefined && value !== '') continue;
      throw invalidParameter(
        `Missing value for required parameter '${list}[${index}].${name}'. See the API docs for more information about request parameters.`,
      );
    }
  }
}

/** How much one batch may hold. @throws MlflowError */
export function checkBatchSize(counts: { metrics: number; params: number; tags: number }): void {
  const { metrics, params, tags } = counts;
  checkCount('metrics', MAX_METRICS, metrics);
  checkCount('params', MAX_PARAMS_OR_TAGS, params);
  checkCount('tags', MAX_PARAMS_OR_TAGS, tags);
  checkCount('metrics, params, and tags', MAX_BATCH, metrics + params + tags);
}

function checkCount(what: string, limit: number, count: number): void {
  if (count <= limit) return;
  throw invalidParameter(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

/** @throws MlflowError */
export function checkUniqueParams(params: readonly { key: string }[]): void {
  const seen = new Set<string>();
  const doubled = params.map(({ key }) => key).filter((key) => seen.size === seen.add(key).size);
  if (doubled.length === 0) return;
  throw invalidParameter(
    `Duplicate parameter keys have been submitted: [${doubled.map(pyString).join(', ')}]. Please ensure the request contains only one param value per param key.`,
  );
}
