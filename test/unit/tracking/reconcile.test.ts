import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import {
  type Finding,
  readSnapshot,
  reconcile,
  snapshotKey,
  snapshotRun,
  writeSnapshot,
} from '../../../lib/tracking/index.ts';
import { CrashError } from '../../support/memory.ts';
import {
  newRun,
  newVersion,
  OTHER_RUN,
  RUN,
  runId,
  SHA,
  type World,
  WS,
  withVersions,
  world,
} from './helpers.ts';

const P = 'housing';
const MODEL = `${WS}/models/${SHA}.arbm`;
const CLEAN = `${WS}/clean/${SHA}.parquet`;
const by = { actor: 'run', reason: 'better' };
const json = { contentType: 'application/json' };

const mend = (w: World, options: object = {}): Promise<Finding[]> =>
  reconcile(WS, w.stores, { fix: true, graceSeconds: 0, ...options });
const kinds = (findings: Finding[]) => findings.map(({ kind }) => kind).sort();

/** A pipeline's whole run: stages, metrics, artifacts, a version, promoted to production; its snapshot written. */
async function wholeRun(w: World, id = RUN): Promise<void> {
  const { experimentId } = await w.experiments.getOrCreate(WS, 'houses');
  await w.runs.create(WS, newRun(id, { experimentId, pipeline: P, params: { trees: '10' } }));
  await w.state.acquire(WS, P, id);
  await w.runs.begin(WS, id);
  await w.executions.start(id, {});
  await w.objects.put(CLEAN, 'rows', json);
  await w.objects.put(MODEL, 'model', json);
  const outputs = { clean: CLEAN, tiny: 1e-200, of: id };
  await w.stages.done(WS, { runId: id, stage: 'clean', attempt: 1, outputs, contentKey: SHA });
  await w.stages.done(WS, { runId: id, stage: 'train', item: '0', attempt: 1, outputs: {} });
  await w.state.setLast(WS, P, 'clean', { outputs, runId: id, contentKey: SHA });
  const metrics = [0, 1, 2].map((step) => ({
    key: 'r2',
    value: step === 2 ? Number.NaN : step / 2,
    step,
    timestamp: step,
  }));
  await w.runs.logBatch(WS, id, { metrics, tags: { 'data.synthetic': 'false' } });
  await w.runs.addArtifact(WS, id, {
    path: 'report.json',
    key: CLEAN,
    size: 4,
    contentType: 'application/json',
  });
  await w.runs.setLineage(WS, id, { datasetSha256: SHA, codeVersions: { clean: 'c1' } });
  await w.registry.createModel(WS, { name: 'm' });
  const { version } = await w.registry.createVersion(
    WS,
    'm',
    newVersion(id, { runId: id, metrics: { r2: Number.POSITIVE_INFINITY } }),
  );
  await w.runs.setTags(WS, id, { 'model.name': 'm', 'model.version': version });
  const { aliases } = await w.registry.getModel(WS, 'm');
  await w.registry.moveAlias(WS, {
    model: 'm',
    alias: 'production',
    version,
    expectedVersion: aliases.production ?? null,
    ...by,
  });
  await w.runs.finish(WS, id, { status: 'FINISHED' });
  w.executions.end(id, 'SUCCEEDED');
  await w.state.release(WS, P, id);
  await snapshotRun(WS, id, w);
}

/** What a reader sees of the run, its experiment and the registry. */
async function seen(w: World, id = RUN) {
  const run = await w.runs.get(WS, id);
  return {
    run,
    experiment: (await w.experiments.get(WS, run.experimentId)).name,
    listed: (await w.runs.list(WS, { pipeline: P })).items.length,
    stages: await w.stages.list(WS, id),
    artifacts: await w.runs.listArtifacts(WS, id),
    history: (await w.runs.metricHistory(WS, id, 'r2')).items,
    last: await w.state.getLast(WS, P, 'clean'),
    aliases: (await w.registry.getModel(WS, 'm')).aliases,
    latest: (await w.registry.getModel(WS, 'm')).latestVersion,
    versions: (await w.registry.listVersions(WS, 'm')).items,
    audit: (await w.registry.audit(WS, 'm')).items,
  };
}

