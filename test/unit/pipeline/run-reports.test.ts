import { beforeEach, describe, expect, it } from 'vitest';
import { PipelineRunControl } from '../../../lib/pipeline/control/index.ts';
import { logisticRegression } from '../../../lib/pipeline/index.ts';
import { RunReports } from '../../../lib/pipeline/run-reports/index.ts';
import { childrenOf } from '../../../lib/pipeline/stages/child-runs.ts';
import type { Principal, Run } from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { CrashError } from '../../support/memory.ts';
import { execute, type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const WS = 'default';
const HOUSES = 'tiny-houses';
const me: Principal = { tokenId: 't1', workspace: WS, role: 'operator', name: 'me' };
let world: PipelineWorld;
let files: Record<string, Uint8Array>;
let reports: RunReports;
let control: PipelineRunControl;

beforeEach(() => {
  files = { [HOUSES]: tinyHousesCsv(), 'tiny-classes': tinyClassesCsv() };
  const classes = tinyClasses({ candidates: [logisticRegression(), logisticRegression({ C: 0.2 })] });
  world = pipelineWorld([tinyHouses({ maxBadShare: 0.2 }), classes], files);
  reports = new RunReports(world.deps);
  control = new PipelineRunControl(world.deps);
});

const text = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
const linesOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd().split('\n');

describe('the report of a run', () => {
  it('has the confusion matrix, the figures of each class, and a line a candidate', async () => {
    const run = await runToEnd(world.deps, 'tiny-classes');
    const { evaluation, importance, shap, dependence, candidates } = await reports.report(WS, run.runId);
    expect(evaluation?.classes).toEqual(['no', 'yes']);
    const rows = evaluation?.confusion?.flat().reduce((sum, count) => sum + count, 0);
    expect(rows).toBe(evaluation?.rows);
    expect(rows).toBe(40);
    // Recall of a class is its row of the matrix.
    const [first] = evaluation?.perClass ?? [];
    const [row = []] = evaluation?.confusion ?? [];
    expect(first?.recall).toBeCloseTo((row[0] ?? 0) / ((row[0] ?? 0) + (row[1] ?? 0)));
    expect(evaluation?.residuals).toBeUndefined();
    expect(importance?.features.map(({ feature }) => feature).sort()).toEqual(['x', 'y']);
    expect(shap?.features[0]?.mean).toBeGreaterThan(0);
    expect(dependence?.features[0]?.labels.length).toBe((dependence?.features[0]?.average.length ?? 0) / 2);
    expect(candidates?.map(({ item, algorithm }) => [item, algorithm])).toEqual([
      [0, 'logistic-regression'],
      [1, 'logistic-regression'],
    ]);
  });

  it('has residuals of a regression, as many as test rows', async () => {
    const run = await runToEnd(world.deps, HOUSES);
    const { evaluation } = await reports.report(WS, run.runId);
    expect(evaluation?.residuals?.actual).toHaveLength(40);
    expect(evaluation?.confusion).toBeUndefined();
  });

  it('is empty where nothing was evaluated, and never what a client uploaded', async () => {
    const run = await runToEnd(world.deps, HOUSES, { to: 'clean' });
    expect(await reports.report(WS, run.runId)).toEqual({});
    await world.objects.put(
      `${WS}/artifacts/0/${run.runId}/artifacts/reports/evaluation.json`,
      '{"task":1}',
      {
        contentType: 'application/json',
      },
    );
    expect(await reports.report(WS, run.runId)).toEqual({});
  });

  it('leaves out a part of another form', async () => {
    const run = await runToEnd(world.deps, HOUSES);
    const key = `${WS}/reports/odd.json`;
    await world.objects.put(key, '{"features":"none"}', { contentType: 'application/json' });
    const path = 'reports/shap_summary.json';
    await world.deps.runs.addArtifact(WS, run.runId, {
      path,
      key,
      size: 19,
      contentType: 'application/json',
    });
    const report = await reports.report(WS, run.runId);
    expect(report.shap).toBeUndefined();
    expect(report.importance).toBeDefined();
  });

  it('of a run that is not there is a 404', async () => {
    await expect(reports.report(WS, 'f'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const run = await runToEnd(world.deps, HOUSES);
    await expect(reports.report('other', run.runId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the data of a run', () => {
  it('are described by column, and compared with the run before', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    expect((await reports.data(WS, first.runId)).previous).toBeNull();
    world.clock.advance(60_000);
    const same = await runToEnd(world.deps, HOUSES, { force: true });
    expect((await reports.data(WS, same.runId)).previous).toMatchObject({ runId: first.runId, same: true });
    world.clock.advance(60_000);
    const [head = '', ...rows] = linesOf(tinyHousesCsv());
    files[HOUSES] = text([
      head,
      ...rows.map((row) => row.replace(/^(\d+)/, (area) => String(Number(area) + 80))),
    ]);
    const moved = await runToEnd(world.deps, HOUSES);
    const data = await reports.data(WS, moved.runId);
    expect(data.previous).toMatchObject({ runId: same.runId, same: false });
    expect(data.rows).toEqual({ delivered: 200, clean: 200, train: 120, validation: 40, test: 40 });
    const area = data.columns.find(({ profile }) => profile.name === 'area');
    expect(area?.shift?.shift).toBe('large');
    expect(data.columns.find(({ profile }) => profile.name === 'price')?.shift?.shift).toBe('none');
    expect(area?.previous).toMatchObject({ name: 'area', count: 120 });
    // Against a run that is named, here itself: nothing moves.
    const self = await reports.data(WS, moved.runId, moved.runId);
    expect(self.columns.map(({ shift }) => shift?.psi)).toEqual([0, 0, 0]);
  });

  it('of the run before are those of one that began earlier, and has a dataset', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    world.clock.advance(60_000);
    const failed = await runToEnd(world.deps, HOUSES, { to: 'ingest' });
    expect(failed.lineage.datasetSha256).toBeUndefined();
    await expect(reports.data(WS, failed.runId)).rejects.toMatchObject({ status: 409 });
    world.clock.advance(60_000);
    const second = await runToEnd(world.deps, HOUSES, { force: true });
    world.clock.advance(60_000);
    await runToEnd(world.deps, HOUSES, { force: true });
    expect((await reports.data(WS, second.runId)).previous?.runId).toBe(first.runId);
    await expect(reports.data(WS, second.runId, failed.runId)).rejects.toMatchObject({
      status: 409,
      field: 'against',
    });
  });
});

describe('the quarantine of a run', () => {
  it('has each bad row with its line and reason, and how often each reason stands', async () => {
    const [head = '', ...rows] = linesOf(tinyHousesCsv());
    files[HOUSES] = text([head, 'x,1,2', ...rows, '-5,1,2', '-7,1,2']);
    const run = await runToEnd(world.deps, HOUSES);
    const found = await reports.quarantine(WS, run.runId, 2);
    expect([found.count, found.kept, found.rows.length]).toEqual([3, 3, 2]);
    expect(found.rows[0]).toMatchObject({ line: 2, values: { area: 'x', age: '1', price: '2' } });
    expect(found.reasons.reduce((sum, one) => sum + one.rows, 0)).toBe(3);
  });

  it('is there where the run failed for it, and empty where every row was good', async () => {
    const [head = '', ...rows] = linesOf(tinyHousesCsv());
    files[HOUSES] = text([head, ...rows.slice(0, 100), ...rows.slice(100).map(() => 'x,1,2')]);
    const failed = await runToEnd(world.deps, HOUSES);
    expect(failed.status).toBe('FAILED');
    const found = await reports.quarantine(WS, failed.runId, 1000);
    expect([found.count, found.rows.length]).toEqual([100, 100]);
    const good = await runToEnd(world.deps, 'tiny-classes');
    expect(await reports.quarantine(WS, good.runId, 10)).toEqual({
      count: 0,
      kept: 0,
      rows: [],
      reasons: [],
    });
  });
});

describe('the lineage of a run', () => {
  it('goes from the source to the alias that its version holds', async () => {
    const run = await runToEnd(world.deps, HOUSES);
    const { nodes, edges, omitted } = await reports.lineage(WS, run.runId);
    expect(nodes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'source',
        'definition',
        'dataset',
        'run',
        'candidate',
        'model',
        'version',
        'alias',
      ]),
    );
    expect(omitted).toBe(0);
    const ids = new Set(nodes.map(({ id }) => id));
    expect(ids.size).toBe(nodes.length);
    expect(edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
    // Every node but the first ones is reached from the source.
    const reached = new Set(['source']);
    for (const _ of nodes) for (const { from, to } of edges) if (reached.has(from)) reached.add(to);
    expect([...ids].filter((id) => !reached.has(id))).toEqual(['definition']);
    expect(nodes.find(({ kind }) => kind === 'version')?.ref).toBe(`${HOUSES}/1`);
    expect(nodes.find(({ kind }) => kind === 'source')?.ref).toBe(run.lineage.sourceSha256);
  });

  it('of a run that is based on another names it', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    world.clock.advance(1_000);
    const started = await control.rerun(me, first.runId, { from: 'train' });
    const { nodes } = await reports.lineage(WS, started.runId);
    expect(nodes.find(({ id }) => id === 'based-on')?.ref).toBe(first.runId);
  });
});

describe('registering from a run', () => {
  it('gives the version that the run has, and another under another name', async () => {
    const run = await runToEnd(world.deps, HOUSES);
    expect(await reports.register(WS, run.runId, {})).toMatchObject({
      model: HOUSES,
      version: '1',
      created: false,
    });
    const named = await reports.register(WS, run.runId, { model: 'homes', description: 'by hand' });
    expect(named).toMatchObject({ model: 'homes', version: '1', created: true });
    const again = await reports.register(WS, run.runId, { model: 'homes' });
    expect([again.version, again.created]).toEqual(['1', false]);
    const version = await world.deps.registry.getVersion(WS, 'homes', '1');
    expect(version).toMatchObject({ runId: run.runId, description: 'by hand', task: 'regression' });
    expect(version.metrics.rmse).toBe(run.metrics.rmse);
  });

  it('makes the first version of a run that stopped before', async () => {
    const run = await runToEnd(world.deps, HOUSES, { to: 'evaluate' });
    expect(run.tags['model.version']).toBeUndefined();
    expect(await reports.register(WS, run.runId, {})).toMatchObject({ version: '1', created: true });
    const { metrics } = await world.deps.registry.getVersion(WS, HOUSES, '1');
    expect(metrics.validation_rmse).toBe(run.metrics.validation_rmse);
    const { tags } = await world.deps.runs.get(WS, run.runId);
    expect([tags['model.name'], tags['model.version']]).toEqual([HOUSES, '1']);
    const { aliases } = await world.deps.registry.getModel(WS, HOUSES);
    expect(aliases).toEqual({});
  });

  it("registers another candidate's model, with what it was selected by", async () => {
    const run = await runToEnd(world.deps, HOUSES);
    const children = await childrenOf(world.deps, run);
    const other = children.find(
      ({ tags }) => tags['model.sha256'] !== undefined && tags['arboleda.item'] === '1',
    );
    const made = await reports.register(WS, run.runId, { candidate: 1 });
    expect(made).toMatchObject({ version: '2', created: true });
    const version = await world.deps.registry.getVersion(WS, HOUSES, '2');
    expect(version.modelSha256).toBe(other?.tags['model.sha256']);
    expect(version.metrics.validation_rmse).toBe(other?.metrics.validation_rmse);
    // The selected one has the same figures beside those on the test rows: the two can be compared.
    const first = await world.deps.registry.getVersion(WS, HOUSES, '1');
    const selected = children.find(({ tags }) => tags['arboleda.item'] === '0');
    expect(Object.keys(first.metrics)).toEqual(expect.arrayContaining(Object.keys(version.metrics)));
    expect(first.metrics.validation_rmse).toBe(selected?.metrics.validation_rmse);
    expect(first.metrics.rmse).toBe(run.metrics.rmse);
    await expect(reports.register(WS, run.runId, { candidate: 9 })).rejects.toMatchObject({
      status: 400,
      field: 'candidate',
    });
  });

  it('is refused while the run goes on, and where it has no model', async () => {
    const started = await control.start(me, HOUSES, {});
    await expect(reports.register(WS, started.runId, {})).rejects.toMatchObject({ status: 409 });
    await control.cancel(me, started.runId);
    await expect(reports.register(WS, started.runId, {})).rejects.toMatchObject({ status: 409 });
  });

  it('that ended between any two writes is completed by the same call', async () => {
    const run = await runToEnd(world.deps, HOUSES, { to: 'evaluate' });
    const call = () => reports.register(WS, run.runId, { model: 'homes' });
    const before = world.items.dump();
    await call();
    const writes = world.items.writes;
    world.items.restore(before);
    await call();
    const needed = world.items.writes - writes;
    expect(needed).toBeGreaterThan(4);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= needed; at++) {
        world.items.restore(before);
        world.items.failWrite({ at, mode });
        await expect(call()).rejects.toThrow(CrashError);
        expect((await call()).version).toBe('1');
        expect((await world.deps.registry.getModel(WS, 'homes')).latestVersion).toBe(1);
        const { tags } = await world.deps.runs.get(WS, run.runId);
        expect(tags['model.version']).toBe('1');
      }
    }
  });
});

describe('running again from a stage', () => {
  const finish = (runId: string) => execute(world.deps, { workspace: WS, runId, attempt: 1 });

  it('takes what the earlier stages made in that very run, not the latest', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    world.clock.advance(1_000);
    files[HOUSES] = tinyHousesCsv(300);
    const second = await runToEnd(world.deps, HOUSES);
    expect(second.lineage.datasetSha256).not.toBe(first.lineage.datasetSha256);
    world.clock.advance(1_000);
    const started = await control.rerun(me, first.runId, { from: 'train' });
    const again: Run = await finish(started.runId);
    expect(again).toMatchObject({ status: 'FINISHED', basedOn: first.runId, from: 'train' });
    expect(again.lineage.datasetSha256).toBe(first.lineage.datasetSha256);
    expect(again.metrics.rmse).toBe(first.metrics.rmse);
    const stages = await world.deps.stages.list(WS, started.runId);
    expect(stages.find(({ stage }) => stage === 'clean')?.note).toContain(first.runId);
  });

  it('starts at the stage that failed of a run, or before it', async () => {
    files[HOUSES] = text(['area,age,price', ...Array.from({ length: 40 }, () => '50,5,100')]);
    const failed = await runToEnd(world.deps, HOUSES);
    expect([failed.status, failed.error?.stage]).toEqual(['FAILED', 'clean']);
    await expect(control.rerun(me, failed.runId, { from: 'train' })).rejects.toMatchObject({
      code: 'MISSING_STAGE',
      field: 'from',
    });
    expect((await control.rerun(me, failed.runId, { from: 'clean' })).created).toBe(true);
  });

  it('is the same start under the same key, and another for another run', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    const one = await control.rerun(me, first.runId, { from: 'evaluate', idempotencyKey: 'k' });
    const two = await control.rerun(me, first.runId, { from: 'evaluate', idempotencyKey: 'k' });
    expect([two.runId, two.created]).toEqual([one.runId, false]);
    const done = await finish(one.runId);
    const other = await control.rerun(me, done.runId, { from: 'evaluate', idempotencyKey: 'k' });
    expect(other.runId).not.toBe(one.runId);
  });

  it('begins there too where it was stopped at once and is retried', async () => {
    const first = await runToEnd(world.deps, HOUSES);
    const started = await control.rerun(me, first.runId, { from: 'evaluate' });
    await control.cancel(me, started.runId);
    await control.retry(me, started.runId);
    const run = await execute(world.deps, { workspace: WS, runId: started.runId, attempt: 2 });
    expect(run.status).toBe('FINISHED');
    const stages = await world.deps.stages.list(WS, started.runId);
    const notes = stages.filter(({ stage }) => ['ingest', 'clean', 'train'].includes(stage));
    expect(notes.map(({ note }) => note?.startsWith('not asked for:'))).toEqual([true, true, true]);
  });

  it("is refused of a candidate's run", async () => {
    const run = await runToEnd(world.deps, HOUSES);
    const [child] = await childrenOf(world.deps, run);
    await expect(control.rerun(me, String(child?.runId), { from: 'train' })).rejects.toMatchObject({
      status: 409,
      details: { parentRunId: run.runId },
    });
  });
});
