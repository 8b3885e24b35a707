import { beforeEach, describe, expect, it } from 'vitest';
import { PARENT_RUN_TAG } from '../../../lib/tracking/index.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let token: string;
const ID = '0123456789abcdef0123456789abcdef';
const idOf = (n: number) => n.toString(16).padStart(32, '0');

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('viewer');
});

const get = (path: string, query: Record<string, string> = {}) => world.call('GET', path, { token, query });

async function makeRun(runId = ID, more: { pipeline?: string; workspace?: string } = {}) {
  const { pipeline = 'housing', workspace = 'default' } = more;
  const { experimentId } = await world.experiments.getOrCreate(workspace, 'prices');
  await world.runs.create(workspace, {
    runId,
    experimentId,
    name: `run ${runId.slice(-2)}`,
    pipeline,
    trigger: 'caller',
  });
  return experimentId;
}

describe('experiments', () => {
  it('are listed and read', async () => {
    const id = await makeRun();
    const { json } = await get('/experiments');
    expect(json.experiments.map((one: { name: string }) => one.name)).toContain('prices');
    expect((await get(`/experiments/${id}`)).json.name).toBe('prices');
  });

  it('that are not there are a 404', async () => {
    expect((await get('/experiments/999')).status).toBe(404);
    expect((await get('/experiments/x')).status).toBe(400);
  });
});

