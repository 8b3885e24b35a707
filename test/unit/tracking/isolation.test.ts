import { beforeEach, describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../lib/errors/index.ts';
import { reconcile, snapshotRun } from '../../../lib/tracking/index.ts';
import { newRun, newVersion, RUN, runId, SHA, type World, WS, world } from './helpers.ts';

const OWNER = 'team-b';
const MARK = 'secret-of-b';

/** One of everything in the owner's workspace, all of it marked. */
async function fill(w: World): Promise<{ tokenId: string; cursors: Record<string, string | undefined> }> {
  const { experimentId } = await w.experiments.getOrCreate(OWNER, MARK, { MARK });
  for (const id of [RUN, runId(2), runId(3)]) {
    await w.runs.create(OWNER, newRun(id, { experimentId, name: MARK, pipeline: 'p', tags: { MARK } }));
  }
  await w.runs.logBatch(OWNER, RUN, {
    metrics: [1, 2, 3].map((step) => ({ key: 'k', value: step, step, timestamp: 1 })),
  });
  await w.runs.addArtifact(OWNER, RUN, { path: MARK, key: MARK, size: 1, contentType: 't' });
  await w.stages.done(OWNER, { runId: RUN, stage: 'clean', attempt: 1, outputs: { MARK } });
  await w.stages.remember(OWNER, {
    contentKey: SHA,
    stage: 'clean',
    outputs: { MARK },
    runId: RUN,
    createdAt: 'x',
  });
  await w.state.acquire(OWNER, 'p', RUN);
  await w.state.enqueue(OWNER, 'p', runId(2));
  await w.state.pauseSchedule(OWNER, 'p');
  await w.state.setSource(OWNER, 'p', {
    key: MARK,
    sha256: SHA,
    fileName: MARK,
    bytes: 1,
    pushedAt: 'x',
    synthetic: false,
  });
  await w.state.setLast(OWNER, 'p', 'clean', { outputs: { MARK }, runId: RUN });
  await w.registry.createModel(OWNER, { name: 'm', description: MARK });
  for (const identity of ['1', '2', '3'])
    await w.registry.createVersion(OWNER, 'm', newVersion(identity, { tags: { MARK } }));
  for (const alias of ['production', 'other', 'third']) {
    await w.registry.moveAlias(OWNER, {
      model: 'm',
      alias,
      version: '1',
      expectedVersion: null,
      actor: MARK,
      reason: MARK,
    });
  }
  const { record } = await w.tokens.create(OWNER, { role: 'admin', name: MARK });
  await w.log.record(OWNER, {
    requestId: 'r',
    model: MARK,
    version: '1',
    at: 'x',
    rows: [MARK],
    predictions: [],
  });
  await snapshotRun(OWNER, RUN, w);
  const page = { limit: 1 };
  return {
    tokenId: record.tokenId,
    cursors: {
      runs: (await w.runs.list(OWNER, page)).cursor,
      history: (await w.runs.metricHistory(OWNER, RUN, 'k', page)).cursor,
      versions: (await w.registry.listVersions(OWNER, 'm', page)).cursor,
      audit: (await w.registry.audit(OWNER, 'm', page)).cursor,
      models: (await w.registry.listModels(OWNER, page)).cursor,
      experiments: (await w.experiments.list(OWNER, page)).cursor,
    },
  };
}

/** Every method that reads, by a caller of workspace `ws`. */
function reads(w: World, ws: string, tokenId: string): Record<string, () => Promise<unknown>> {
  return {
    experiment: () => w.experiments.get(ws, '1'),
    experimentByName: () => w.experiments.getByName(ws, MARK),
    experiments: () => w.experiments.list(ws),
    run: () => w.runs.get(ws, RUN),
    runFound: () => w.runs.find(ws, RUN),
    runs: () => w.runs.list(ws),
    runsOfPipeline: () => w.runs.list(ws, { pipeline: 'p' }),
    runsOfExperiment: () => w.runs.list(ws, { experimentId: '1' }),
    history: () => w.runs.metricHistory(ws, RUN, 'k'),
    artifacts: () => w.runs.listArtifacts(ws, RUN),
    stages: () => w.stages.list(ws, RUN),
    stage: () => w.stages.find(ws, RUN, 'clean'),
    cached: () => w.stages.cached(ws, SHA),
    holder: () => w.state.holder(ws, 'p'),
    queue: () => w.state.queue(ws, 'p'),
    dequeue: () => w.state.dequeue(ws, 'p'),
    source: () => w.state.getSource(ws, 'p'),
    last: () => w.state.getLast(ws, 'p', 'clean'),
    model: () => w.registry.getModel(ws, 'm'),
    models: () => w.registry.listModels(ws),
    version: () => w.registry.getVersion(ws, 'm', '1'),
    versions: () => w.registry.listVersions(ws, 'm'),
    alias: () => w.registry.resolve(ws, 'm', { alias: 'production' }),
    audit: () => w.registry.audit(ws, 'm'),
    rollback: () => w.registry.rollback(ws, { model: 'm', alias: 'production', actor: 'x', reason: 'x' }),
    tokens: () => w.tokens.list(ws),
    revoke: () => w.tokens.revoke(ws, tokenId),
    prediction: () => w.log.get(ws, 'r'),
    finish: () => w.runs.finish(ws, RUN, { status: 'KILLED' }),
    cancel: () => w.runs.requestCancel(ws, RUN),
    tag: () => w.runs.setTags(ws, RUN, { a: 'b' }),
    release: () => w.state.release(ws, 'p', RUN),
    unqueue: () => w.state.unqueue(ws, 'p', runId(2)),
    resume: () => w.state.resumeSchedule(ws, 'p'),
    reconcile: () => reconcile(ws, w.stores, { fix: true, graceSeconds: 0 }),
  };
}

describe('a workspace', () => {
  let w: World;
  let filled: Awaited<ReturnType<typeof fill>>;
  beforeEach(async () => {
    w = world();
    filled = await fill(w);
  });
  const owned = () =>
    w.items.dump().filter((item) => item.pk.startsWith(`${OWNER}#`) || item.pk.startsWith('#token#'));

  it('the owner sees what is marked, so that the test sees something', async () => {
    const seen: string[] = [];
    for (const [name, read] of Object.entries(reads(w, OWNER, filled.tokenId))) {
      const answer = JSON.stringify(await read().catch(() => ''));
      if (answer?.includes(MARK) || answer?.includes('MARK')) seen.push(name);
    }
    expect(seen.length).toBeGreaterThan(18);
  });

  it.each([WS, 'team', 'team-bb', 'team-b-2', 'token', 'a'])(
    '%s sees and changes nothing of another',
    async (ws) => {
      const before = JSON.stringify(owned());
      for (const [name, read] of Object.entries(reads(w, ws, filled.tokenId))) {
        const answer = await read().catch((error) => {
          if (!(error instanceof ArboledaError)) throw error;
          return 'refused';
        });
        expect(JSON.stringify(answer) ?? '', name).not.toMatch(/secret-of-b|MARK|KILLED|a{32}/);
      }
      expect(JSON.stringify(owned())).toBe(before);
    },
  );

  it.each([
    'team-b#',
    'team-b#runs',
    '#token#',
    `#token#${SHA}`,
    '',
    ' team-b',
    'team-b ',
    'TEAM-B',
    'team-b/',
    '../team-b',
    'team%2Db',
    'team-b\u0000',
    'téam-b',
    '-team-b',
    'x'.repeat(64),
    '__proto__',
    'team-b\n',
  ])('%j is none, whoever sends it', async (ws) => {
    for (const [name, read] of Object.entries(reads(w, ws, filled.tokenId))) {
      await expect(read(), name).rejects.toMatchObject({ code: 'INVALID_NAME' });
    }
  });

  it('takes no cursor of another', async () => {
    const { cursors } = filled;
    expect(Object.values(cursors).every((cursor) => typeof cursor === 'string')).toBe(true);
    await w.registry.createModel(WS, { name: 'm' });
    const tries = {
      runs: (cursor: string) => w.runs.list(WS, { cursor }),
      history: (cursor: string) => w.runs.metricHistory(WS, RUN, 'k', { cursor }),
      versions: (cursor: string) => w.registry.listVersions(WS, 'm', { cursor }),
      audit: (cursor: string) => w.registry.audit(WS, 'm', { cursor }),
      models: (cursor: string) => w.registry.listModels(WS, { cursor }),
      experiments: (cursor: string) => w.experiments.list(WS, { cursor }),
    };
    for (const read of Object.values(tries)) {
      for (const cursor of Object.values(cursors)) {
        await expect(read(cursor as string)).rejects.toMatchObject({ code: 'BAD_CURSOR', status: 400 });
      }
    }
  });

  it('keeps hostile names of its own apart', async () => {
    const names = ['m#1', 'm%231', 'm%', 'm', 'm#1#version', 'm#'];
    for (const name of names) {
      await w.registry.createModel(WS, { name });
      await w.registry.createVersion(WS, name, newVersion('x', { tags: { name } }));
    }
    for (const name of names) {
      const { items } = await w.registry.listVersions(WS, name);
      expect(items.map(({ tags }) => tags.name)).toEqual([name]);
    }
    await w.runs.create(WS, newRun());
    for (const key of ['k', 'k#1', 'k%231', 'k#']) {
      await w.runs.logMetrics(WS, RUN, [{ key, value: key.length, step: 0, timestamp: 0 }]);
    }
    for (const key of ['k', 'k#1', 'k%231', 'k#']) {
      const { items } = await w.runs.metricHistory(WS, RUN, key);
      expect(items).toEqual([{ key, value: key.length, step: 0, timestamp: 0 }]);
    }
  });
});
