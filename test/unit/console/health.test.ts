import { describe, expect, it } from 'vitest';
import {
  byDrift,
  chance,
  missingWords,
  newWords,
  psiWords,
  reasonWords,
} from '../../../console/pages/health/drift.ts';
import {
  errorLines,
  headline,
  latencyLines,
  metricLines,
  metricsOf,
  rangeOf,
  requestLines,
  totals,
} from '../../../console/pages/health/traffic.ts';
import type { Bucket, FeatureDrift } from '../../../console/pages/health/types.ts';

const bucket = (hour: number, version: string, more: Partial<Bucket> = {}): Bucket => ({
  at: new Date(Date.UTC(2026, 10, 22, hour)).toISOString(),
  version,
  requests: 10,
  rows: 12,
  errors: 0,
  latencyMs: { p50: 4, p95: 9, p99: 20 },
  labels: 0,
  metrics: {},
  ...more,
});
const at = (hour: number) => Date.UTC(2026, 10, 22, hour);
const range = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T04:00:00.000Z', by: 'hour' as const };

describe('the range of a span', () => {
  it('ends with the bucket that is now, and lies on the edges of buckets', () => {
    const now = Date.parse('2026-11-22T04:34:56.000Z');
    expect(rangeOf('day', now)).toEqual({
      from: '2026-11-21T05:00:00.000Z',
      to: '2026-11-22T05:00:00.000Z',
      by: 'hour',
    });
    expect(rangeOf('month', now)).toEqual({
      from: '2026-10-24T00:00:00.000Z',
      to: '2026-11-23T00:00:00.000Z',
      by: 'day',
    });
    // On an edge the bucket that just began is in it.
    expect(rangeOf('day', Date.parse('2026-11-22T04:00:00.000Z')).to).toBe('2026-11-22T05:00:00.000Z');
  });
});

describe('the lines of traffic', () => {
  const buckets = [
    bucket(2, '10', { requests: 5, errors: 1 }),
    bucket(0, '9'),
    bucket(2, '9', { requests: 30 }),
    bucket(2, '11', { shadow: true, requests: 35, latencyMs: { p50: 90, p95: 95, p99: 99 } }),
  ];

  it('count requests in every bucket, none as zero, a line a version, shadows dashed and last', () => {
    expect(requestLines(buckets, range)).toEqual([
      {
        name: 'version 9',
        points: [
          [at(0), 10],
          [at(1), 0],
          [at(2), 30],
          [at(3), 0],
        ],
      },
      {
        name: 'version 10',
        points: [
          [at(0), 0],
          [at(1), 0],
          [at(2), 5],
          [at(3), 0],
        ],
      },
      {
        name: 'version 11 (shadow)',
        dashed: true,
        points: [
          [at(0), 0],
          [at(1), 0],
          [at(2), 35],
          [at(3), 0],
        ],
      },
    ]);
  });

  it('give errors as a percent of requests, where there were any', () => {
    const lines = errorLines([...buckets, bucket(3, '10', { requests: 0, errors: 0 })]);
    expect(lines.find(({ name }) => name === 'version 10')?.points).toEqual([[at(2), 20]]);
    expect(lines.find(({ name }) => name === 'version 9')?.points).toEqual([
      [at(0), 0],
      [at(2), 0],
    ]);
  });

  it('give latency by percentile, of one version, in order of time, shadows apart', () => {
    const later = bucket(3, '9', { latencyMs: { p50: null, p95: 12 } });
    expect(latencyLines([later, ...buckets], '9')).toEqual([
      {
        name: 'p50',
        points: [
          [at(0), 4],
          [at(2), 4],
        ],
      },
      {
        name: 'p95',
        points: [
          [at(0), 9],
          [at(2), 9],
          [at(3), 12],
        ],
      },
      {
        name: 'p99',
        points: [
          [at(0), 20],
          [at(2), 20],
        ],
      },
    ]);
    expect(latencyLines(buckets, '11').every(({ points }) => points.length === 0)).toBe(true);
  });

  it('give a metric over time where labels came', () => {
    const labelled = [
      bucket(1, '9', { labels: 4, metrics: { accuracy: 0.75, f1_weighted: 0.7 } }),
      bucket(2, '9', { metrics: { accuracy: null } }),
      bucket(2, '10', { labels: 2, metrics: { accuracy: 1, calibration: 0.2 } }),
    ];
    expect(metricsOf(labelled)).toEqual(['accuracy', 'f1_weighted', 'calibration']);
    expect(metricLines(labelled, 'accuracy')).toEqual([
      { name: 'version 9', points: [[at(1), 0.75]] },
      { name: 'version 10', points: [[at(2), 1]] },
    ]);
  });

  it('are summed, those that answered before shadows, the busiest first', () => {
    expect(totals(buckets)).toEqual([
      { version: '9', shadow: false, requests: 40, rows: 24, errors: 0, labels: 0, p95: 9 },
      { version: '10', shadow: false, requests: 5, rows: 12, errors: 1, labels: 0, p95: 9 },
      { version: '11', shadow: true, requests: 35, rows: 12, errors: 0, labels: 0, p95: 95 },
    ]);
    expect(headline(buckets)).toEqual({ requests: 45, rows: 36, errors: 1, labels: 0 });
    const { latencyMs: _, ...unmeasured } = bucket(0, '1');
    expect(totals([unmeasured])[0]).not.toHaveProperty('p95');
  });
});

describe('a drift report', () => {
  const feature = (name: string, psi: number | null, drifted = false): FeatureDrift => ({
    name,
    kind: 'number',
    psi,
    test: 'ks',
    statistic: 0.1,
    pValue: 0.2,
    adjustedPValue: 0.4,
    drifted,
    missing: { reference: 0, current: 0 },
    newCategories: [],
    bins: [],
  });

  it('stands with what drifted first, then by the index', () => {
    const sorted = byDrift([
      feature('a', 0.05),
      feature('b', null),
      feature('c', 0.2, true),
      feature('d', 0.3),
    ]);
    expect(sorted.map(({ name }) => name)).toEqual(['c', 'd', 'a', 'b']);
  });

  it.each([
    [0.05, 'little', 'good'],
    [0.1, 'some', 'warn'],
    [0.25, 'a lot', 'bad'],
    [null, 'not measured', 'plain'],
  ])('reads an index of %s as %s', (psi, word, tone) => {
    expect(psiWords(psi)).toEqual({ word, tone });
  });

  it('says what is new, what is missing and why it counts', () => {
    expect(newWords(['x', { value: 'y', count: 3 }])).toBe('x, y (3)');
    expect(missingWords({ reference: 0.01, current: 0.06 })).toBe('+5.0 points missing');
    expect(missingWords({ reference: 0.06, current: 0.01 })).toBe('−5.0 points missing');
    expect(missingWords({ reference: 0.06, current: 0.0601 })).toBeUndefined();
    expect(missingWords({ reference: null, current: 0.5 })).toBeUndefined();
    expect(reasonWords(['distribution', 'new-categories', 'other'])).toBe(
      'distribution, new categories, other',
    );
    expect(reasonWords()).toBe('');
    expect([0.5, 0.01234, 0.00001, null].map(chance)).toEqual(['0.5', '0.012', '< 0.0001', '–']);
  });
});
