import { beforeEach, describe, expect, it } from 'vitest';
import { AlreadyExistsError, InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { ExperimentDeletedError, Experiments } from '../../../lib/tracking/index.ts';
import { RunSearch } from '../../../lib/tracking/run-search/index.ts';
import { CrashError } from '../../support/memory.ts';
import { newRun, runId, type World, WS, world } from './helpers.ts';
import { afterReadOf } from './interleave.ts';

let w: World;
beforeEach(() => {
  w = world();
});

const make = async (name: string): Promise<string> => (await w.experiments.create(WS, { name })).experimentId;
const stages = async (count: number) =>
  Promise.all(
    Array.from(
      { length: count },
      async (_, i) => (await w.runs.get(WS, runId(i))).lifecycleStage ?? 'active',
    ),
  );

describe('making', () => {
  it('gives the next id, the default place, and the time', async () => {
    const made = await w.experiments.create(WS, { name: 'a', tags: { k: 'v' } });
    expect(made).toMatchObject({
      experimentId: '1',
      lifecycleStage: 'active',
      artifactLocation: 'mlflow-artifacts:/1',
      tags: { k: 'v' },
    });
    expect(made.lastUpdateTime).toBe(made.createdAt);
    expect(await w.experiments.get(WS, '1')).toEqual(made);
    expect(await w.experiments.getByName(WS, 'a')).toEqual(made);
  });

  it('keeps a place of its own', async () => {
    const made = await w.experiments.create(WS, { name: 'a', artifactLocation: 's3://theirs/x' });
    expect((await w.experiments.get(WS, made.experimentId)).artifactLocation).toBe('s3://theirs/x');
  });

  it('refuses a name that is taken, also by Default and by a deleted one', async () => {
    await make('a');
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    for (const name of ['a', 'Default']) {
      await expect(w.experiments.create(WS, { name })).rejects.toThrow(AlreadyExistsError);
    }
    expect(await w.experiments.all(WS)).toHaveLength(2);
  });

  it('lets one of racing makers win', async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => make('x')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all) {
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(AlreadyExistsError);
    }
  });

  it('takes any text of 1 to 500 characters as a name, as MLflow does', async () => {
    for (const name of ['  ', 'a/b:c', 'tab\t', '😀'.repeat(500)]) {
      expect((await w.experiments.getByName(WS, (await w.experiments.create(WS, { name })).name)).name).toBe(
        name,
      );
    }
    await expect(w.experiments.create(WS, { name: '' })).rejects.toThrow("Invalid experiment name: ''");
    await expect(w.experiments.create(WS, { name: '😀'.repeat(501) })).rejects.toThrow(
      "'name' exceeds the maximum length of 500 characters",
    );
  });

  it('reads an item of before experiments had a lifecycle', async () => {
    await w.items.put({
      pk: `${WS}#experiments`,
      sk: '7'.padStart(19, '0'),
      experimentId: '7',
      name: 'old',
      createdAt: '2026-01-01T00:00:00.000Z',
      tags: '{}',
    });
    expect(await w.experiments.get(WS, '7')).toMatchObject({
      lifecycleStage: 'active',
      lastUpdateTime: '2026-01-01T00:00:00.000Z',
      artifactLocation: 'mlflow-artifacts:/7',
    });
    await w.experiments.setTag(WS, '7', 'k', 'v');
    expect((await w.experiments.get(WS, '7')).tags).toEqual({ k: 'v' });
  });
});

describe('renaming', () => {
  it('moves the name: the old one is free, the new one taken', async () => {
    await make('a');
    const renamed = await w.experiments.rename(WS, '1', 'b');
    expect(renamed.lastUpdateTime > renamed.createdAt).toBe(true);
    expect((await w.experiments.getByName(WS, 'b')).experimentId).toBe('1');
    await expect(w.experiments.getByName(WS, 'a')).rejects.toThrow(NotFoundError);
    expect(await make('a')).toBe('2');
    await expect(w.experiments.rename(WS, '2', 'b')).rejects.toThrow(AlreadyExistsError);
  });

  it('takes its own name again as a change, and none for a deleted one', async () => {
    await make('a');
    const again = await w.experiments.rename(WS, '1', 'a');
    expect(again.lastUpdateTime > again.createdAt).toBe(true);
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    await expect(w.experiments.rename(WS, '1', 'b')).rejects.toThrow(ExperimentDeletedError);
  });

  it('gives two who want one name to one of them', async () => {
    await make('a');
    await make('b');
    const all = await Promise.allSettled(['1', '2'].map((id) => w.experiments.rename(WS, id, 'c')));
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const names = (await w.experiments.all(WS)).map(({ name }) => name).sort();
    expect(names.filter((name) => name === 'c')).toHaveLength(1);
    for (const { experimentId, name } of await w.experiments.all(WS)) {
      expect((await w.experiments.getByName(WS, name)).experimentId).toBe(experimentId);
    }
  });

  it('is whole or not at all when it crashes, and a repeat completes it', async () => {
    for (const mode of ['before', 'after'] as const) {
      w = world();
      await make('a');
      w.items.failWrite({ at: 1, mode });
      await expect(w.experiments.rename(WS, '1', 'b')).rejects.toThrow(CrashError);
      await w.experiments.rename(WS, '1', 'b');
      expect((await w.experiments.getByName(WS, 'b')).experimentId).toBe('1');
      await expect(w.experiments.getByName(WS, 'a')).rejects.toThrow(NotFoundError);
    }
  });
});

