import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byService, dollars } from '../../../../console/pages/run/cost-rows.ts';
import { curveNames, seriesOf, steppedMetrics } from '../../../../console/pages/run/curve-data.ts';
import {
  binsOf,
  commonEdges,
  rangeOf,
  rowsBetween,
  sorted,
} from '../../../../console/pages/run/data-rows.ts';
import { largestClasses, residualBins, scatterOf } from '../../../../console/pages/run/evaluation-data.ts';
import { commandOf, placeOfNode } from '../../../../console/pages/run/lineage-places.ts';
import { factsOf, logGroups } from '../../../../console/pages/run/log-lines.ts';
import type { ProfiledColumn } from '../../../../lib/pipeline/run-reports/index.ts';
import { makeTable, numberColumn, profileTable } from './support.ts';

const numbers = (name: string, values: readonly number[]) =>
  profileTable(makeTable([numberColumn(name, values)])).columns[0] as ProfiledColumn['profile'];

describe('bins of a column', () => {
  it('hold all rows of both runs, whatever their ranges', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (own, before) => {
        const bins = binsOf({ profile: numbers('x', own), previous: numbers('x', before) });
        const sum = (pick: (bin: (typeof bins)[number]) => number | undefined) =>
          bins.reduce((all, bin) => all + (pick(bin) ?? 0), 0);
        expect(sum(({ value }) => value)).toBeCloseTo(own.length, 6);
        expect(sum(({ reference }) => reference)).toBeCloseTo(before.length, 6);
      }),
    );
  });

  it('are its own where the run before lies within, and reach over both where it does not', () => {
    expect(commonEdges([0, 1, 2], [0.5, 1.5])).toEqual([0, 1, 2]);
    const wide = commonEdges([10, 20], [0, 12]);
    expect([wide.length, wide[0], wide.at(-1)]).toEqual([21, 0, 20]);
    const column = { profile: numbers('x', [10, 20]), previous: numbers('x', [0, 12]) };
    expect(rangeOf(column)).toEqual([0, 20]);
    expect(commonEdges([5, 5])).toEqual([5, 5]);
  });

  it('of categories have the rest as one, and those of before by name', () => {
    const profile = (categories: [string, number][]) => ({
      name: 'c',
      kind: 'category' as const,
      count: categories.reduce((sum, [, count]) => sum + count, 0),
      missing: 0,
      distinct: categories.length,
      categories: categories.map(([value, count]) => ({ value, count })),
      other: 0,
    });
    const many = Array.from({ length: 14 }, (_, i): [string, number] => [`c${i}`, 20 - i]);
    const bins = binsOf({
      profile: profile(many),
      previous: profile([
        ['c1', 5],
        ['gone', 2],
      ]),
    });
    expect(bins).toHaveLength(13);
    expect(bins[1]).toEqual({ label: 'c1', value: 19, reference: 5 });
    expect(bins[12]).toEqual({ label: '2 others', value: 8 + 7, reference: 2 });
  });

  it('share the rows of a bin that is cut', () => {
    const histogram = { edges: [0, 10, 20], counts: [4, 6] };
    expect(rowsBetween(histogram, 5, 15)).toBe(2 + 3);
    expect(rowsBetween({ edges: [3, 3], counts: [7] }, 3, Number.POSITIVE_INFINITY)).toBe(7);
    expect(rowsBetween({ edges: [3, 3], counts: [7] }, 0, 3)).toBe(0);
  });
});

describe('columns', () => {
  const column = (name: string, psi: number | null, missing: number): ProfiledColumn => ({
    profile: { ...numbers(name, [1, 2]), name, missing },
    shift: { psi, shift: null, missing: { a: 0, b: 0 } },
  });
  const all = [column('b', 0.1, 3), column('a', null, 9), column('ab', 0.5, 0)];
  const names = (...given: Parameters<typeof sorted>) => sorted(...given).map(({ profile }) => profile.name);

  it('are found by a part of their name, in the order asked for', () => {
    expect(names(all, '', 'table')).toEqual(['b', 'a', 'ab']);
    expect(names(all, 'A', 'name')).toEqual(['a', 'ab']);
    expect(names(all, '', 'drift')).toEqual(['ab', 'b', 'a']);
    expect(names(all, '', 'missing')).toEqual(['a', 'b', 'ab']);
  });
});

