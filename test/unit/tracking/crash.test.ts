import { describe, expect, it } from 'vitest';
import type { Item } from '../../../lib/store/ports.ts';
import { snapshotRun } from '../../../lib/tracking/index.ts';
import { CrashError } from '../../support/memory.ts';
import { newRun, newVersion, RUN, runId, SHA, type World, WS, withVersions, world } from './helpers.ts';

const P = 'housing';
const by = { actor: 'me', reason: 'r' };
const point = (step: number) => ({ key: 'm', value: step, step, timestamp: 1 });
const noSetup = async (): Promise<unknown> => undefined;
const withRun = (w: World): Promise<unknown> => w.runs.create(WS, newRun(RUN, { pipeline: P }));

const withClientRun = (w: World): Promise<unknown> =>
  w.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 5, name: 'n' });

const arms = (first: number, second: number) => [
  { version: '1', weight: first },
  { version: '2', weight: second },
];
const split = { kind: 'ab' as const, arms: arms(50, 50), shadows: ['3'] };
const withChampion = async (w: World): Promise<unknown> => {
  await withVersions(w, 3);
  return w.registry.moveAlias(WS, { model: 'm', alias: 'production', version: '1', ...by });
};
const withSplit = async (w: World): Promise<unknown> => {
  await withChampion(w);
  return w.splits.set(WS, { model: 'm', split, ...by });
};

interface Case {
  name: string;
  setup: (w: World) => Promise<unknown>;
  act: (w: World) => Promise<unknown>;
}

/** Every operation that may be repeated. A crash may come before or after any of its writes. */
/** The repeat of a delete that was done finds nothing: that is how a caller learns it. */
function ifGone(error: { code?: string }): void {
  if (error.code !== 'NOT_FOUND') throw error;
}