describe('Default', () => {
  it('can be renamed; then its name is free, and taken again it is not', async () => {
    await w.experiments.rename(WS, '0', 'zero');
    expect((await w.experiments.getByName(WS, 'zero')).experimentId).toBe('0');
    await expect(w.experiments.getByName(WS, 'Default')).rejects.toThrow(NotFoundError);
    expect(await make('Default')).toBe('1');
    await expect(w.experiments.rename(WS, '0', 'Default')).rejects.toThrow(AlreadyExistsError);
    expect((await w.experiments.all(WS)).map(({ experimentId }) => experimentId)).toEqual(['0', '1']);
    expect((await w.experiments.list(WS)).items.map(({ name }) => name)).toEqual(['zero', 'Default']);
  });

  it('can be renamed back', async () => {
    await w.experiments.rename(WS, '0', 'zero');
    await w.experiments.rename(WS, '0', 'Default');
    expect((await w.experiments.getByName(WS, 'Default')).experimentId).toBe('0');
    await expect(make('Default')).rejects.toThrow(AlreadyExistsError);
  });

  it('can be tagged, deleted and restored like any other', async () => {
    await w.experiments.setTag(WS, '0', 'k', 'v');
    await w.experiments.setLifecycle(WS, '0', 'deleted');
    expect(await w.experiments.get(WS, '0')).toMatchObject({ lifecycleStage: 'deleted', tags: { k: 'v' } });
    await w.experiments.setLifecycle(WS, '0', 'active');
    expect((await w.experiments.all(WS)).map(({ name }) => name)).toEqual(['Default']);
  });
});

describe('tags', () => {
  it('are set and deleted, and leave the time of the last update alone', async () => {
    await make('a');
    const before = await w.experiments.get(WS, '1');
    await w.experiments.setTag(WS, '1', 'k', 'v');
    await w.experiments.setTag(WS, '1', 'constructor', 'x');
    await w.experiments.setTag(WS, '1', 'k', 'w');
    const after = await w.experiments.get(WS, '1');
    expect(after).toEqual({ ...before, tags: { k: 'w', constructor: 'x' } });
    await w.experiments.deleteTag(WS, '1', 'k');
    expect((await w.experiments.get(WS, '1')).tags).toEqual({ constructor: 'x' });
    await expect(w.experiments.deleteTag(WS, '1', 'toString')).rejects.toThrow(
      'No tag with name: toString in experiment with id 1',
    );
  });

  it('of eight writers at once are all kept', async () => {
    await make('a');
    await Promise.all(Array.from({ length: 8 }, (_, i) => w.experiments.setTag(WS, '1', `k${i}`, String(i))));
    expect(Object.keys((await w.experiments.get(WS, '1')).tags).sort()).toEqual(
      Array.from({ length: 8 }, (_, i) => `k${i}`),
    );
  });

  it('of a deleted experiment do not change', async () => {
    await make('a');
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    await expect(w.experiments.setTag(WS, '1', 'k', 'v')).rejects.toThrow(InvalidInputError);
    await expect(w.experiments.deleteTag(WS, '1', 'k')).rejects.toThrow(
      "The experiment 1 must be in the 'active' state. Current state is deleted.",
    );
  });
});