describe('a snapshot', () => {
  it('reads back as it was written', async () => {
    const w = world();
    await wholeRun(w);
    const snapshot = await readSnapshot(w.objects, WS, RUN);
    expect(snapshot).toMatchObject({
      format: 1,
      experimentName: 'houses',
      identity: RUN,
      aliases: { production: '1' },
    });
    expect(snapshot!.run).toEqual(await w.runs.get(WS, RUN));
    expect(snapshot!.points!.map(({ value }) => value)).toEqual([0, 0.5, Number.NaN]);
    expect(snapshot!.version).toEqual(await w.registry.getVersion(WS, 'm', '1'));
    expect(snapshot!.registry).toMatchObject({ moves: 1, before: { production: [] } });
    expect(await readSnapshot(w.objects, WS, OTHER_RUN)).toBeUndefined();
  });

  it('is refused where it is damaged, or of another run', async () => {
    const w = world();
    await wholeRun(w);
    const text = new TextDecoder().decode(await w.objects.get(snapshotKey(WS, RUN)));
    await w.objects.put(snapshotKey(WS, OTHER_RUN), text, json);
    await expect(readSnapshot(w.objects, WS, OTHER_RUN)).rejects.toMatchObject({ code: 'INTEGRITY' });
    for (const damaged of [text.slice(0, -5), '{}', 'null', text.replace('FINISHED', 'DONE')]) {
      await w.objects.put(snapshotKey(WS, RUN), damaged, json);
      await expect(readSnapshot(w.objects, WS, RUN)).rejects.toMatchObject({ code: 'INTEGRITY' });
    }
    expect(kinds(await mend(w))).toEqual(['run-orphaned', 'snapshot-unreadable', 'snapshot-unreadable']);
  });
});

