import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARENT_RUN_TAG } from '../../../lib/tracking/index.ts';
import { key } from '../../../lib/tracking/keys.ts';
import { toRunDetail } from '../../../lib/tracking/run-item.ts';
import { RunItems } from '../../../lib/tracking/run-items.ts';
import type { RunQuery } from '../../../lib/tracking/run-search/index.ts';
import { subjectOf } from '../../../lib/tracking/run-search/subject.ts';
import { comparator, matches, parseFilter, parseOrderBy } from '../../../lib/tracking/search/index.ts';
import type { RunDetail } from '../../../lib/tracking/types.ts';
import { newRun, runId, type World, WS, world } from '../../unit/tracking/helpers.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');

/** All ids that a search finds, page by page. */
async function idsOf(w: World, query: Partial<RunQuery>, pageSize = 3): Promise<string[]> {
  const ids: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await w.runs.search(WS, {
      experimentIds: ['1', '2'],
      maxResults: pageSize,
      ...query,
      pageToken,
    });
    expect(page.runs.length).toBeLessThanOrEqual(pageSize);
    ids.push(...page.runs.map((run) => run.runId));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return ids;
}

/** The same by looking at every run. */
async function naive(w: World, count: number, query: Partial<RunQuery>): Promise<string[]> {
  const held = new RunItems(w.items);
  const runs: RunDetail[] = [];
  for (let n = 0; n < count; n += 1) {
    const header = await w.items.get(key.run(WS, runId(n)));
    if (header) runs.push(toRunDetail(WS, header, await held.document(header)));
  }
  const clauses = parseFilter(query.filter, 'run');
  const order = comparator(parseOrderBy(query.orderBy, 'run'));
  const view = query.viewType ?? 'ACTIVE_ONLY';
  return runs
    .filter((run) => view === 'ALL' || (run.lifecycleStage === 'deleted') === (view === 'DELETED_ONLY'))
    .filter((run) => matches(clauses, subjectOf(run)))
    .sort((a, b) => order(subjectOf(a), subjectOf(b)))
    .map((run) => run.runId);
}

const metric = fc.constantFrom(
  -1,
  0,
  -0,
  0.5,
  1,
  2,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
);
const text = fc.constantFrom('', 'a', 'A', 'ab', 'a b', 'a#b', 'é', '10', '9', 'x'.repeat(1_000));
const step = fc.oneof(
  fc.record({ kind: fc.constant('metric' as const), name: fc.constantFrom('m', 'n/1'), value: metric }),
  fc.record({ kind: fc.constant('tag' as const), name: fc.constantFrom('t', 'u.v'), value: text }),
  fc.record({
    kind: fc.constant('untag' as const),
    name: fc.constantFrom('t', 'u.v'),
    value: fc.constant(''),
  }),
  fc.record({ kind: fc.constant('end' as const), name: fc.constant(''), value: fc.constant('') }),
  fc.record({ kind: fc.constant('delete' as const), name: fc.constant(''), value: fc.constant('') }),
  fc.record({ kind: fc.constant('restore' as const), name: fc.constant(''), value: fc.constant('') }),
);
const made = fc.record({
  minutes: fc.integer({ min: 0, max: 3 }),
  experimentId: fc.constantFrom('1', '2'),
  name: fc.constantFrom('one', 'two'),
  child: fc.boolean(),
  params: fc.dictionary(fc.constantFrom('p', 'q r'), text),
  steps: fc.array(step, { maxLength: 6 }),
});

const FILTERS = [
  '',
  'metrics.m > 0',
  'metrics.m <= 0.5 AND metrics.`n/1` != 1',
  'metrics.m = 0',
  "params.p = 'a'",
  "params.p != 'a' AND params.`q r` LIKE '%a%'",
  "tags.t ILIKE 'A%'",
  'tags.t IS NULL',
  'params.p IS NOT NULL AND metrics.m >= -1',
  `tags.t = '${'x'.repeat(1_000)}'`,
  "status = 'FINISHED'",
  "run_name = 'one' AND end_time > 0",
  `start_time > ${START + 60_000}`,
  `run_id IN ('${runId(1)}', '${runId(2)}')`,
  `run_id != '${runId(1)}'`,
  "artifact_uri LIKE 'mlflow-artifacts:/1/%'",
];
const ORDERS = [
  [],
  ['metrics.m'],
  ['metrics.m DESC'],
  ['metrics.`n/1` DESC', 'params.p'],
  ['params.p DESC', 'metrics.m'],
  ['tags.t'],
  ['start_time ASC'],
  ['status', 'metrics.m DESC'],
  ['run_id DESC'],
  ['end_time DESC', 'run_name'],
];

async function build(
  runs: readonly (typeof made extends fc.Arbitrary<infer T> ? T : never)[],
): Promise<World> {
  const w = world();
  for (const [n, run] of runs.entries()) {
    const id = runId(n);
    await w.runs.create(
      WS,
      newRun(id, {
        experimentId: run.experimentId,
        name: run.name,
        startTime: new Date(START + run.minutes * 60_000).toISOString(),
        status: 'RUNNING',
        params: run.params,
        tags: run.child ? { [PARENT_RUN_TAG]: runId(900) } : {},
      }),
    );
    for (const [at, { kind, name, value }] of run.steps.entries()) await act(w, id, at, kind, name, value);
  }
  return w;
}

async function act(w: World, id: string, at: number, kind: string, name: string, value: string | number) {
  const held = new RunItems(w.items);
  if (kind === 'metric') {
    await w.runs.logMetrics(WS, id, [{ key: name, value: value as number, step: at, timestamp: 0 }]);
  } else if (kind === 'tag') await w.runs.setTags(WS, id, { [name]: value as string });
  else if (kind === 'untag') {
    await held.merge(WS, id, {
      apply: (document) => {
        document.deleteTag(name);
        return undefined;
      },
    });
  } else if (kind === 'end') await w.runs.finish(WS, id, { status: 'FINISHED' });
  else {
    const set = { lifecycleStage: kind === 'delete' ? 'deleted' : 'active' };
    await held.merge(WS, id, { apply: () => ({ set }) });
  }
}

describe('a search of runs over its index', () => {
  it('finds what looking at every run finds, in the same order, page by page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(made, { minLength: 1, maxLength: 9 }),
        fc.constantFrom(...FILTERS),
        fc.constantFrom(...ORDERS),
        fc.constantFrom('ACTIVE_ONLY' as const, 'DELETED_ONLY' as const, 'ALL' as const),
        fc.integer({ min: 1, max: 4 }),
        async (runs, filter, orderBy, viewType, pageSize) => {
          const w = await build(runs);
          const query = { filter, orderBy, viewType };
          expect(await idsOf(w, query, pageSize)).toEqual(await naive(w, runs.length, query));
        },
      ),
      { numRuns: 300 },
    );
  });
});