describe('deleting and restoring', () => {
  const RUNS = 40;
  beforeEach(async () => {
    await make('a');
    for (let i = 0; i < RUNS; i += 1) await w.runs.create(WS, newRun(runId(i)));
  });

  it('takes the runs along, both ways', async () => {
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    expect(await stages(RUNS)).toEqual(Array(RUNS).fill('deleted'));
    await w.experiments.setLifecycle(WS, '1', 'active');
    expect(await stages(RUNS)).toEqual(Array(RUNS).fill('active'));
  });

  it('takes child runs along, which stand in no list of the experiment, and the search sees it', async () => {
    const child = newRun('c'.repeat(32), { tags: { 'mlflow.parentRunId': runId(0) } });
    await w.runs.create(WS, child);
    const search = new RunSearch(w.items);
    const seen = async (view: 'ACTIVE_ONLY' | 'DELETED_ONLY') =>
      (await search.search(WS, { experimentIds: ['1'], viewType: view, maxResults: 100 })).runs.length;
    expect([await seen('ACTIVE_ONLY'), await seen('DELETED_ONLY')]).toEqual([RUNS + 1, 0]);
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    expect((await w.runs.get(WS, child.runId)).lifecycleStage).toBe('deleted');
    expect([await seen('ACTIVE_ONLY'), await seen('DELETED_ONLY')]).toEqual([0, RUNS + 1]);
    await w.experiments.setLifecycle(WS, '1', 'active');
    expect([await seen('ACTIVE_ONLY'), await seen('DELETED_ONLY')]).toEqual([RUNS + 1, 0]);
  });

  it('takes child runs along, also one whose parent is in another experiment', async () => {
    const elsewhere = await make('b');
    await w.runs.create(WS, newRun(runId(RUNS), { experimentId: elsewhere }));
    for (const [child, parent] of [
      [RUNS + 1, 0],
      [RUNS + 2, RUNS],
      [RUNS + 3, RUNS + 1],
    ] as const) {
      await w.runs.create(WS, newRun(runId(child), { tags: { 'mlflow.parentRunId': runId(parent) } }));
    }
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    const deleted = Array(RUNS + 4).fill('deleted');
    deleted[RUNS] = 'active';
    expect(await stages(RUNS + 4)).toEqual(deleted);
    await w.experiments.setLifecycle(WS, '1', 'active');
    expect(await stages(RUNS + 4)).toEqual(Array(RUNS + 4).fill('active'));
  });

  it('passes over a run of which the index alone knows, since its maker was ended', async () => {
    const tags = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, 'x']));
    w.items.failWrite({ at: 2, mode: 'before' });
    await expect(w.runs.create(WS, newRun(runId(RUNS), { tags }))).rejects.toThrow(CrashError);
    w.items.failWrite(undefined);
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    expect(await stages(RUNS)).toEqual(Array(RUNS).fill('deleted'));
  });

  it('turned the other way before it was done leaves no run behind', async () => {
    const last = { pk: `${WS}#run#${runId(RUNS - 1)}`, sk: '0#run' };
    const slow = new Experiments(
      afterReadOf(w.items, last, () => w.experiments.setLifecycle(WS, '1', 'active')),
      w.clock,
    );
    await slow.setLifecycle(WS, '1', 'deleted');
    expect((await w.experiments.get(WS, '1')).lifecycleStage).toBe('active');
    expect(await stages(RUNS)).toEqual(Array(RUNS).fill('active'));
  });

  it('is there once: a repeat finds none in the other stage', async () => {
    await expect(w.experiments.setLifecycle(WS, '1', 'active')).rejects.toThrow(
      'No Experiment with id=1 exists',
    );
    await w.experiments.setLifecycle(WS, '1', 'deleted');
    await expect(w.experiments.setLifecycle(WS, '1', 'deleted')).rejects.toThrow(NotFoundError);
    await expect(w.experiments.setLifecycle(WS, '9', 'deleted')).rejects.toThrow(NotFoundError);
  });

  it('that crashed at any write is completed by repeating it', async () => {
    for (const mode of ['before', 'after'] as const) {
      for (const at of [1, 2, 20, RUNS, RUNS + 1]) {
        w = world();
        await make('a');
        for (let i = 0; i < RUNS; i += 1) await w.runs.create(WS, newRun(runId(i)));
        w.items.failWrite({ at, mode });
        await expect(w.experiments.setLifecycle(WS, '1', 'deleted'), `${mode} ${at}`).rejects.toThrow(
          CrashError,
        );
        // Where all was written but the answer, the repeat finds none that is active.
        await w.experiments.setLifecycle(WS, '1', 'deleted').catch((error: unknown) => {
          expect(error).toBeInstanceOf(NotFoundError);
        });
        expect(await stages(RUNS)).toEqual(Array(RUNS).fill('deleted'));
        await w.experiments.setLifecycle(WS, '1', 'active');
        expect(await stages(RUNS)).toEqual(Array(RUNS).fill('active'));
      }
    }
  });
});
