import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { moved } from '../../../console/lib/keys.ts';
import { available, usual } from '../../../console/pages/runs/choice.ts';
import { EXAMPLES } from '../../../console/pages/runs/filter-examples.ts';
import { merged } from '../../../console/pages/runs/merge.ts';
import {
  filterText,
  isPlain,
  literal,
  orderBy,
  orderOf,
  orderText,
  quoted,
} from '../../../console/pages/runs/query.ts';
import { isOwnTag, type Row, rowOfMessage } from '../../../console/pages/runs/row.ts';
import { aligned } from '../../../console/parts/charts/series.ts';
import { parseFilter, parseOrderBy } from '../../../lib/tracking/search/index.ts';

const row = (runId: string, more: Partial<Row> = {}): Row => ({
  runId,
  name: runId,
  status: 'FINISHED',
  startTime: '2026-01-01T00:00:00.000Z',
  experimentId: '0',
  metrics: {},
  params: {},
  tags: {},
  ...more,
});

describe('the filter', () => {
  it.each(EXAMPLES)('%s is of the grammar: %s', (example) => {
    expect(parseFilter(filterText(example, false), 'run').length).toBeGreaterThan(1);
  });

  it('of words without a comparison is a part of a name', () => {
    expect(filterText(' forest ', true)).toBe("attributes.run_name ILIKE '%forest%'");
    expect(filterText("it's", true)).toBe('attributes.run_name ILIKE "%it\'s%"');
    expect(filterText('like a forest in spring', true)).toContain('run_name ILIKE');
  });

  it('leaves candidates out where they are not asked for, and is none where all are', () => {
    expect(filterText(undefined, false)).toBe('tags.`mlflow.parentRunId` IS NULL');
    expect(filterText('metrics.a > 1', false)).toBe('metrics.a > 1 AND tags.`mlflow.parentRunId` IS NULL');
    expect(filterText('  ', true)).toBeUndefined();
  });

  it('quotes names and texts so that the parser takes them', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(...'ab1_. -/') })
      .filter((text) => text.trim() === text && text !== '');
    const value = fc.string({ maxLength: 20, unit: fc.constantFrom(..."ab %'=<>()") });
    fc.assert(
      fc.property(name, value, (key, text) => {
        const [clause] = parseFilter(`tags.${quoted(key)} = ${literal(text)}`, 'run');
        expect(clause).toMatchObject({ key, value: text });
      }),
    );
  });
});

describe('the order', () => {
  it.each(['metrics.f1_weighted', 'metrics.a b.c', 'params.depth', 'tags.team', 'run', 'status', 'started'])(
    'by %s is read from the address as it was written, and known to the search',
    (by) => {
      for (const descending of [true, false]) {
        const order = { by, descending };
        const text = orderText(order);
        if (text !== undefined) expect(orderOf(text)).toEqual(order);
        const keys = parseOrderBy(orderBy(order), 'run');
        expect(keys[0]).toMatchObject({ ascending: !descending });
      }
    },
  );

  it('newest first is what there is without one, and needs no search', () => {
    expect(orderText({ by: 'started', descending: true })).toBeUndefined();
    expect(orderOf(undefined)).toBeUndefined();
    expect(orderOf('nonsense')).toBeUndefined();
    expect(orderBy({ by: 'nonsense', descending: true })).toBeUndefined();
    expect([
      isPlain({}),
      isPlain({ pipeline: 'a', filter: ' ' }),
      isPlain({ filter: 'x' }),
      isPlain({ order: 'metrics.a ASC' }),
      isPlain({ all: 'yes' }),
    ]).toEqual([true, true, false, false, false]);
  });
});