describe('runs', () => {
  it('are listed newest first, by page', async () => {
    for (let i = 1; i <= 5; i++) {
      await makeRun(idOf(i));
      world.clock.advance(1_000);
    }
    const first = await get('/runs', { limit: '2' });
    expect(first.json.runs.map((run: { runId: string }) => run.runId)).toEqual([idOf(5), idOf(4)]);
    const second = await get('/runs', { limit: '2', cursor: first.json.cursor });
    expect(second.json.runs.map((run: { runId: string }) => run.runId)).toEqual([idOf(3), idOf(2)]);
    const third = await get('/runs', { limit: '2', cursor: second.json.cursor });
    expect([third.json.runs.length, third.json.cursor]).toEqual([1, undefined]);
  });

  it('are filtered by pipeline and by experiment', async () => {
    const experiment = await makeRun(idOf(1));
    await makeRun(idOf(2), { pipeline: 'students' });
    expect((await get('/runs', { pipeline: 'students' })).json.runs).toHaveLength(1);
    expect((await get('/runs', { experiment })).json.runs).toHaveLength(2);
  });

  describe('of a parent', () => {
    const child = (n: number, parent: string, workspace = 'default') =>
      world.runs.create(workspace, {
        runId: idOf(n),
        experimentId: '0',
        name: `child ${n}`,
        pipeline: 'housing',
        tags: { [PARENT_RUN_TAG]: parent },
      });
    const idsOf = (answer: Awaited<ReturnType<typeof get>>) =>
      answer.json.runs.map((run: { runId: string }) => run.runId);

    it('are listed newest first, by page, and in no other list', async () => {
      await makeRun();
      await makeRun(idOf(99));
      for (const n of [1, 2, 3]) {
        world.clock.advance(1_000);
        await child(n, ID);
      }
      await child(4, idOf(99));
      expect(idsOf(await get('/runs', { parent: ID }))).toEqual([idOf(3), idOf(2), idOf(1)]);
      const first = await get('/runs', { parent: ID, limit: '2' });
      expect(idsOf(first)).toEqual([idOf(3), idOf(2)]);
      const rest = await get('/runs', { parent: ID, limit: '2', cursor: first.json.cursor });
      expect([idsOf(rest), rest.json.cursor]).toEqual([[idOf(1)], undefined]);
      expect(idsOf(await get('/runs')).sort()).toEqual([ID, idOf(99)].sort());
      expect(idsOf(await get('/runs', { pipeline: 'housing' }))).not.toContain(idOf(1));
      expect(first.json.runs[0].tags).toMatchObject({ [PARENT_RUN_TAG]: ID });
      // The cursor of one list is none of another.
      const strange = await get('/runs', { parent: idOf(99), limit: '2', cursor: first.json.cursor });
      expect(strange).toMatchObject({ status: 400, json: { code: 'BAD_CURSOR' } });
    });

    it('are none where it has none, is unknown, or is of another workspace', async () => {
      await makeRun();
      await makeRun(idOf(50), { workspace: 'elsewhere' });
      await child(51, idOf(50), 'elsewhere');
      for (const parent of [ID, idOf(7), idOf(50)]) {
        expect(await get('/runs', { parent })).toMatchObject({ status: 200, json: { runs: [] } });
      }
    });

    it.each(['x', ID.slice(1), `${ID}0`, ID.toUpperCase().replace('0', 'G'), 'a#b', ''])(
      'are refused for the id %j',
      async (parent) => {
        expect((await get('/runs', { parent })).status).toBe(400);
      },
    );

    it('are told of in the OpenAPI document', async () => {
      const { json } = await world.call('GET', '/openapi.json');
      const { parameters } = json.paths['/runs'].get;
      const told = parameters.find((one: { name: string }) => one.name === 'parent');
      expect(told).toMatchObject({ in: 'query', schema: { pattern: '^[0-9a-f]{32}$' } });
      expect(told.required ?? false).toBe(false);
      expect(JSON.stringify(told)).toContain('child runs of this run');
    });
  });

  it.each<Record<string, string>>([
    { limit: '0' },
    { limit: '1001' },
    { limit: 'x' },
    { limit: '-1' },
    { limit: '1e2' },
    { cursor: 'garbage' },
  ])('refuse %j', async (query) => {
    expect((await get('/runs', query)).status).toBe(400);
  });

  it('are shown with stages and artifacts', async () => {
    await makeRun();
    await world.stages.start('default', { runId: ID, stage: 'ingest', attempt: 1 });
    await world.runs.addArtifact('default', ID, {
      path: 'reports/metrics.json',
      key: `default/runs/${ID}/artifacts/reports/metrics.json`,
      size: 2,
      contentType: 'application/json',
    });
    const { json } = await get(`/runs/${ID}`);
    expect(json).toMatchObject({
      runId: ID,
      pipeline: 'housing',
      stages: [{ stage: 'ingest', status: 'RUNNING' }],
      artifacts: [{ path: 'reports/metrics.json' }],
    });
    expect((await get(`/runs/${ID}/artifacts`)).json.artifacts).toHaveLength(1);
  });

  it.each(['', '/artifacts', '/logs', '/metrics/r2', '/artifacts/x'])(
    'of another workspace are not found: %s',
    async (tail) => {
      await makeRun(ID, { workspace: 'elsewhere' });
      expect((await get(`/runs/${ID}${tail}`)).status).toBe(404);
    },
  );

  it('give the points of a metric, whose name may hold a slash', async () => {
    await makeRun();
    await world.runs.logMetrics('default', ID, [
      { key: 'test/r2', value: 0.5, step: 0, timestamp: 1 },
      { key: 'test/r2', value: 0.75, step: 1, timestamp: 2 },
    ]);
    const { json } = await get(`/runs/${ID}/metrics/test/r2`);
    expect(json.points.map((point: { value: number }) => point.value)).toEqual([0.5, 0.75]);
  });
});

