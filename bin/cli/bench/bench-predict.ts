import { ArboledaError } from '../../../lib/errors/index.ts';
import type { ModelSchema } from '../api-types.ts';
import { type ApiClient, PROBE, path, type Query } from '../client.ts';
import { type LoadOptions, type LoadResult, load } from './load.ts';
import { type Malformed, malformedRequests } from './malformed.ts';

export interface BenchOptions extends LoadOptions {
  /** Rows in one batch request. */
  batch: number;
  /** Requests before the count begins. */
  warmUp: number;
}

/** A malformed request that was not refused as it must be. */
export interface WrongRefusal {
  what: string;
  status: number;
  expectedField?: string;
  field?: string;
}

export interface BenchReport {
  model: string;
  version: string;
  apiUrl: string;
  concurrency: number;
  rate?: number;
  single: LoadResult;
  batch: LoadResult & { rowsPerRequest: number; rowsPerSecond: number };
  malformed: LoadResult & { kinds: number; wrong: WrongRefusal[] };
}

/** Well-formed requests failed, or malformed ones were not refused as they must be. */
export class BenchFailedError extends ArboledaError {
  static override readonly code: string = 'BENCH_FAILED';
  static override readonly status: number = 502;
  static override readonly remedy: string =
    'Read the statuses with --json, and the log of the predict function.';
}

/** Loads the prediction endpoint of a model with single rows, batches and malformed bodies, one kind after the other. */
export async function benchPredict(
  api: ApiClient,
  model: string,
  query: Query,
  options: BenchOptions,
): Promise<BenchReport> {
  const schema = await api.get<ModelSchema>(path`/models/${model}/schema`, query);
  const url = new URL(api.target.apiUrl + path`/models/${model}/predict`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const post = (body: string) => postTo(url, api.target.token, body);
  const single = JSON.stringify(schema.example);
  const rows = JSON.stringify({ rows: Array.from({ length: options.batch }, () => schema.example) });
  const sendAll = (body: string) => load(async () => (await post(body)).status, options);

  await load(async () => (await post(single)).status, { ...options, requests: options.warmUp });
  const singles = await sendAll(single);
  const batches = await sendAll(rows);
  const { rate, concurrency, batch } = options;
  return {
    model,
    version: schema.version,
    apiUrl: api.target.apiUrl,
    concurrency,
    ...(rate !== undefined && { rate }),
    single: singles,
    batch: { ...batches, rowsPerRequest: batch, rowsPerSecond: batches.throughput * batch },
    malformed: await refusals(post, await mistakes(post, malformedRequests(schema)), options),
  };
}

/** Without those that this model's pipeline mends: it answers them, and warns of the missing value. */
export async function mistakes(post: Post, kinds: readonly Malformed[]): Promise<Malformed[]> {
  const answers = await Promise.all(
    kinds.map(({ leftOut, body }) => (leftOut === undefined ? undefined : post(body))),
  );
  return kinds.filter(({ leftOut }, i) => !answers[i]?.warned.includes(leftOut ?? ''));
}

async function refusals(post: Post, kinds: readonly Malformed[], options: LoadOptions) {
  const wrong = new Map<string, WrongRefusal>();
  const result = await load(
    async (n) => {
      const { what, body, field: expectedField } = kinds[n % kinds.length]!;
      const { status, field } = await post(body);
      const refused = status >= 400 && status < 500;
      if (!refused || field === undefined || (expectedField !== undefined && field !== expectedField)) {
        wrong.set(what, {
          what,
          status,
          ...(expectedField !== undefined && { expectedField }),
          ...(field !== undefined && { field }),
        });
      }
      return status;
      // Each kind at least once, however few requests are asked for.
    },
    { ...options, requests: Math.max(options.requests, kinds.length) },
  );
  return { ...result, kinds: kinds.length, wrong: [...wrong.values()] };
}

/** @throws BenchFailedError naming what was answered wrongly */
export function mustBeSound(report: BenchReport): void {
  for (const kind of ['single', 'batch'] as const) {
    const { statuses, requests } = report[kind];
    const good = statuses['200'] ?? 0;
    if (good === requests) continue;
    const seen = Object.entries(statuses).map(([status, count]) => `${count} of ${status}`);
    throw new BenchFailedError(
      `${requests - good} of ${requests} ${kind} requests failed: ${seen.join(', ')}`,
      {
        details: { ...report },
      },
    );
  }
  const [first] = report.malformed.wrong;
  if (first === undefined) return;
  const { what, status, field, expectedField } = first;
  const named = `, naming ${field ?? 'no field'}${expectedField === undefined ? '' : ` in place of ${expectedField}`}`;
  throw new BenchFailedError(`a request with ${what} was answered with ${status}${named}`, {
    details: { ...report },
  });
}

export type Post = (body: string) => Promise<{ status: number; field?: string; warned: string[] }>;

async function postTo(url: URL, token: string, body: string): ReturnType<Post> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...PROBE },
      body,
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const answer = JSON.parse(text) as { field?: string; warnings?: { field: string }[] };
    const warned = (answer.warnings ?? []).map(({ field }) => field);
    return { status: response.status, warned, ...(!response.ok && { field: answer.field }) };
  } catch {
    return { status: 0, warned: [] };
  }
}
