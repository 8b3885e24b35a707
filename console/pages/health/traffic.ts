import type { Bucket } from './types.ts';

/** Lines and figures from the buckets of GET /models/{name}/traffic. Pure, so that tests need no page. */

export interface Line {
  name: string;
  points: [x: number, y: number][];
  dashed?: boolean;
}

export type Span = 'day' | 'week' | 'month';
export type Width = '5m' | 'hour' | 'day';

/** What a span is counted in, so that a chart has some 30 to 290 points. */
export const SPANS: Record<Span, { label: string; milliseconds: number; by: Width }> = {
  day: { label: 'a day', milliseconds: 86_400_000, by: 'hour' },
  week: { label: 'a week', milliseconds: 7 * 86_400_000, by: 'hour' },
  month: { label: '30 days', milliseconds: 30 * 86_400_000, by: 'day' },
};

const WIDTH_MS: Record<Width, number> = { '5m': 300_000, hour: 3_600_000, day: 86_400_000 };

export const WIDTH_WORDS: Record<Width, string> = { '5m': '5 minutes', hour: 'an hour', day: 'a day' };

/** The first and last moment to ask for, on the edges of buckets. */
export function rangeOf(span: Span, now: number): { from: string; to: string; by: Width } {
  const { milliseconds, by } = SPANS[span];
  const width = WIDTH_MS[by];
  const end = Math.ceil((now + 1) / width) * width;
  return { from: new Date(end - milliseconds).toISOString(), to: new Date(end).toISOString(), by };
}

/** A version's buckets of one kind: those that answered, or those that computed in the shadow of another. */
interface Group {
  name: string;
  isShadow: boolean;
  buckets: Bucket[];
}

function groups(buckets: readonly Bucket[]): Group[] {
  const found = Map.groupBy(buckets, ({ version, shadow }) => `${version}${shadow ? ' shadow' : ''}`);
  return [...found.values()]
    .map((own) => {
      const { version, shadow = false } = own[0]!;
      return { name: `version ${version}${shadow ? ' (shadow)' : ''}`, isShadow: shadow, buckets: own };
    })
    .sort((a, b) => Number(a.isShadow) - Number(b.isShadow) || compareVersions(a.buckets[0]!, b.buckets[0]!));
}

const compareVersions = (a: Bucket, b: Bucket): number => Number(a.version) - Number(b.version);

/** A point in each bucket of the range, 0 where nothing came: a silent hour is an hour at zero, not a straight line over it. */
function counted(
  buckets: readonly Bucket[],
  { from, to, by }: { from: string; to: string; by: Width },
  count: (bucket: Bucket) => number,
): [number, number][] {
  const at = new Map<number, number>();
  for (const bucket of buckets) {
    const time = Date.parse(bucket.at);
    at.set(time, (at.get(time) ?? 0) + count(bucket));
  }
  const points: [number, number][] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += WIDTH_MS[by])
    points.push([time, at.get(time) ?? 0]);
  return points;
}

/** Requests a bucket, a line a version. */
export const requestLines = (
  buckets: readonly Bucket[],
  range: { from: string; to: string; by: Width },
): Line[] =>
  groups(buckets).map(({ name, isShadow, buckets: own }) => ({
    name,
    points: counted(own, range, ({ requests }) => requests),
    ...(isShadow ? { dashed: true } : {}),
  }));

/** The percent of requests that failed, a line a version; no point where nobody asked. */
export const errorLines = (buckets: readonly Bucket[]): Line[] =>
  groups(buckets).map(({ name, isShadow, buckets: own }) => ({
    name,
    points: inOrder(own).flatMap(({ at, requests, errors }): [number, number][] =>
      requests === 0 ? [] : [[Date.parse(at), (100 * errors) / requests]],
    ),
    ...(isShadow ? { dashed: true } : {}),
  }));

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;

/** Milliseconds by percentile, of the version that is looked at; no point where none was measured. */
export const latencyLines = (buckets: readonly Bucket[], version: string): Line[] =>
  PERCENTILES.map((name) => ({
    name,
    points: inOrder(buckets.filter((bucket) => bucket.version === version && !bucket.shadow)).flatMap(
      ({ at, latencyMs }): [number, number][] => {
        const value = latencyMs?.[name];
        return value === undefined || value === null ? [] : [[Date.parse(at), value]];
      },
    ),
  }));

/** A metric over time, a line a version, where labels came in. */
export const metricLines = (buckets: readonly Bucket[], metric: string): Line[] =>
  groups(buckets).map(({ name, isShadow, buckets: own }) => ({
    name,
    points: inOrder(own).flatMap(({ at, metrics }): [number, number][] => {
      const value = metrics?.[metric];
      return value === undefined || value === null ? [] : [[Date.parse(at), value]];
    }),
    ...(isShadow ? { dashed: true } : {}),
  }));

const inOrder = (buckets: readonly Bucket[]): Bucket[] =>
  buckets.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));

/** The metrics that labels gave, those that lead first. */
export function metricsOf(buckets: readonly Bucket[]): string[] {
  const names = new Set(buckets.flatMap(({ metrics = {} }) => Object.keys(metrics)));
  const leads = ['accuracy', 'f1_weighted', 'rmse', 'mae', 'r2'];
  const rank = (name: string) => (leads.includes(name) ? leads.indexOf(name) : leads.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

export interface VersionTotals {
  version: string;
  shadow: boolean;
  requests: number;
  rows: number;
  errors: number;
  labels: number;
  /** Of the busiest buckets' p95, weighted by requests: a summary beside the chart, not a percentile of all. */
  p95?: number;
}

/** What each version did in all, the busiest first. */
export function totals(buckets: readonly Bucket[]): VersionTotals[] {
  return groups(buckets)
    .map(({ isShadow, buckets: own }) => {
      const sum = (of: (bucket: Bucket) => number) => own.reduce((all, bucket) => all + of(bucket), 0);
      const measured = own.filter(({ latencyMs }) => typeof latencyMs?.p95 === 'number');
      const weight = measured.reduce((all, { requests }) => all + requests, 0);
      const p95 =
        measured.reduce((all, { requests, latencyMs }) => all + requests * latencyMs!.p95!, 0) / weight;
      return {
        version: own[0]!.version,
        shadow: isShadow,
        requests: sum(({ requests }) => requests),
        rows: sum(({ rows }) => rows),
        errors: sum(({ errors }) => errors),
        labels: sum(({ labels }) => labels),
        ...(weight > 0 ? { p95 } : {}),
      };
    })
    .sort((a, b) => Number(a.shadow) - Number(b.shadow) || b.requests - a.requests);
}

/** The figures above the charts; shadows answered nobody and are not among them. */
export function headline(buckets: readonly Bucket[]): {
  requests: number;
  rows: number;
  errors: number;
  labels: number;
} {
  const answered = totals(buckets).filter(({ shadow }) => !shadow);
  const sum = (of: (one: VersionTotals) => number) => answered.reduce((all, one) => all + of(one), 0);
  return {
    requests: sum(({ requests }) => requests),
    rows: sum(({ rows }) => rows),
    errors: sum(({ errors }) => errors),
    labels: sum(({ labels }) => labels),
  };
}