const cases: Case[] = [
  {
    name: 'Runs.create',
    setup: noSetup,
    act: (w) =>
      w.runs.create(
        WS,
        newRun(RUN, { pipeline: P, params: { a: '1' }, startTime: '2026-03-01T11:00:00.000Z' }),
      ),
  },
  { name: 'Runs.begin', setup: withRun, act: (w) => w.runs.begin(WS, RUN) },
  { name: 'Runs.finish', setup: withRun, act: (w) => w.runs.finish(WS, RUN, { status: 'FINISHED' }) },
  { name: 'Runs.requestCancel', setup: withRun, act: (w) => w.runs.requestCancel(WS, RUN) },
  {
    name: 'Runs.nextAttempt',
    setup: async (w) => {
      await withRun(w);
      await w.runs.finish(WS, RUN, { status: 'FAILED' });
    },
    act: (w) => w.runs.nextAttempt(WS, RUN, 1),
  },
  {
    name: 'Runs.logBatch',
    setup: withRun,
    act: (w) =>
      w.runs.logBatch(WS, RUN, {
        params: { a: '1' },
        tags: { t: 'x' },
        metrics: Array.from({ length: 60 }, (_, i) => point(i)),
      }),
  },
  {
    name: 'Runs.logParams over several pages',
    setup: async (w) => {
      await withRun(w);
      await w.runs.logParams(
        WS,
        RUN,
        Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, 'x'.repeat(6_000)])),
      );
    },
    act: (w) =>
      w.runs.logParams(
        WS,
        RUN,
        Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`b${i}`, 'x'.repeat(6_000)])),
      ),
  },
  {
    name: 'ClientRuns.create with an id of its own',
    setup: noSetup,
    act: (w) => w.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 5, name: 'n' }),
  },
  {
    name: 'ClientRuns.update',
    setup: withClientRun,
    act: (w) => w.clientRuns.update(WS, RUN, { status: 'FINISHED', endTime: 9, name: 'other' }),
  },
  {
    name: 'ClientRuns.setLifecycle',
    setup: withClientRun,
    act: (w) => w.clientRuns.setLifecycle(WS, RUN, 'deleted'),
  },
  {
    name: 'ClientRuns.logBatch of a whole request: 900 points, params, tags and a name',
    setup: withClientRun,
    act: (w) =>
      w.clientRuns.logBatch(WS, RUN, {
        metrics: Array.from({ length: 900 }, (_, i) => ({ ...point(i), key: `m${i % 7}` })),
        params: [{ key: 'a', value: '1' }],
        tags: [
          { key: 't', value: 'x' },
          { key: 'mlflow.runName', value: 'renamed' },
        ],
      }),
  },
  {
    name: 'ClientRuns.logInputs with a dataset of many pages',
    setup: withClientRun,
    act: (w) =>
      w.clientRuns.logInputs(WS, RUN, {
        datasets: [
          {
            dataset: {
              name: 'd',
              digest: 'g',
              sourceType: 'local',
              source: '{}',
              schema: 's'.repeat(900_000),
            },
            tags: {},
          },
        ],
        models: ['m-1'],
      }),
  },
  {
    name: 'ClientRuns.logOutputs',
    setup: withClientRun,
    act: (w) => w.clientRuns.logOutputs(WS, RUN, [{ modelId: 'm-1', step: 2 }]),
  },
  {
    name: 'ClientRuns.addModelToHistory',
    setup: withClientRun,
    act: (w) => w.clientRuns.addModelToHistory(WS, RUN, '{"artifact_path": "a"}'),
  },
  {
    name: 'Runs.setLineage',
    setup: withRun,
    act: (w) => w.runs.setLineage(WS, RUN, { parentVersions: ['m/1'] }),
  },
  {
    name: 'Runs.addArtifact',
    setup: withRun,
    act: (w) => w.runs.addArtifact(WS, RUN, { path: 'a', key: 'k', size: 1, contentType: 't' }),
  },
  {
    name: 'Stages.done',
    setup: (w) => w.stages.start(WS, { runId: RUN, stage: 'clean', attempt: 1 }),
    act: (w) => w.stages.done(WS, { runId: RUN, stage: 'clean', attempt: 1, outputs: { a: 1 } }),
  },
  {
    name: 'Stages.remember',
    setup: noSetup,
    act: (w) =>
      w.stages.remember(WS, { contentKey: SHA, stage: 'clean', outputs: {}, runId: RUN, createdAt: 'now' }),
  },
  { name: 'PipelineState.acquire', setup: withRun, act: (w) => w.state.acquire(WS, P, RUN) },
  {
    name: 'PipelineState.release',
    setup: (w) => w.state.acquire(WS, P, RUN),
    act: (w) => w.state.release(WS, P, RUN),
  },
  { name: 'PipelineState.enqueue', setup: withRun, act: (w) => w.state.enqueue(WS, P, RUN) },
  {
    name: 'PipelineState.unqueue',
    setup: (w) => w.state.enqueue(WS, P, RUN),
    act: (w) => w.state.unqueue(WS, P, RUN),
  },
  {
    name: 'PipelineState.handOver',
    setup: async (w) => {
      await w.state.acquire(WS, P, RUN);
      await w.state.enqueue(WS, P, runId(2));
      await w.state.enqueue(WS, P, runId(3));
    },
    act: (w) => w.state.handOver(WS, P, RUN),
  },
  { name: 'Registry.createModel', setup: noSetup, act: (w) => w.registry.createModel(WS, { name: 'm' }) },
  {
    name: 'Registry.createVersion',
    setup: (w) => withVersions(w, 2),
    act: (w) => w.registry.createVersion(WS, 'm', newVersion('new')),
  },
  {
    name: 'Registry.moveAlias',
    setup: (w) => withVersions(w, 2),
    act: (w) =>
      w.registry.moveAlias(WS, {
        model: 'm',
        alias: 'production',
        version: '2',
        expectedVersion: null,
        ...by,
      }),
  },
  {
    name: 'Splits.set',
    setup: withChampion,
    act: (w) => w.splits.set(WS, { model: 'm', split, expectedRevision: null, ...by }),
  },
  {
    name: 'Splits.set of other weights',
    setup: withSplit,
    act: (w) =>
      w.splits.set(WS, { model: 'm', split: { ...split, arms: arms(10, 90) }, expectedRevision: 2, ...by }),
  },
  {
    name: 'Splits.stop',
    setup: withSplit,
    act: (w) => w.splits.stop(WS, { model: 'm', expectedRevision: 2, ...by }),
  },
  {
    name: 'Splits.promote',
    setup: withSplit,
    act: (w) => w.splits.promote(WS, { model: 'm', version: '2', expectedRevision: 2, ...by }),
  },
  {
    name: 'Splits.revert',
    setup: withSplit,
    act: (w) => w.splits.revert(WS, { model: 'm', revision: 2, ...by }),
  },
  {
    name: 'Splits.told',
    setup: async (w) => {
      await withSplit(w);
      await w.splits.revert(WS, { model: 'm', revision: 2, ...by });
    },
    act: (w) => w.splits.told(WS, 'm', 3),
  },
  {
    name: 'Registry.moveAlias under a split',
    setup: withSplit,
    act: (w) => w.registry.moveAlias(WS, { model: 'm', alias: 'production', version: '3', ...by }),
  },
  {
    name: 'Registry.deleteVersion under a split',
    setup: withSplit,
    act: (w) => w.registry.deleteVersion(WS, { model: 'm', version: '2', ...by }).catch(ifGone),
  },
  {
    name: 'Registry.rollback with the version that it saw',
    setup: async (w) => {
      await withVersions(w, 3);
      const moves = [
        ['1', null],
        ['2', '1'],
        ['3', '2'],
      ] as const;
      for (const [version, expectedVersion] of moves) {
        await w.registry.moveAlias(WS, { model: 'm', alias: 'production', version, expectedVersion, ...by });
      }
    },
    // Its repeat finds the alias moved, and says so: that is how a caller learns that the first call had done it.
    act: (w) =>
      w.registry
        .rollback(WS, { model: 'm', alias: 'production', expectedVersion: '3', ...by })
        .catch((error) => {
          if (error.code !== 'ALIAS_MOVED') throw error;
        }),
  },
  {
    name: 'Registry.transitionStage to Production, archiving the others',
    setup: async (w) => {
      await withVersions(w, 4);
      for (const version of ['1', '2']) {
        await w.registry.transitionStage(WS, { model: 'm', version, stage: 'Production', ...by });
      }
    },
    act: (w) =>
      w.registry.transitionStage(WS, {
        model: 'm',
        version: '4',
        stage: 'Production',
        archiveExisting: true,
        expectedStage: 'None',
        ...by,
      }),
  },
  {
    name: 'Registry.transitionStage out of Production',
    setup: async (w) => {
      await withVersions(w, 2);
      await w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Production', ...by });
    },
    act: (w) => w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Archived', ...by }),
  },
  {
    name: 'Registry.deleteVersion',
    setup: async (w) => {
      await withVersions(w, 3);
      for (const version of ['1', '3']) {
        await w.registry.transitionStage(WS, { model: 'm', version, stage: 'Production', ...by });
      }
    },
    act: (w) => w.registry.deleteVersion(WS, { model: 'm', version: '3', ...by }).catch(ifGone),
  },
  {
    name: 'Registry.deleteAlias',
    setup: async (w) => {
      await withVersions(w, 2);
      await w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Production', ...by });
    },
    act: (w) => w.registry.deleteAlias(WS, { model: 'm', alias: 'production', ...by }),
  },
  {
    name: 'Registry.deleteModel',
    setup: async (w) => {
      await withVersions(w, 3);
      await w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Production', ...by });
    },
    act: (w) => w.registry.deleteModel(WS, 'm').catch(ifGone),
  },
  {
    name: 'Registry.renameModel',
    setup: async (w) => {
      await withVersions(w, 3);
      await w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Production', ...by });
    },
    act: (w) => w.registry.renameModel(WS, { model: 'm', newName: 'n', ...by }).catch(ifGone),
  },
  {
    name: 'Registry.setDescription',
    setup: (w) => withVersions(w, 1),
    act: (w) => w.registry.setDescription(WS, { model: 'm', version: '1' }, 'text'),
  },
  {
    name: 'Registry.changeTags',
    setup: (w) => withVersions(w, 1),
    act: (w) => w.registry.changeTags(WS, { model: 'm' }, { set: { a: '1' }, remove: ['b'] }),
  },
  {
    name: 'Registry.setPolicy',
    setup: (w) => withVersions(w, 1),
    act: (w) => w.registry.setPolicy(WS, { model: 'm', requireStaging: true, ...by }),
  },
  {
    name: 'Tokens.revoke',
    setup: async (w) => {
      // A fixed record in place of a random one, so that two worlds can be compared.
      const record = { tokenId: 'f'.repeat(16), workspace: WS, role: 'viewer', name: 'x', createdAt: 'now' };
      await w.items.put({ pk: `#token#${SHA}`, sk: 'token', ...record });
      await w.items.put({ pk: `${WS}#tokens`, sk: record.tokenId, ...record, hash: SHA });
    },
    act: (w) => w.tokens.revoke(WS, 'f'.repeat(16)),
  },
  {
    name: 'PredictionLog.recordBatch',
    setup: noSetup,
    act: (w) =>
      w.log.recordBatch(WS, {
        requestId: 'r',
        model: 'm',
        version: '1',
        at: '2026-01-01T00:00:00Z',
        rows: [],
        predictions: [],
      }),
  },
  {
    name: 'snapshotRun',
    setup: withRun,
    act: (w) => snapshotRun(WS, RUN, w),
  },
];

