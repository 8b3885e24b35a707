import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../../lib/errors/index.ts';
import { type LineageGraph, lineageOfRun } from '../../../../lib/pipeline/run-reports/lineage.ts';
import type { Run, StageRecord } from '../../../../lib/tracking/types.ts';

const WS = 'default';
const RUN = 'a'.repeat(32);
const SOURCE = `5${'0'.repeat(63)}`;
const DEFINITION = `d${'1'.repeat(63)}`;
const DATASET = `c${'2'.repeat(63)}`;
const MODEL = `e${'3'.repeat(63)}`;

const runOf = (more: Partial<Run> = {}): Run => ({
  workspace: WS,
  runId: RUN,
  experimentId: '1',
  name: 'houses-aaaaaaaa',
  status: 'FINISHED',
  startTime: '2026-01-01T00:00:00.000Z',
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
  ...more,
});

const childOf = (item: number | undefined, more: Partial<Run> = {}): Run =>
  runOf({
    runId: `${item ?? 'f'}`.padStart(32, '0'),
    tags: {
      'mlflow.parentRunId': RUN,
      'model.algorithm': 'random-forest',
      ...(item !== undefined && { 'arboleda.item': String(item) }),
    },
    ...more,
  });

const recordOf = (more: Partial<StageRecord> & Pick<StageRecord, 'stage'>): StageRecord => ({
  runId: RUN,
  status: 'DONE',
  attempt: 1,
  outputs: {},
  startedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

interface World {
  run?: Partial<Run>;
  children?: Run[];
  records?: StageRecord[];
  /** Aliases of the model; absent: there is no such model. */
  aliases?: Record<string, string>;
}

/** The graph over records made by hand; children come in pages of two. */
function graphOf({ run = {}, children = [], records = [], aliases }: World): Promise<LineageGraph> {
  const whole = runOf(run);
  return lineageOfRun(
    {
      runs: {
        get: async () => whole,
        list: async (_, { parentRunId, cursor = '0' } = {}) => {
          expect(parentRunId).toBe(RUN);
          const at = Number(cursor);
          const rest = at + 2 < children.length ? { cursor: String(at + 2) } : {};
          return { items: children.slice(at, at + 2), ...rest };
        },
      },
      stages: { list: async () => records },
      registry: {
        getModel: async (_, name) => {
          if (aliases === undefined) throw new NotFoundError(`no model ${name}`);
          return { name, aliases } as never;
        },
      },
    },
    WS,
    RUN,
  );
}

const evaluated = (item: string) =>
  recordOf({ stage: 'evaluate', outputs: { item, modelSha256: MODEL, algorithm: 'random-forest' } });
const lines = ({ edges }: LineageGraph) =>
  edges.map(({ from, to, label }) => [from, to, ...(label === undefined ? [] : [label])].join(' > '));
const idsOf = ({ nodes }: LineageGraph) => nodes.map(({ id }) => id);

describe('the lineage of a run', () => {
  it('of a client is the run alone', async () => {
    const graph = await graphOf({ run: { status: 'RUNNING', name: 'by hand' } });
    expect(graph).toEqual({
      nodes: [{ id: 'run', kind: 'run', label: 'by hand', detail: 'running', ref: RUN }],
      edges: [],
      omitted: 0,
    });
  });

  it('that is not there is a 404', async () => {
    const none = async () => {
      throw new NotFoundError('no run');
    };
    const deps = {
      runs: { get: none, list: none },
      stages: { list: async () => [] },
      registry: { getModel: none },
    };
    await expect(lineageOfRun(deps as never, WS, RUN)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a whole pipeline goes from the source to the alias', async () => {
    const graph = await graphOf({
      run: {
        lineage: {
          sourceSha256: SOURCE,
          definitionSha256: DEFINITION,
          datasetSha256: DATASET,
          parentVersions: ['houses/2'],
        },
        tags: { 'data.source': 'https', 'data.rows': '1460', 'model.name': 'houses', 'model.version': '3' },
      },
      children: [childOf(1), childOf(0, { status: 'FAILED' })],
      records: [recordOf({ stage: 'clean', outputs: { rows: 1451 } }), evaluated('1')],
      aliases: { production: '3', candidate: '2', best: '3' },
    });
    expect(graph.nodes).toEqual([
      { id: 'run', kind: 'run', label: 'houses-aaaaaaaa', detail: 'finished', ref: RUN },
      { id: 'source', kind: 'source', label: 'https', detail: '1,460 rows · 500000000000', ref: SOURCE },
      { id: 'definition', kind: 'definition', label: 'definition', detail: 'd11111111111', ref: DEFINITION },
      {
        id: 'dataset',
        kind: 'dataset',
        label: 'clean dataset',
        detail: '1,451 rows · c22222222222',
        ref: DATASET,
      },
      {
        id: `candidate-${'0'.repeat(32)}`,
        kind: 'candidate',
        label: 'random-forest 0',
        detail: 'failed',
        ref: '0'.repeat(32),
      },
      {
        id: `candidate-${'1'.padStart(32, '0')}`,
        kind: 'candidate',
        label: 'random-forest 1',
        detail: 'finished',
        ref: '1'.padStart(32, '0'),
      },
      { id: 'model', kind: 'model', label: 'selected: random-forest', detail: 'e33333333333', ref: MODEL },
      { id: 'version', kind: 'version', label: 'houses 3', ref: 'houses/3' },
      { id: 'alias-production', kind: 'alias', label: 'production', detail: 'now', ref: 'houses' },
      { id: 'alias-best', kind: 'alias', label: 'best', detail: 'now', ref: 'houses' },
      { id: 'parent-houses/2', kind: 'version', label: 'houses 2', ref: 'houses/2' },
    ]);
    expect(lines(graph)).toEqual([
      'source > dataset > clean',
      'definition > dataset',
      'dataset > run',
      `run > candidate-${'0'.repeat(32)} > train`,
      `run > candidate-${'1'.padStart(32, '0')} > train`,
      `candidate-${'1'.padStart(32, '0')} > model > evaluate`,
      'model > version > register',
      'version > alias-production',
      'version > alias-best',
      'parent-houses/2 > run > compared with',
    ]);
    expect(graph.omitted).toBe(0);
  });

  it('that stopped before it had clean data goes from source and definition to the run', async () => {
    const graph = await graphOf({
      run: {
        status: 'FAILED',
        lineage: { sourceSha256: SOURCE, definitionSha256: DEFINITION },
        tags: { 'data.source': 'generate', 'data.synthetic': 'true', 'data.rows': '0' },
      },
    });
    expect(graph.nodes[1]).toMatchObject({ label: 'generate, generated', detail: '0 rows · 500000000000' });
    expect(lines(graph)).toEqual(['source > run', 'definition > run']);
  });

  it('tells no number of rows where none is known', async () => {
    const graph = await graphOf({
      run: { lineage: { sourceSha256: SOURCE, datasetSha256: DATASET }, tags: {} },
      records: [recordOf({ stage: 'clean', status: 'RUNNING' })],
    });
    const details = graph.nodes.map(({ id, label, detail }) => [id, label, detail]);
    expect(details.slice(1)).toEqual([
      ['source', 'source', '500000000000'],
      ['dataset', 'clean dataset', 'c22222222222'],
    ]);
    const odd = await graphOf({ run: { lineage: { sourceSha256: SOURCE }, tags: { 'data.rows': 'many' } } });
    expect(odd.nodes[1]?.detail).toBe('500000000000');
  });

  it('names the run whose earlier stages it took', async () => {
    const basedOn = `12345678${'b'.repeat(24)}`;
    const graph = await graphOf({ run: { basedOn } });
    expect(graph.nodes[1]).toEqual({ id: 'based-on', kind: 'run', label: 'run 12345678', ref: basedOn });
    expect(lines(graph)).toEqual(['based-on > run > its earlier stages']);
  });
});

describe('its candidates', () => {
  const drawn = (graph: LineageGraph) =>
    graph.nodes.filter(({ kind }) => kind === 'candidate').map(({ label }) => label.split(' ').at(-1));
  const candidates = (count: number) => Array.from({ length: count }, (_, item) => childOf(item));

  it.each([
    [0, 0, 0],
    [1, 1, 0],
    [12, 12, 0],
    [13, 12, 1],
    [40, 12, 28],
  ])('of %i, %i are drawn and %i are not', async (count, shown, omitted) => {
    const graph = await graphOf({ children: candidates(count) });
    expect([drawn(graph).length, graph.omitted]).toEqual([shown, omitted]);
  });

  it('are by number, whatever order they come in, and the selected one is among those drawn', async () => {
    const graph = await graphOf({ children: candidates(20).toReversed(), records: [evaluated('17')] });
    expect(drawn(graph)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '17']);
    expect(graph.omitted).toBe(8);
    expect(lines(graph).at(-1)).toBe(`candidate-${'17'.padStart(32, '0')} > model > evaluate`);
  });

  it('have a name where their algorithm is unknown', async () => {
    const graph = await graphOf({
      children: [childOf(3, { tags: { 'arboleda.item': '3' }, status: 'KILLED' })],
    });
    expect(graph.nodes[1]).toMatchObject({ label: 'candidate 3', detail: 'killed' });
  });

  it('are none of the runs that a client nested in it', async () => {
    const graph = await graphOf({
      children: [childOf(undefined), ...candidates(12)],
      records: [evaluated('3')],
    });
    expect(drawn(graph)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
    expect(graph.omitted).toBe(0);
  });

  it('need not be there: a model comes of the run then, and says what it can of itself', async () => {
    const bare = recordOf({ stage: 'evaluate', outputs: { item: '0', modelSha256: MODEL } });
    const graph = await graphOf({ records: [bare], run: { params: { algorithm: 'gbm' } } });
    expect(lines(graph)).toEqual(['run > model > evaluate']);
    expect(graph.nodes[1]?.label).toBe('selected: gbm');
    expect((await graphOf({ records: [bare] })).nodes[1]?.label).toBe('selected: model');
  });

  it('have no model where the evaluation is under way', async () => {
    const graph = await graphOf({
      children: candidates(2),
      records: [recordOf({ stage: 'evaluate', status: 'RUNNING' })],
    });
    expect(idsOf(graph)).not.toContain('model');
  });
});

describe('its version', () => {
  const tags = { 'model.name': 'houses', 'model.version': '1' };

  it('stands without aliases where its model is gone, or its aliases are on others', async () => {
    for (const aliases of [undefined, {}, { production: '2' }] as (Record<string, string> | undefined)[]) {
      const graph = await graphOf({ run: { tags }, ...(aliases && { aliases }) });
      expect(idsOf(graph)).toEqual(['run', 'version']);
      expect(lines(graph)).toEqual(['run > version > register']);
    }
  });

  it('is none by half a tag', async () => {
    expect(idsOf(await graphOf({ run: { tags: { 'model.name': 'houses' } }, aliases: {} }))).toEqual(['run']);
    expect(idsOf(await graphOf({ run: { tags: { 'model.version': '1' } }, aliases: {} }))).toEqual(['run']);
  });

  it('is drawn once where it was held against itself, and another by another name', async () => {
    const lineage = { parentVersions: ['houses/1', 'homes/1', 'homes/1'] };
    const graph = await graphOf({ run: { tags, lineage }, aliases: { production: '1' } });
    expect(idsOf(graph)).toEqual(['run', 'version', 'alias-production', 'parent-homes/1']);
    expect(lines(graph).filter((line) => line.endsWith('compared with'))).toEqual([
      'parent-homes/1 > run > compared with',
    ]);
  });

  it('of a batch prediction is what it was predicted by', async () => {
    const graph = await graphOf({
      run: {
        lineage: { sourceSha256: SOURCE, parentVersions: ['houses/4'] },
        tags: { 'arboleda.kind': 'batch-prediction', 'batch.rows': '24' },
        params: { 'batch.fileName': 'rows.csv' },
      },
    });
    expect(graph.nodes[1]).toMatchObject({ label: 'rows.csv', detail: '24 rows · 500000000000' });
    expect(lines(graph)).toEqual(['source > run', 'parent-houses/4 > run > predicted by']);
  });
});
