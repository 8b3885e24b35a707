import { beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let viewer: string;
let operator: string;
const ID = '0123456789abcdef0123456789abcdef';
const json = { contentType: 'application/json' };

beforeEach(async () => {
  world = makeWorld();
  viewer = await world.token('viewer');
  operator = await world.token('operator');
  const { experimentId } = await world.experiments.getOrCreate('default', 'prices');
  await world.runs.create('default', { runId: ID, experimentId, name: 'one', pipeline: 'housing' });
});

const get = (path: string, query: Record<string, string> = {}) =>
  world.call('GET', `/runs/${ID}/${path}`, { token: viewer, query });

async function keep(path: string, text: string) {
  const key = `default/reports/${path.replaceAll('/', '-')}`;
  await world.objects.put(key, text, json);
  await world.runs.addArtifact('default', ID, { path, key, size: text.length, ...json });
}

describe('the reports of a run', () => {
  it('are answered as far as there are any', async () => {
    expect((await get('report')).json).toEqual({});
    const evaluation = {
      task: 'regression',
      rows: 2,
      metrics: { rmse: 1 },
      residuals: { of: 2, actual: [1, 2], predicted: [2, 3] },
    };
    await keep('reports/evaluation.json', JSON.stringify(evaluation));
    expect((await get('report')).json).toEqual({ evaluation });
  });

  it('answer 404 for a run that is not there', async () => {
    for (const path of ['report', 'data', 'quarantine', 'lineage', 'cost']) {
      const { status, json } = await world.call('GET', `/runs/${'e'.repeat(32)}/${path}`, { token: viewer });
      expect([path, status, json.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
  });

  it('say that there are no data yet', async () => {
    const { status, json } = await get('data');
    expect([status, json.code]).toEqual([409, 'CONFLICT']);
    expect(json.remedy).toContain('clean');
  });
});

describe('the quarantine', () => {
  it('gives so many rows as are asked for', async () => {
    const rows = [1, 2, 3].map((line) => ({ line, reason: 'area must be a number', values: { area: 'x' } }));
    await keep('quarantine.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const { json } = await get('quarantine', { limit: '2' });
    expect(json).toEqual({
      count: 3,
      kept: 3,
      rows: rows.slice(0, 2),
      reasons: [{ reason: 'area must be a number', rows: 3 }],
    });
    const bad = await get('quarantine', { limit: 'x' });
    expect([bad.status, bad.json.field]).toEqual([400, 'limit']);
  });
});

describe('lineage and cost', () => {
  it('are answered of a run that just began', async () => {
    const lineage = await get('lineage');
    expect(lineage.json.nodes).toEqual([
      { id: 'run', kind: 'run', label: 'one', detail: 'scheduled', ref: ID },
    ]);
    const cost = await get('cost');
    expect([cost.status, cost.json.final, cost.json.currency]).toEqual([200, false, 'USD']);
    expect(cost.json.total).toBeGreaterThan(0);
  });
});

describe('running again from a stage', () => {
  const rerun = (body: unknown, headers = {}) =>
    world.call('POST', `/runs/${ID}/rerun`, { token: operator, json: body, headers });

  it('starts what is asked for, under the key that is given', async () => {
    const { status, json, headers } = await rerun({ from: 'train', force: true }, { 'idempotency-key': 'k' });
    expect([status, json.runId, headers.location]).toEqual([
      202,
      'd'.repeat(32),
      `../../runs/${'d'.repeat(32)}`,
    ]);
    expect(world.control.calls.at(-1)).toMatchObject({
      method: 'rerun',
      args: [ID, { from: 'train', force: true, idempotencyKey: 'k' }],
    });
  });

  it.each([
    [{}, 'from'],
    [{ from: 'plan' }, 'from'],
    [{ from: 'train', to: 'nowhere' }, 'to'],
    [{ from: 'train', force: 'yes' }, 'force'],
  ])('refuses %j, naming the field', async (body, field) => {
    const { status, json } = await rerun(body);
    expect([status, json.field]).toEqual([400, field]);
  });
});

describe('registering from a run', () => {
  const register = (body?: unknown) =>
    world.call('POST', `/runs/${ID}/register`, {
      token: operator,
      ...(body === undefined ? {} : { json: body }),
    });

  it('says why it cannot', async () => {
    const open = await register();
    expect([open.status, open.json.code]).toEqual([409, 'CONFLICT']);
    await world.runs.finish('default', ID, { status: 'FINISHED' });
    const none = await register({});
    expect(none.json.message).toContain('no candidate was selected');
  });

  it.each([
    [{ candidate: -1 }, 'candidate'],
    [{ candidate: 1.5 }, 'candidate'],
    [{ model: '' }, 'model'],
    [{ description: 'x'.repeat(1001) }, 'description'],
  ])('refuses %j, naming the field', async (body, field) => {
    const { status, json } = await register(body);
    expect([status, json.field]).toEqual([400, field]);
  });
});