/** Times differ between a run with and without a crash. All else must not differ. */
const TIMES = new Set([
  // A run's end, in the entry by which a search finds it.
  'e',
  'startTime',
  'endTime',
  'createdAt',
  'startedAt',
  'endedAt',
  'acquiredAt',
  'queuedAt',
  'revokedAt',
  'ttl',
  'lastUpdated',
  'rev',
  'updates',
]);
function comparable(items: Item[]): string[] {
  return (
    items
      .map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => !TIMES.has(name))))
      .map((item) => JSON.stringify(item).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'))
      // Where a model lives is random.
      .map((text) => text.replaceAll(/:[0-9a-f]{16}(?=")/g, ':HOME'))
      .sort()
  );
}

describe.each(cases)('a crash within $name', ({ setup, act }) => {
  it('is mended by doing it again', async () => {
    const calm = world();
    await setup(calm);
    const before = calm.items.writes;
    await act(calm);
    const wanted = comparable(calm.items.dump());
    const writes = calm.items.writes - before;

    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at += 1) {
        const w = world();
        await setup(w);
        w.items.failWrite({ at, mode });
        await expect(act(w), `crash ${mode} write ${at}`).rejects.toThrow(CrashError);
        await act(w);
        expect(comparable(w.items.dump()), `crash ${mode} write ${at}`).toEqual(wanted);
      }
    }
  });

  it('changes nothing when it is simply done again', async () => {
    const w = world();
    await setup(w);
    await act(w);
    const once = comparable(w.items.dump());
    await act(w);
    expect(comparable(w.items.dump())).toEqual(once);
  });
});