describe('artifacts', () => {
  it('are a redirection to a short-lived URL', async () => {
    await makeRun();
    const key = `default/runs/${ID}/artifacts/reports/a b.svg`;
    await world.runs.addArtifact('default', ID, {
      path: 'reports/a b.svg',
      key,
      size: 2,
      contentType: 'image/svg+xml',
    });
    const { status, headers, text } = await get(`/runs/${ID}/artifacts/reports/a%20b.svg`);
    expect([status, text]).toEqual([302, '']);
    expect(headers.location).toMatch(/^https:.*a%20b\.svg.*expires=300/);
    const asked = await get(`/runs/${ID}/artifacts/reports/a%20b.svg`, { redirect: 'false' });
    expect([asked.status, asked.json]).toEqual([200, { url: headers.location, seconds: 300 }]);
  });

  it.each([
    ['nothing.txt', 404],
    ['../run.json', 400],
    ['%2e%2e/run.json', 400],
    ['%252e%252e/run.json', 400],
    ['a%5c..%5crun.json', 400],
    ['a%00b', 400],
    ['a'.repeat(1_100), 404],
  ] as const)('%s gives no link: %i', async (path, status) => {
    await makeRun();
    const answer = await get(`/runs/${ID}/artifacts/${path}`);
    expect([answer.status, answer.headers.location]).toEqual([status, undefined]);
  });
});

describe('logs', () => {
  const put = (name: string, lines: string) =>
    world.objects.put(`default/runs/${ID}/logs/${name}`, lines, { contentType: 'application/x-ndjson' });
  const line = (message: string) =>
    `${JSON.stringify({ time: '2026-01-01T00:00:00Z', level: 'info', message })}\n`;

  it('come by attempt, stage and item, with where they came from', async () => {
    await makeRun();
    await put('train-10-1.jsonl', line('ten'));
    await put('train-2-1.jsonl', line('two'));
    await put('ingest-1.jsonl', line('in') + line('in again'));
    await put('ingest-2.jsonl', line('second attempt'));
    const { json } = await get(`/runs/${ID}/logs`);
    expect(json.lines.map((one: { message: string }) => one.message)).toEqual([
      'in',
      'in again',
      'two',
      'ten',
      'second attempt',
    ]);
    expect(json.lines[2]).toMatchObject({ stage: 'train', item: '2', attempt: 1, level: 'info' });
    expect(json.truncated).toBe(false);
  });

  it('are filtered by stage', async () => {
    await makeRun();
    await put('ingest-1.jsonl', line('a'));
    await put('clean-1.jsonl', line('b'));
    expect((await get(`/runs/${ID}/logs`, { stage: 'clean' })).json.lines).toHaveLength(1);
    expect((await get(`/runs/${ID}/logs`, { stage: 'nowhere' })).status).toBe(400);
  });

  it('show half a line and lines without a message as they are', async () => {
    await makeRun();
    await put('ingest-1.jsonl', '{"time":"x"}\n{"message":"cut');
    const { json } = await get(`/runs/${ID}/logs`);
    expect(json.lines.map((one: { message: string }) => one.message)).toEqual(['', '{"message":"cut']);
  });

  it('keep the newest where all do not fit, and say so', async () => {
    await makeRun();
    await put('ingest-1.jsonl', line('x'.repeat(1_500_000)));
    await put('clean-1.jsonl', line('y'.repeat(1_500_000)));
    const { json } = await get(`/runs/${ID}/logs`);
    expect(json.truncated).toBe(true);
    expect(json.lines.map((one: { stage: string }) => one.stage)).toEqual(['clean']);
  });

  it('leave out what is no log', async () => {
    await makeRun();
    await put('notes.txt', 'x');
    await put('nowhere-1.jsonl', line('x'));
    expect((await get(`/runs/${ID}/logs`)).json.lines).toEqual([]);
  });
});

describe('control', () => {
  it('compares two runs', async () => {
    const { json } = await get(`/runs/${ID}/diff`, { with: idOf(2) });
    expect(json).toMatchObject({ a: ID, b: idOf(2), params: [{ key: 'trees', a: '10', b: null }] });
    expect((await get(`/runs/${ID}/diff`)).json.field).toBe('with');
  });

  it.each(['cancel', 'retry'])('asks for %s with the caller', async (action) => {
    const operator = await world.token('operator');
    const { status, json } = await world.call('POST', `/runs/${ID}/${action}`, { token: operator });
    expect([status, json.runId]).toEqual([202, ID]);
    expect(world.control.calls[0]).toMatchObject({
      method: action,
      args: [ID],
      principal: { role: 'operator' },
    });
  });
});
