import { InvalidInputError } from '../../errors/index.ts';
import { queryAll } from '../../store/paging.ts';
import type { ItemStore, Page } from '../../store/ports.ts';
import { partition } from '../keys.ts';
import { orderedInteger } from '../numbers.ts';
import type { Runs } from '../runs.ts';
import type { MetricPoint } from '../types.ts';

/** Points in one answer, as MLflow's own client asks for them: about 2 MB of JSON. */
export const MAX_POINTS_PAGE = 25_000;

export interface HistoryRequest {
  /** Default and most: MAX_POINTS_PAGE. */
  maxResults?: number;
  /** Of the page before. */
  token?: string;
}

export interface SampleRequest {
  /** From 1. */
  maxResults: number;
  /** First and last step, both inclusive. */
  steps?: readonly [number, number];
}

/** Where the next page begins: after so many points; of a long history (`from`) after a place in the store's order. */
interface Token {
  offset: number;
  from?: string;
}

/**
 * One page in MLflow's order: time, step, value. The store's order is step, time, value, so a history of one page at most is
 * read whole and sorted: the order is exact whatever the client's steps. Of a longer one each page is sorted by itself, which is
 * the same wherever steps and times rise together, and costs no more than the page.
 */
export async function pageOfHistory(
  runs: Pick<Runs, 'metricHistory'>,
  ws: string,
  runId: string,
  metric: string,
  { maxResults = MAX_POINTS_PAGE, token }: HistoryRequest,
): Promise<Page<MetricPoint>> {
  const most = Math.min(maxResults, MAX_POINTS_PAGE);
  const { offset, from } = token ? fromToken(token) : { offset: 0, from: undefined };
  if (from === undefined) {
    const whole = await read(runs, ws, runId, metric, MAX_POINTS_PAGE);
    if (whole.cursor === undefined) {
      const points = whole.items.sort(byTime);
      const end = offset + most;
      return {
        items: points.slice(offset, end),
        ...(end < points.length && { cursor: toToken({ offset: end }) }),
      };
    }
    if (offset === 0 && most === MAX_POINTS_PAGE) return longPage(whole, offset);
    // It has grown long since the page before, or the pages are small: read on from where the offset is.
    const skipped = offset === 0 ? undefined : (await read(runs, ws, runId, metric, offset)).cursor;
    if (offset > 0 && skipped === undefined) return { items: [] };
    return longPage(await read(runs, ws, runId, metric, most, skipped), offset);
  }
  return longPage(await read(runs, ws, runId, metric, most, from), offset);
}

function longPage({ items, cursor }: Page<MetricPoint>, offset: number): Page<MetricPoint> {
  const next = cursor === undefined ? undefined : toToken({ offset: offset + items.length, from: cursor });
  return { items: items.sort(byTime), ...(next !== undefined && { cursor: next }) };
}

/** So many points in the store's order; it gives them in pages of a megabyte. */
async function read(
  runs: Pick<Runs, 'metricHistory'>,
  ws: string,
  runId: string,
  metric: string,
  most: number,
  from?: string,
): Promise<Page<MetricPoint>> {
  const items: MetricPoint[] = [];
  let cursor = from;
  do {
    const limit = most - items.length;
    const page = await runs.metricHistory(ws, runId, metric, {
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && items.length < most);
  return { items, ...(cursor !== undefined && { cursor }) };
}

/**
 * MLflow's sample of a long history: in order of step, time and value the first point of each of `maxResults` parts of equal
 * size (as SQL's NTILE cuts them), and the last point of all in place of the last of these.
 */
export async function sampleOfHistory(
  items: ItemStore,
  ws: string,
  runId: string,
  metric: string,
  { maxResults, steps }: SampleRequest,
): Promise<MetricPoint[]> {
  // `~` is above every digit and `#`: the range takes the last step's points in.
  const range =
    steps && ([orderedInteger(steps[0], 'start_step'), `${orderedInteger(steps[1], 'end_step')}~`] as const);
  const request = {
    pk: partition.points(ws, runId, metric),
    consistent: true,
    ...(range && { skBetween: range }),
  };
  const points: MetricPoint[] = [];
  for await (const item of queryAll(items, request)) {
    const [step, timestamp] = [item.step as number, item.timestamp as number];
    points.push({ key: metric, value: Number(item.value), step, timestamp });
  }
  points.sort(byStep);
  return sampleIndices(points.length, maxResults).map((index) => points[index]!);
}

/** Which of `total` rows MLflow takes. */
export function sampleIndices(total: number, most: number): number[] {
  const parts = Math.min(total, most);
  const size = Math.floor(total / parts);
  const larger = total % parts;
  const indices = Array.from({ length: parts }, (_, part) => part * size + Math.min(part, larger));
  if (parts > 0) indices[parts - 1] = total - 1;
  return indices;
}

/** MLflow stores a NaN as a 0 with a flag, and orders by the flag last. */
const byValue = (a: MetricPoint, b: MetricPoint): number =>
  (a.value || 0) - (b.value || 0) || Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
const byTime = (a: MetricPoint, b: MetricPoint): number =>
  a.timestamp - b.timestamp || a.step - b.step || byValue(a, b);
const byStep = (a: MetricPoint, b: MetricPoint): number =>
  a.step - b.step || a.timestamp - b.timestamp || byValue(a, b);

/** MLflow's own form, with spaces as Python writes them: `{"offset": 2}`. */
function toToken({ offset, from }: Token): string {
  const rest = from === undefined ? '' : `, "from": ${JSON.stringify(from)}`;
  return Buffer.from(`{"offset": ${offset}${rest}}`).toString('base64');
}

/** Where a page begins. @throws InvalidInputError with MLflow's words */
export function fromToken(token: string): Token {
  const fail = (message: string): never => {
    throw new InvalidInputError(message, { field: 'page_token' });
  };
  if (token.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(token)) {
    fail('Invalid page token, could not base64-decode');
  }
  const text = Buffer.from(token, 'base64').toString('utf8');
  let parsed: Partial<Token> | null = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    fail(`Invalid page token, decoded value=${text}`);
  }
  const { offset, from } = Object(parsed) as Partial<Token>;
  if (!offset) fail(`Invalid page token, parsed value=${text}`);
  const ok = Number.isSafeInteger(offset) && offset! > 0 && (from === undefined || typeof from === 'string');
  if (!ok) fail(`Invalid page token, not stringable ${offset}`);
  return { offset: offset!, ...(from !== undefined && { from }) };
}