describe('a crash within Experiments.getOrCreate', () => {
  it('leaves an id out at most, and one experiment of the name', async () => {
    for (const mode of ['before', 'after'] as const) {
      for (const at of [1, 2]) {
        const w = world();
        w.items.failWrite({ at, mode });
        await expect(w.experiments.getOrCreate(WS, 'e')).rejects.toThrow(CrashError);
        const made = await w.experiments.getOrCreate(WS, 'e');
        expect((await w.experiments.list(WS)).items.slice(1)).toEqual([made]);
        expect(await w.experiments.getByName(WS, 'e')).toEqual(made);
        expect(Number(made.experimentId)).toBeLessThanOrEqual(2);
      }
    }
  });
});

describe('a crash within dequeue', () => {
  it('takes the run out or leaves it, never half', async () => {
    for (const mode of ['before', 'after'] as const) {
      const w = world();
      await w.state.enqueue(WS, P, RUN);
      w.items.failWrite({ at: 1, mode });
      await expect(w.state.dequeue(WS, P)).rejects.toThrow(CrashError);
      const left = await w.state.dequeue(WS, P);
      expect(left?.runId).toBe(mode === 'before' ? RUN : undefined);
      expect(w.items.dump()).toEqual([]);
    }
  });
});

describe('a crash within Tokens.create', () => {
  it('leaves both items or none', async () => {
    for (const mode of ['before', 'after'] as const) {
      const w = world();
      w.items.failWrite({ at: 1, mode });
      await expect(w.tokens.create(WS, { role: 'viewer', name: 'x' })).rejects.toThrow(CrashError);
      expect(w.items.dump()).toHaveLength(mode === 'before' ? 0 : 2);
    }
  });
});