describe('an evaluation', () => {
  it('shows the classes with most rows in their own order', () => {
    expect(largestClasses([[1], [9], [5]], 2)).toEqual([1, 2]);
  });

  it('has residuals around the line of no error, also of one row or none', () => {
    const { points, x, y } = scatterOf([3, 1], [1, 2]);
    expect(points).toEqual([
      { x: 1, y: 2 },
      { x: 2, y: -1 },
    ]);
    expect([x, y]).toEqual([
      [1, 2],
      [-2, 2],
    ]);
    expect(scatterOf([], [])).toEqual({ points: [], x: [0, 1], y: [-1, 1] });
    expect(scatterOf([5], [5])).toMatchObject({ x: [4.5, 5.5], y: [-1, 1] });
    const bins = residualBins(points, 2, 4);
    expect(bins.map(({ value }) => value)).toEqual([0, 1, 0, 1]);
  });
});

describe('curves', () => {
  it('are of metrics past their first step, those of candidates last and of three at least', () => {
    const latest = [
      { key: 'loss', value: 1, step: '4' },
      { key: 'rmse', value: 1, step: 0 },
      { key: 'candidate_rmse', value: 1, step: 1 },
      { key: 'candidate_mae', value: 1, step: 2 },
    ];
    expect(steppedMetrics(latest)).toEqual(['loss', 'candidate_mae']);
    expect(
      curveNames([
        ['candidate_a', 'z'],
        ['b', 'z'],
      ]),
    ).toEqual(['b', 'z', 'candidate_a']);
  });

  it('have one line a run, and gaps where a value is no number', () => {
    const runs = [
      { runId: 'a', name: 'A' },
      { runId: 'b', name: 'B' },
      { runId: 'c', name: 'C' },
    ];
    const points = [
      { key: 'loss', value: 3, step: 0, run_id: 'a' },
      { key: 'loss', value: 'NaN', step: 1, run_id: 'a' },
      { key: 'loss', value: 2, step: '5', run_id: 'b' },
    ];
    expect(seriesOf(runs, points)).toEqual([
      { name: 'A', points: [[0, 3]] },
      { name: 'B', points: [[5, 2]] },
    ]);
  });
});

describe('nodes of the lineage', () => {
  const node = (kind: 'version' | 'candidate' | 'run' | 'alias' | 'dataset', ref?: string) => ({
    id: kind,
    kind,
    label: kind,
    ...(ref !== undefined && { ref }),
  });

  it('lead to where they are shown', () => {
    expect(placeOfNode(node('version', 'a/b/3'), 'r')).toEqual({ view: 'model', name: 'a/b', version: '3' });
    expect(placeOfNode(node('candidate', 'c'), 'r')).toEqual({ view: 'run', id: 'c' });
    expect(placeOfNode(node('run', 'r'), 'r')).toBeUndefined();
    expect(placeOfNode(node('alias', 'm'), 'r')).toEqual({ view: 'model', name: 'm' });
    expect(placeOfNode(node('version'), 'r')).toBeUndefined();
    expect(commandOf(node('dataset', 'f'.repeat(64)))).toBe(`npx arboleda data pull ${'f'.repeat(12)}`);
    expect(commandOf(node('run', 'r'))).toBeUndefined();
  });
});

describe('lines of a log', () => {
  const line = (stage: 'clean' | 'train', message: string, more: object = {}) => ({
    stage,
    attempt: 1,
    message,
    ...more,
  });
  const lines = [
    line('clean', 'clean starts', { pipeline: 'x' }),
    line('train', 'fits', { item: '0', trees: 5 }),
    line('train', 'planned'),
  ];

  it('stand by stage and item, and are found by what they say', () => {
    expect(logGroups(lines, '', '').map(({ title }) => title)).toEqual(['clean', 'train 0', 'train']);
    expect(logGroups(lines, 'train', 'TREES 5').map(({ lines: own }) => own.length)).toEqual([1]);
    const retried = [...lines, { ...line('clean', 'again'), attempt: 2 }];
    expect(logGroups(retried, 'clean', '').map(({ title }) => title)).toEqual([
      'clean, attempt 1',
      'clean, attempt 2',
    ]);
    expect(factsOf(line('train', 'm', { trees: 5, stack: 'at x', gone: null }))).toEqual([
      ['trees', '5'],
      ['stack', 'at x'],
    ]);
  });
});

describe('sums of money', () => {
  it('have the digits that tell one run from another', () => {
    expect([0, 0.0000001, 0.0000087, 0.00093, 0.012, 3.456].map(dollars)).toEqual([
      ...['$0', 'below $0.000001', '$0.0000087', '$0.00093', '$0.01', '$3.46'],
    ]);
  });

  it('are summed by service, the largest first', () => {
    const line = (service: 's3' | 'lambda', cost: number) => ({
      service,
      cost,
      what: '',
      quantity: 1,
      unit: '',
      price: 1,
    });
    expect(byService([line('s3', 1), line('lambda', 2), line('s3', 3)])).toEqual([
      { service: 's3', cost: 4 },
      { service: 'lambda', cost: 2 },
    ]);
  });
});