describe('rows', () => {
  it('of the protocol have numbers, times and the run that they are a candidate of', () => {
    expect(
      rowOfMessage({
        info: {
          run_id: 'a',
          run_name: 'n',
          experiment_id: '3',
          status: 'RUNNING',
          start_time: '1767225600000',
        },
        data: { metrics: [{ key: 'm', value: 'NaN' }], tags: [{ key: 'mlflow.parentRunId', value: 'p' }] },
      }),
    ).toEqual({
      runId: 'a',
      name: 'n',
      experimentId: '3',
      status: 'RUNNING',
      startTime: '2026-01-01T00:00:00.000Z',
      endTime: undefined,
      parent: 'p',
      metrics: { m: Number.NaN },
      params: {},
      tags: { 'mlflow.parentRunId': 'p' },
    });
  });

  it('that are read anew stand where they stood; new ones come first, older ones last, none twice', () => {
    const before = [row('c'), row('b'), row('a')];
    const after = merged(
      before,
      [row('d'), row('c', { status: 'FAILED' })],
      [row('a', { name: 'x' }), row('z')],
    );
    expect(after.map(({ runId }) => runId)).toEqual(['d', 'c', 'b', 'a', 'z']);
    expect([after[1]?.status, after[3]?.name]).toEqual(['FAILED', 'x']);
    const ids = fc
      .array(fc.constantFrom(...'abcdefgh'), { maxLength: 8 })
      .map((all) => [...new Set(all)].map((id) => row(id)));
    fc.assert(
      fc.property(ids, ids, ids, (held, top, others) => {
        const all = merged(held, top, others).map(({ runId }) => runId);
        expect(new Set(all).size).toBe(all.length);
        expect(new Set(all)).toEqual(new Set([...held, ...top, ...others].map(({ runId }) => runId)));
        // What was there keeps its order.
        const kept = held.map(({ runId }) => runId);
        expect(all.filter((id) => kept.includes(id))).toEqual(kept);
      }),
    );
  });

  it('tell tags of people from those of the platform', () => {
    expect(
      ['team', 'my.tag', 'mlflow.user', 'data.rows', 'arboleda.actor', 'batch.uploadId'].map(isOwnTag),
    ).toEqual([true, true, false, false, false, false]);
  });
});

describe('columns', () => {
  it('that nobody chose are the facts and the chief metrics that there are', () => {
    const rows = [
      row('a', { metrics: { rmse: 1, mae: 1, other: 2 } }),
      row('b', { metrics: { f1_weighted: 1 } }),
    ];
    expect(usual(rows)).toEqual([
      'run',
      'status',
      'metrics.f1_weighted',
      'metrics.rmse',
      'metrics.mae',
      'data',
      'version',
      'started',
      'took',
    ]);
    expect(usual([row('a', { metrics: { zeta: 1, alpha: 2 }, tags: { team: 'x' } })])).toEqual([
      'run',
      'status',
      'metrics.alpha',
      'metrics.zeta',
      'data',
      'version',
      'tags',
      'started',
      'took',
    ]);
    expect(usual([])).toEqual(['run', 'status', 'data', 'version', 'started', 'took']);
  });

  it('to choose from are what the runs have, those of the test rows and of people first', () => {
    const rows = [
      row('a', {
        metrics: { validation_a: 1, z: 1 },
        tags: { 'data.rows': '1', team: 'x' },
        params: { p: '1' },
      }),
    ];
    expect(available(rows)).toEqual({
      metrics: ['z', 'validation_a'],
      params: ['p'],
      tags: ['team', 'data.rows'],
    });
  });
});

describe('keys', () => {
  it.each([
    ['j', 3, 4],
    ['k', 3, 2],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 0, 0],
    ['Home', 5, 0],
    ['End', 5, 9],
    ['PageDown', 0, 9],
    ['x', 5, undefined],
    ['ArrowRight', 5, undefined],
  ])('%s at %d of ten rows leads to %j', (key, at, to) => expect(moved(key, at, 10)).toBe(to));

  it('lead nowhere in an empty list, and sideways in tabs', () => {
    expect(moved('j', 0, 0)).toBeUndefined();
    expect([moved('ArrowRight', 0, 3, 'row'), moved('ArrowDown', 0, 3, 'row')]).toEqual([1, undefined]);
  });
});

describe('lines of a chart', () => {
  it('share one row of x, ascending, with gaps where a line has no point', () => {
    expect(
      aligned([
        {
          name: 'a',
          points: [
            [2, 20],
            [1, 10],
          ],
        },
        {
          name: 'b',
          points: [
            [3, 5],
            [1, 7],
            [1, 8],
          ],
        },
      ]),
    ).toEqual([
      [1, 2, 3],
      [10, 20, null],
      [8, null, 5],
    ]);
    expect(aligned([])).toEqual([[]]);
  });
});
