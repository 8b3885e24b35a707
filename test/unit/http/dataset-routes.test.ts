import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../lib/pipeline/definition/index.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let viewer: string;
let operator: string;
beforeEach(async () => {
  world = makeWorld();
  viewer = await world.token('viewer');
  operator = await world.token('operator');
});

const RAW = 'rooms,area,age,price\n3,75,10,200000\n';
const keep = async (text: string, workspace = 'default') => {
  const hash = sha256(text);
  await world.objects.put(`${workspace}/raw/${hash}`, text, { contentType: 'application/octet-stream' });
  return hash;
};

describe('data by its hash', () => {
  it('is described, and downloaded by a presigned URL that says its hash', async () => {
    const hash = await keep(RAW);
    const found = await world.call('GET', `/datasets/${hash.slice(0, 8)}`, { token: viewer });
    expect(found.json).toMatchObject({ kind: 'source', sha256: hash, bytes: RAW.length, usedBy: [] });
    const file = await world.call('GET', `/datasets/${hash}/files/raw`, { token: viewer });
    expect(file.status).toBe(302);
    expect(file.headers.location).toContain(hash);
    expect(file.headers['x-content-sha256']).toBe(hash);
  });

  it('is a 400 that names the field for what is no hash, a 404 for what is not there or another’s', async () => {
    const others = await keep('somebody else', 'other');
    for (const [path, status, field] of [
      ['/datasets/12345', 400, 'hash'],
      ['/datasets/not-hex', 400, 'hash'],
      [`/datasets/${others}`, 404, 'hash'],
      [`/datasets/${others}/files/raw`, 404, 'hash'],
      ['/datasets?pipeline=unknown', 404, 'pipeline'],
    ] as const) {
      const [address = '', query] = path.split('?pipeline=');
      const answer = await world.call('GET', address, {
        token: viewer,
        ...(query === undefined ? {} : { query: { pipeline: query } }),
      });
      expect([path, answer.status, answer.json.field]).toEqual([path, status, field]);
    }
  });

  it('lists what is pushed for the next run, and releases it', async () => {
    const hash = await keep(RAW);
    const source = { key: `default/raw/${hash}`, sha256: hash, fileName: 'a.csv', bytes: RAW.length };
    const { PipelineState } = await import('../../../lib/tracking/index.ts');
    await new PipelineState(world.items, world.clock).setSource('default', 'housing', {
      ...source,
      pushedAt: '2026-01-01T00:00:00.000Z',
      synthetic: false,
    });
    const list = await world.call('GET', '/datasets', { token: viewer });
    expect(list.json).toMatchObject({
      datasets: [],
      sources: [{ pipeline: 'housing', ...source }],
      complete: true,
    });
    const released = await world.call('DELETE', '/pipelines/housing/data', { token: operator });
    expect(released.json).toMatchObject({ pipeline: 'housing', released: source });
    expect(
      (await world.call('DELETE', '/pipelines/housing/data', { token: operator })).json.released,
    ).toBeNull();
  });
});

describe('two versions', () => {
  const version = async (runId: string, mae: number, source?: string) => {
    await world.runs.create('default', {
      runId,
      experimentId: '0',
      name: 'r',
      ...(source && { pipeline: 'housing' }),
      params: { trees: String(mae) },
    });
    if (source) await world.runs.setLineage('default', runId, { sourceSha256: source });
    await world.registry.createModel('default', { name: 'housing' });
    return world.registry.createVersion('default', 'housing', {
      identity: runId,
      runId,
      modelKey: `default/models/${'a'.repeat(64)}.arbm`,
      modelSha256: sha256(runId),
      sizeBytes: 10,
      algorithm: 'random-forest',
      task: 'regression',
      metrics: { mae },
    });
  };
  const move = (to: string, from: string | null) =>
    world.registry.moveAlias('default', {
      model: 'housing',
      alias: 'production',
      version: to,
      expectedVersion: from,
      actor: 'test',
      reason: 'test',
    });

  it('are compared by number, alias or a whole reference', async () => {
    await version('1'.repeat(32), 30);
    await version('2'.repeat(32), 20);
    await move('2', null);
    for (const other of ['2', '@production', 'latest', 'models:/housing@production', 'housing/2']) {
      const answer = await world.call('GET', '/models/housing/versions/1/diff', {
        token: viewer,
        query: { with: other },
      });
      expect(answer.json, other).toMatchObject({ a: { version: '1' } });
      expect(answer.json.metrics).toEqual([{ key: 'mae', a: 30, b: 20, change: -10 }]);
      expect(answer.json.params).toEqual([{ key: 'trees', a: '30', b: '20' }]);
      expect(answer.json.dataset).toBeNull();
    }
    const answer = await world.call('GET', '/models/housing/versions/1/diff', {
      token: viewer,
      query: { with: '7' },
    });
    expect(answer.status).toBe(404);
  });

  it('roll back with their data, once however often it is asked', async () => {
    const source = await keep(RAW);
    await version('1'.repeat(32), 30, source);
    await version('2'.repeat(32), 20, source);
    await move('1', null);
    await move('2', '1');
    const json = { withData: true, expectedVersion: '2', reason: 'worse' };
    for (let i = 0; i < 2; i++) {
      const done = await world.call('POST', '/models/housing/rollback', { token: operator, json });
      expect(done.status).toBe(200);
      expect(done.json).toMatchObject({
        version: '1',
        previousVersion: '2',
        data: { pipeline: 'housing', sha256: source },
      });
    }
    const { json: page } = await world.call('GET', '/models/housing/audit', { token: viewer });
    expect(page.audit).toHaveLength(3);
    expect(page.audit[0]).toMatchObject({ kind: 'rollback', reason: 'worse', data: { sha256: source } });
  });

  it('refuse to take data along that is not there, and move nothing', async () => {
    await version('1'.repeat(32), 30);
    await version('2'.repeat(32), 20);
    await move('1', null);
    await move('2', '1');
    const answer = await world.call('POST', '/models/housing/rollback', {
      token: operator,
      json: { withData: true },
    });
    expect([answer.status, answer.json.code]).toEqual([409, 'NO_DATA_TO_GO_BACK_TO']);
    expect((await world.registry.getModel('default', 'housing')).aliases.production).toBe('2');
    const alone = await world.call('POST', '/models/housing/rollback', {
      token: operator,
      json: { expectedVersion: '1' },
    });
    expect(alone.json.code).toBe('ALIAS_MOVED');
  });
});