describe('reconcile', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });

  it('finds nothing where all is well, nor in an empty workspace', async () => {
    expect(await mend(w)).toEqual([]);
    await wholeRun(w);
    const before = w.items.dump();
    expect(await mend(w)).toEqual([]);
    expect(w.items.dump()).toEqual(before);
  });

  it('brings back a run, its metrics, version, alias and audit, lost as a whole', async () => {
    await wholeRun(w);
    const before = await seen(w);
    w.items.restore([]);
    const told = await mend(w, { fix: false });
    expect(kinds(told)).toEqual(['alias-behind', 'last-result-missing', 'run-missing', 'version-missing']);
    expect(told.every(({ fixed }) => !fixed)).toBe(true);
    expect(w.items.dump()).toEqual([]);
    const mended = await mend(w);
    expect(kinds(mended)).toEqual(kinds(told));
    expect(mended.every(({ fixed }) => fixed)).toBe(true);
    expect(await seen(w)).toEqual(before);
    expect(await mend(w)).toEqual([]);
  });

  it('brings back what came after the last clean stop', async () => {
    await wholeRun(w, RUN);
    const stop = w.items.dump();
    await wholeRun(w, OTHER_RUN);
    const before = await seen(w, OTHER_RUN);
    w.items.restore(stop);
    await mend(w);
    expect(await seen(w, OTHER_RUN)).toEqual(before);
    expect(before.aliases).toEqual({ production: '2' });
    const { aliases } = await w.registry.rollback(WS, { model: 'm', alias: 'production', ...by });
    expect(aliases).toEqual({ production: '1' });
    expect(await mend(w)).toMatchObject([]);
  });

  it('brings back stages and policy, of versions too whose own snapshot is older', async () => {
    await wholeRun(w, RUN);
    await wholeRun(w, OTHER_RUN);
    await wholeRun(w, runId(7));
    const to = (version: string, stage: 'Staging' | 'Production' | 'Archived') =>
      w.registry.transitionStage(WS, { model: 'm', version, stage, ...by });
    await w.registry.setPolicy(WS, { model: 'm', requireStaging: true, ...by });
    await to('2', 'Staging');
    await to('1', 'Staging');
    await to('1', 'Archived');
    await to('3', 'Archived');
    await snapshotRun(WS, RUN, w);
    const registry = async () => ({
      model: await w.registry.getModel(WS, 'm'),
      exported: (await w.registry.exportVersion(WS, 'm', '2')).registry,
      stages: (await w.registry.listVersions(WS, 'm')).items.map(({ stage }) => stage),
    });
    const before = await registry();
    expect(before).toMatchObject({
      model: { aliases: {}, policy: { requireStaging: true } },
      exported: { stages: { Staging: ['2'], Production: [] } },
      stages: ['Archived', 'Staging', 'Archived'],
    });
    const stop = w.items.dump();
    w.items.restore([]);
    await mend(w);
    const { createdAt, ...same } = before.model;
    expect(await registry()).toMatchObject({ ...before, model: same });
    expect(await mend(w)).toEqual([]);
    // What a rollback brings back is known too.
    const back = await w.registry.rollback(WS, { model: 'm', alias: 'production', ...by });
    expect(back.aliases).toEqual({ production: '3' });
    expect(createdAt).toBeDefined();
    w.items.restore(stop);
    expect(await mend(w)).toEqual([]);
  });

  it('brings back a traffic split, with the seed that callers are assigned by; not one whose version is lost', async () => {
    await wholeRun(w, RUN);
    await wholeRun(w, OTHER_RUN);
    const arms = [
      { version: '1', weight: 30 },
      { version: '2', weight: 70 },
    ];
    const guard = { maxErrorRate: 0.1, maxLatencyMs: 9, minRequests: 5, windowMinutes: 10 };
    await w.splits.set(WS, { model: 'm', split: { kind: 'blue-green', arms, guard }, ...by });
    await snapshotRun(WS, OTHER_RUN, w);
    const before = [await w.splits.get(WS, 'm'), (await w.splits.route(WS, 'm')).split?.seed];
    expect(before[0]).toMatchObject({ arms, guard, state: 'running' });
    w.items.restore([]);
    await mend(w);
    expect([await w.splits.get(WS, 'm'), (await w.splits.route(WS, 'm')).split?.seed]).toEqual(before);
    expect(await mend(w)).toEqual([]);
    // A stop that was made since is known too, and a split of a version that no snapshot has is not brought back.
    const running = w.items.dump();
    await w.splits.stop(WS, { model: 'm', ...by });
    await snapshotRun(WS, OTHER_RUN, w);
    w.items.restore(running);
    await mend(w);
    expect(await w.splits.get(WS, 'm')).toBeNull();
    await w.splits.set(WS, { model: 'm', split: { kind: 'ab', arms }, ...by });
    await snapshotRun(WS, OTHER_RUN, w);
    await w.objects.remove(snapshotKey(WS, RUN));
    w.items.restore([]);
    await mend(w);
    expect((await w.registry.listVersions(WS, 'm')).items.map(({ version }) => version)).toEqual(['2']);
    expect(await w.splits.get(WS, 'm')).toBeNull();
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual({ production: '2' });
  });

  it('takes an alias away again that was taken away after the last clean stop', async () => {
    await wholeRun(w);
    const stop = w.items.dump();
    await w.registry.transitionStage(WS, { model: 'm', version: '1', stage: 'Archived', ...by });
    await snapshotRun(WS, RUN, w);
    w.items.restore(stop);
    expect(kinds(await mend(w))).toEqual(['alias-behind']);
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual({});
    expect((await w.registry.getVersion(WS, 'm', '1')).stage).toBe('Archived');
  });

  it('brings a run up to its snapshot where DynamoDB has it as it was before', async () => {
    await wholeRun(w);
    const before = await seen(w);
    const header = { pk: `${WS}#run#${RUN}`, sk: '0#run' };
    await w.items.update(header, { set: { status: 'RUNNING', document: '[]' }, remove: ['endTime'] });
    const findings = await mend(w);
    expect(kinds(findings)).toEqual(['run-behind']);
    expect(await seen(w)).toEqual(before);
  });

  it('is safe to end at any write and to begin again', async () => {
    await wholeRun(w);
    const before = await seen(w);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; ; at += 1) {
        w.items.restore([]);
        w.items.failWrite({ at, mode });
        const ended = await mend(w).then(
          () => false,
          (error) => error instanceof CrashError,
        );
        w.items.failWrite(undefined);
        if (!ended) break;
        await mend(w);
        expect(await seen(w), `${mode} ${at}`).toEqual(before);
        expect(await mend(w)).toEqual([]);
      }
    }
  });

  it('builds a run from the short snapshot too: no history, no count of moves', async () => {
    await wholeRun(w);
    const full = (await readSnapshot(w.objects, WS, RUN))!;
    const { run, stages, artifacts, version, aliases } = full;
    await writeSnapshot(w.objects, WS, {
      run: { ...run, metrics: { r2: 0.5 } },
      stages,
      artifacts,
      version,
      aliases,
    });
    w.items.restore([]);
    await mend(w);
    expect((await w.runs.get(WS, RUN)).metrics).toEqual({ r2: 0.5 });
    expect((await w.registry.resolve(WS, 'm', { alias: 'production' })).runId).toBe(RUN);
    expect((await w.registry.audit(WS, 'm')).items).toMatchObject([{ actor: 'reconcile', toVersion: '1' }]);
    expect(await mend(w)).toEqual([]);
  });

  it('finds from short snapshots too that moves were lost, and moves again so that a rollback can go back', async () => {
    const shorten = async (id: string) => {
      const { run, stages, artifacts, version, aliases } = (await readSnapshot(w.objects, WS, id))!;
      await writeSnapshot(w.objects, WS, { run, stages, artifacts, version, aliases });
    };
    await wholeRun(w, RUN);
    await shorten(RUN);
    const stop = w.items.dump();
    await wholeRun(w, OTHER_RUN);
    await shorten(OTHER_RUN);
    expect(await mend(w)).toEqual([]);
    w.items.restore(stop);
    expect(kinds(await mend(w))).toContain('alias-behind');
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual({ production: '2' });
    expect(await mend(w)).toEqual([]);
    await w.registry.rollback(WS, { model: 'm', alias: 'production', ...by });
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual({ production: '1' });
    expect(await mend(w)).toEqual([]);
  });

  it('gives a version whose number has gone to another the next number', async () => {
    await wholeRun(w);
    w.items.restore([]);
    await withVersions(w, 1);
    expect(kinds(await mend(w))).toContain('version-renumbered');
    const versions = (await w.registry.listVersions(WS, 'm')).items;
    expect(versions.map(({ version, runId: of }) => [version, of])).toEqual([
      ['2', RUN],
      ['1', RUN],
    ]);
    expect((await w.runs.get(WS, RUN)).tags['model.version']).toBe('2');
  });

  it('does not undo moves that came after the snapshot', async () => {
    await wholeRun(w);
    await w.registry.createVersion(WS, 'm', newVersion('2'));
    await w.registry.moveAlias(WS, {
      model: 'm',
      alias: 'production',
      version: '2',
      expectedVersion: '1',
      ...by,
    });
    expect(await mend(w)).toEqual([]);
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual({ production: '2' });
  });

  it('does not bring back a model that was deleted, but one made anew under its name', async () => {
    const w = world();
    await wholeRun(w);
    await w.registry.deleteModel(WS, 'm');
    expect(await mend(w)).toEqual([]);
    await expect(w.registry.getModel(WS, 'm')).rejects.toThrow(NotFoundError);
    await wholeRun(w, OTHER_RUN);
    const whole = await seen(w, OTHER_RUN);
    const lost = w.items.dump().filter(({ pk, sk }) => !pk.includes('#model') || sk === 'm');
    w.items.restore(lost.filter(({ pk }) => pk !== `${WS}#models`));
    expect(kinds(await mend(w))).toEqual(['alias-behind', 'version-missing']);
    expect(await seen(w, OTHER_RUN)).toEqual(whole);
  });

  it('knows a model by the names that it has had, and that it has back', async () => {
    const w = world();
    await wholeRun(w);
    const rename = (model: string, newName: string) => w.registry.renameModel(WS, { model, newName, ...by });
    await rename('m', 'n');
    expect(await mend(w)).toEqual([]);
    expect((await w.registry.listModels(WS)).items.map(({ name }) => name)).toEqual(['n']);
    await rename('n', 'm');
    expect(await mend(w)).toEqual([]);
    expect((await w.registry.listModels(WS)).items.map(({ name }) => name)).toEqual(['m']);
    await rename('m', 'n');
    await w.registry.deleteVersion(WS, { model: 'n', version: '1', ...by });
    expect(await mend(w)).toEqual([]);
    expect((await w.registry.listVersions(WS, 'n')).items).toEqual([]);
    await w.registry.deleteModel(WS, 'n');
    expect(await mend(w)).toEqual([]);
    expect((await w.registry.listModels(WS)).items).toEqual([]);
  });

  it('keeps the version of the pipeline in the snapshot, whatever else was registered of its run', async () => {
    const w = world();
    await wholeRun(w);
    await w.registry.createModel(WS, { name: 'copy' });
    const copy = { identity: 'c', runId: RUN, source: 's3://bucket/model' };
    await w.registry.createVersion(WS, 'copy', copy);
    await snapshotRun(WS, RUN, w, { model: 'copy', version: '1' });
    expect((await readSnapshot(w.objects, WS, RUN))?.version).toMatchObject({ name: 'm', modelKey: MODEL });
    await w.registry.renameModel(WS, { model: 'm', newName: 'n', ...by });
    await snapshotRun(WS, RUN, w, { model: 'n', version: '1' });
    expect((await readSnapshot(w.objects, WS, RUN))?.version).toMatchObject({ name: 'n', modelKey: MODEL });
  });

  it('gives the number of a deleted version to no other, though the table was lost', async () => {
    const w = world();
    await wholeRun(w);
    await w.registry.createVersion(WS, 'm', newVersion('other'));
    await w.registry.deleteVersion(WS, { model: 'm', version: '2', ...by });
    await snapshotRun(WS, RUN, w);
    w.items.restore([]);
    await mend(w);
    expect((await w.registry.createVersion(WS, 'm', newVersion('third'))).version).toBe('3');
  });

  it('brings back a version of another flavour: its source, its logged model, no file of ours', async () => {
    const w = world();
    await w.experiments.create(WS, { name: 'theirs' });
    const { runId: id } = await w.clientRuns.create(WS, { experimentId: '1', startTime: 5, userId: 'ada' });
    const modelId = `m-${'4'.repeat(32)}`;
    await w.registry.createNewModel(WS, { name: 'foreign', description: 'a forest', tags: { k: 'v' } });
    const source = `mlflow-artifacts:/1/models/${modelId}/artifacts`;
    const texts = { description: 'first', tags: { t: 'u' }, userId: 'ada' };
    await w.registry.createVersion(WS, 'foreign', { identity: 'x', runId: id, source, modelId, ...texts });
    await w.registry.moveAlias(WS, { model: 'foreign', alias: 'champion', version: '1', ...by });
    const before = {
      model: await w.registry.getModel(WS, 'foreign'),
      versions: (await w.registry.listVersions(WS, 'foreign')).items,
      run: await w.clientRuns.get(WS, id),
    };
    await snapshotRun(WS, id, { ...w, clock: w.clock }, { model: 'foreign', version: '1' });
    const kept = w.items.dump().filter(({ pk }) => pk.includes('#experiment'));
    w.items.restore(kept);
    expect(kinds(await mend(w))).toEqual(['alias-behind', 'run-missing', 'version-missing']);
    expect((await w.registry.listVersions(WS, 'foreign')).items).toEqual(before.versions);
    const { createdAt: _, ...model } = before.model;
    expect(await w.registry.getModel(WS, 'foreign')).toMatchObject(model);
    expect(await w.clientRuns.get(WS, id)).toEqual(before.run);
    expect(await mend(w)).toEqual([]);
  });

  it('brings back a deleted run as deleted, with its datasets, models and the long list of these', async () => {
    const w = world();
    await w.experiments.create(WS, { name: 'theirs' });
    const { runId: id } = await w.clientRuns.create(WS, { experimentId: '1', startTime: 5 });
    const digest = { name: 'houses', digest: 'd1', sourceType: 'local', source: '{}' };
    const dataset = { ...digest, schema: '{"a":1}', profile: '{"rows":5}' };
    const tags = { 'mlflow.data.context': 'training' };
    const [read, made] = ['2', '3'].map((digit) => `m-${digit.repeat(32)}`) as [string, string];
    await w.clientRuns.logInputs(WS, id, { datasets: [{ dataset, tags }], models: [read] });
    await w.clientRuns.logOutputs(WS, id, [{ modelId: made, step: 7 }]);
    await w.clientRuns.addModelToHistory(WS, id, JSON.stringify({ flavors: 'f'.repeat(20_000) }));
    await w.clientRuns.setLifecycle(WS, id, 'deleted');
    const before = await w.clientRuns.get(WS, id);
    await snapshotRun(WS, id, { ...w, clock: w.clock });
    w.items.restore(w.items.dump().filter(({ pk }) => pk.includes('#experiment')));
    expect(kinds(await mend(w))).toEqual(['run-missing']);
    expect(await w.clientRuns.get(WS, id)).toEqual(before);
    const query = { experimentIds: ['1'], maxResults: 5, filter: "dataset.name = 'houses'" };
    expect((await w.runs.search(WS, { ...query, viewType: 'DELETED_ONLY' })).runs).toHaveLength(1);
  });

  it('leaves a run of a client alone, however long it runs: no execution works on it', async () => {
    const { runId: id } = await w.clientRuns.create(WS, { experimentId: '0', startTime: 5 });
    expect(await mend(w)).toEqual([]);
    expect((await w.runs.get(WS, id)).status).toBe('RUNNING');
  });

  it('records a run of which only objects are left', async () => {
    await w.objects.put(`${WS}/runs/${RUN}/logs/clean-1.jsonl`, '{}', json);
    await w.objects.put(`${WS}/runs/not-a-run/x`, '{}', json);
    expect(kinds(await mend(w))).toEqual(['run-orphaned']);
    expect(await w.runs.get(WS, RUN)).toMatchObject({ status: 'FAILED', error: { code: 'RUN_LOST' } });
    expect(await mend(w)).toEqual([]);
  });

  it.each([
    ['SUCCEEDED', 'FINISHED'],
    ['FAILED', 'FAILED'],
    ['TIMED_OUT', 'FAILED'],
    ['ABORTED', 'KILLED'],
  ] as const)('ends a run whose execution %s as %s', async (execution, status) => {
    await w.runs.create(WS, newRun(RUN, { pipeline: P }));
    await w.runs.begin(WS, RUN);
    await w.state.acquire(WS, P, RUN);
    await w.executions.start(RUN, {});
    expect(await mend(w)).toEqual([]);
    w.executions.end(RUN, execution);
    expect(kinds(await mend(w))).toEqual(['lock-stale', 'run-without-execution']);
    const run = await w.runs.get(WS, RUN);
    expect(run.status).toBe(status);
    expect(run.error?.code).toBe(status === 'FINISHED' ? undefined : 'RUN_LOST');
    expect(await w.state.holder(WS, P)).toBeUndefined();
    expect(await mend(w)).toEqual([]);
  });

  it('ends a running run that has no execution, looking under the name of its attempt', async () => {
    await w.runs.create(WS, newRun(RUN));
    await w.runs.finish(WS, RUN, { status: 'FAILED' });
    await w.runs.nextAttempt(WS, RUN);
    await w.executions.start(`${RUN}-2`, {});
    expect(await mend(w)).toEqual([]);
    w.executions.all.clear();
    expect(kinds(await mend(w))).toEqual(['run-without-execution']);
    expect((await w.runs.get(WS, RUN)).status).toBe('FAILED');
  });

  it('leaves alone what is younger than the grace', async () => {
    await w.runs.create(WS, newRun(RUN, { pipeline: P }));
    await w.runs.begin(WS, RUN);
    await w.runs.create(WS, newRun(OTHER_RUN, { pipeline: P }));
    await w.state.acquire(WS, P, runId(9));
    await w.state.enqueue(WS, P, runId(8));
    await w.objects.put(`${WS}/runs/${runId(7)}/x`, '', json);
    expect(await mend(w, { graceSeconds: undefined })).toEqual([]);
    w.clock.advance(61_000);
    expect(kinds(await mend(w, { graceSeconds: undefined }))).toEqual([
      'lock-stale',
      'queue-stale',
      'run-not-queued',
      'run-orphaned',
      'run-without-execution',
    ]);
    expect(await mend(w)).toEqual([]);
  });

  it('keeps a run that waits in its queue, and takes out one that has ended', async () => {
    await w.runs.create(WS, newRun(RUN, { pipeline: P }));
    await w.runs.create(WS, newRun(OTHER_RUN, { pipeline: P }));
    await w.state.enqueue(WS, P, RUN);
    await w.state.enqueue(WS, P, OTHER_RUN);
    await w.runs.finish(WS, OTHER_RUN, { status: 'KILLED' });
    expect(kinds(await mend(w))).toEqual(['queue-stale']);
    expect((await w.state.queue(WS, P)).map((entry) => entry.runId)).toEqual([RUN]);
  });

  it('forgets results and sources whose objects are gone, and tags versions', async () => {
    await wholeRun(w);
    await w.stages.remember(WS, {
      contentKey: SHA,
      stage: 'clean',
      outputs: { deep: [{ key: CLEAN }] },
      runId: RUN,
      createdAt: 'x',
    });
    const source = {
      key: `${WS}/raw/${SHA}`,
      sha256: SHA,
      fileName: 'a.csv',
      bytes: 1,
      pushedAt: 'x',
      synthetic: false as const,
    };
    await w.state.setSource(WS, P, source);
    await w.objects.remove(CLEAN);
    await w.objects.remove(MODEL);
    expect(kinds(await mend(w))).toEqual([
      'cache-dangling',
      'cache-dangling',
      'source-missing',
      'version-without-object',
    ]);
    expect(await w.stages.cached(WS, SHA)).toBeUndefined();
    expect(await w.state.getLast(WS, P, 'clean')).toBeUndefined();
    expect(await w.state.getSource(WS, P)).toBeUndefined();
    expect((await w.registry.getVersion(WS, 'm', '1')).tags['arboleda.model_missing']).toBe('true');
    expect(await mend(w)).toEqual([]);
  });
});
