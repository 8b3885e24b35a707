import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Catalog } from '../../../lib/pipeline/catalog.ts';
import { retryRun, startRun } from '../../../lib/pipeline/control/index.ts';
import type { PipelineDefinition } from '../../../lib/pipeline/index.ts';
import {
  always,
  atLeast,
  generate,
  linearRegression,
  logisticRegression,
  tagged,
} from '../../../lib/pipeline/index.ts';
import type { DatasetManifest } from '../../../lib/pipeline/stages/index.ts';
import { PIPELINE_STAGES } from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { execute, type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const worldOf = (definition: PipelineDefinition, csv = tinyHousesCsv()): PipelineWorld =>
  pipelineWorld([definition], { [definition.name]: csv });
const statuses = async (world: PipelineWorld, runId: string) =>
  Object.fromEntries(
    (await world.deps.stages.list('default', runId))
      .filter((record) => record.item === undefined)
      .map((record) => [record.stage, record.status]),
  );
const json = async (world: PipelineWorld, key: string) =>
  JSON.parse(new TextDecoder().decode(await world.objects.get(key)));

describe('a run from data to a promoted version', () => {
  let world: PipelineWorld;
  let runId: string;
  beforeAll(async () => {
    world = worldOf(tinyHouses());
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.error).toBeUndefined();
    expect(run.status).toBe('FINISHED');
    runId = run.runId;
  });

  it('does every stage once', async () => {
    expect(await statuses(world, runId)).toEqual({
      plan: 'DONE',
      ingest: 'DONE',
      clean: 'DONE',
      train: 'DONE',
      evaluate: 'DONE',
      register: 'DONE',
      promote: 'DONE',
    });
  });

  it('counts rows, and says they are real', async () => {
    const run = await world.deps.runs.get('default', runId);
    expect(run.tags).toMatchObject({ 'data.rows': '200', 'data.synthetic': 'false', 'data.source': 'file' });
  });

  it('selects the plain candidate over the ridge, by rmse on validation', async () => {
    const run = await world.deps.runs.get('default', runId);
    expect(run.params).toMatchObject({ algorithm: 'linear-regression', alpha: '0' });
    expect(run.metrics.rmse).toBeGreaterThan(0);
    expect(run.metrics.rmse).toBeLessThan(10);
    expect(run.metrics.r2).toBeGreaterThan(0.99);
  });

  it('keeps its lineage: source, dataset, definition, code of each stage, lock file, Node', async () => {
    const { lineage } = await world.deps.runs.get('default', runId);
    expect(lineage.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(lineage.datasetSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(lineage.definitionSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(lineage.codeVersions ?? {}).sort()).toEqual(
      ['clean', 'evaluate', 'ingest', 'plan', 'promote', 'register', 'train'].sort(),
    );
    expect(lineage).toMatchObject({ lockfileSha256: 'lock-1', nodeVersion: process.version });
  });

  it('has its reports as artifacts, each really there', async () => {
    const artifacts = await world.deps.runs.listArtifacts('default', runId);
    expect(artifacts.map((artifact) => artifact.path).sort()).toEqual([
      'data/profile.json',
      'definition.json',
      'model/model.arbm',
      'reports/candidates.json',
      'reports/evaluation.json',
      'reports/partial_dependence.json',
      'reports/partial_dependence.png',
      'reports/partial_dependence.svg',
      'reports/permutation_importance.json',
      'reports/permutation_importance.png',
      'reports/permutation_importance.svg',
      'reports/residuals.png',
      'reports/residuals.svg',
      'reports/shap_summary.json',
      'reports/shap_summary.png',
      'reports/shap_summary.svg',
      'training.json',
    ]);
    for (const { key, size } of artifacts) expect((await world.objects.get(key)).byteLength).toBe(size);
  });

  it('registers version 1 and gives it the alias, with an audit record', async () => {
    const model = await world.deps.registry.getModel('default', 'tiny-houses');
    expect(model.aliases).toEqual({ production: '1' });
    const { items } = await world.deps.registry.audit('default', 'tiny-houses');
    expect(items[0]).toMatchObject({ alias: 'production', toVersion: '1', actor: `run ${runId}` });
  });

  it('splits every row to one side, fits on the training side alone', async () => {
    const records = await world.deps.stages.list('default', runId);
    const clean = records.find((record) => record.stage === 'clean')!;
    const dataset: DatasetManifest = await json(world, clean.outputs.datasetKey as string);
    const { train, validation, test } = dataset.splits;
    expect([train.rows, validation.rows, test.rows]).toEqual([120, 40, 40]);
    expect(dataset.profile).toBeDefined();
  });

  it('stores each stage log as JSON lines', async () => {
    const text = new TextDecoder().decode(
      await world.objects.get(`default/runs/${runId}/logs/ingest-1.jsonl`),
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1).message).toBe('200 rows from file, 0 set aside');
  });
});

describe('what was done before is skipped', () => {
  let world: PipelineWorld;
  beforeEach(async () => {
    world = worldOf(tinyHouses());
    expect((await runToEnd(world.deps, 'tiny-houses')).status).toBe('FINISHED');
  });

  it('skips every stage of an equal run and says since when; promote looks again', async () => {
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(await statuses(world, run.runId)).toEqual({
      plan: 'DONE',
      ingest: 'SKIPPED',
      clean: 'SKIPPED',
      train: 'SKIPPED',
      evaluate: 'SKIPPED',
      register: 'SKIPPED',
      promote: 'DONE',
    });
    const [, ingest] = await world.deps.stages.list('default', run.runId);
    expect(ingest?.note).toMatch(/^unchanged since run [0-9a-f]{32}: skipped/);
    expect(run.metrics.r2).toBeGreaterThan(0.99);
    expect((await world.deps.registry.listVersions('default', 'tiny-houses')).items).toHaveLength(1);
  });

  it('but not a version that was deleted since: it is registered again, and promoted', async () => {
    const gone = { model: 'tiny-houses', version: '1', actor: 'ana', reason: 'by mistake' };
    await world.deps.registry.deleteVersion('default', gone);
    const again = await runToEnd(world.deps, 'tiny-houses');
    expect([again.status, again.error]).toEqual(['FINISHED', undefined]);
    expect(await statuses(world, again.runId)).toMatchObject({
      evaluate: 'SKIPPED',
      register: 'DONE',
      promote: 'DONE',
    });
    const { aliases } = await world.deps.registry.getModel('default', 'tiny-houses');
    expect(aliases).toEqual({ production: '2' });
    // And of the model as a whole: its numbers begin anew.
    await world.deps.registry.deleteModel('default', 'tiny-houses');
    const whole = await runToEnd(world.deps, 'tiny-houses');
    expect(whole.status).toBe('FINISHED');
    const made = await world.deps.registry.getModel('default', 'tiny-houses');
    expect(made.aliases).toEqual({ production: '1' });
    // What stands is found by content, as ever.
    const last = await runToEnd(world.deps, 'tiny-houses');
    expect((await statuses(world, last.runId)).register).toBe('SKIPPED');
  });

  it('runs everything again when forced, to the same bytes, as a new version', async () => {
    const run = await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect(Object.values(await statuses(world, run.runId))).toEqual(Array(7).fill('DONE'));
    const { items } = await world.deps.registry.listVersions('default', 'tiny-houses');
    expect(items.map((version) => version.version).sort()).toEqual(['1', '2']);
    expect(items[0]!.modelSha256).toBe(items[1]!.modelSha256);
  });

  it.each(PIPELINE_STAGES.filter((stage) => stage !== 'plan'))(
    'runs %s alone where it was edited and gives the same bytes; the others go on with theirs',
    async (edited) => {
      const run = await runToEnd(world.deps, 'tiny-houses', { codeVersions: { [edited]: 'code-2' } });
      const others = PIPELINE_STAGES.filter((stage) => !['plan', 'promote', edited].includes(stage));
      expect(await statuses(world, run.runId)).toEqual({
        ...Object.fromEntries(others.map((stage) => [stage, 'SKIPPED'])),
        ...{ plan: 'DONE', promote: 'DONE', [edited]: 'DONE' },
      });
    },
  );

  it('runs the successors of a stage that gives other bytes, and nothing before it', async () => {
    // What an edit of clean does to those after it: another split, so another dataset.
    const split = { train: 0.6, validation: 0.2, test: 0.2, seed: 8 };
    const { deps: changed } = pipelineWorld([tinyHouses({ split })], { 'tiny-houses': tinyHousesCsv() });
    const run = await runToEnd({ ...world.deps, catalog: changed.catalog }, 'tiny-houses');
    expect(await statuses(world, run.runId)).toEqual({
      plan: 'DONE',
      ingest: 'SKIPPED',
      clean: 'DONE',
      train: 'DONE',
      evaluate: 'DONE',
      register: 'DONE',
      promote: 'DONE',
    });
  });

  it('trains only the candidate whose parameter changed', async () => {
    const changed = pipelineWorld(
      [tinyHouses({ candidates: [linearRegression(), linearRegression({ alpha: 2 })] })],
      {
        'tiny-houses': tinyHousesCsv(),
      },
    );
    const deps = { ...world.deps, catalog: changed.deps.catalog };
    const run = await runToEnd(deps, 'tiny-houses');
    const items = (await world.deps.stages.list('default', run.runId)).filter(
      (record) => record.item !== undefined,
    );
    expect(items.map((record) => record.status)).toEqual(['SKIPPED', 'DONE']);
  });

  it('works again where an object it relies on is gone', async () => {
    const models = await world.objects.list('default/models/');
    for (const { key } of models.objects) await world.objects.remove(key);
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.status).toBe('FINISHED');
    expect(await statuses(world, run.runId)).toMatchObject({ clean: 'SKIPPED', train: 'DONE' });
  });
});

describe('from and to', () => {
  it('stops after the stage asked for', async () => {
    const world = worldOf(tinyHouses());
    const run = await runToEnd(world.deps, 'tiny-houses', { to: 'clean' });
    expect(run.status).toBe('FINISHED');
    expect(await statuses(world, run.runId)).toEqual({ plan: 'DONE', ingest: 'DONE', clean: 'DONE' });
  });

  it('closes train when it is the last stage', async () => {
    const world = worldOf(tinyHouses());
    const run = await runToEnd(world.deps, 'tiny-houses', { to: 'train' });
    expect(await statuses(world, run.runId)).toEqual({
      plan: 'DONE',
      ingest: 'DONE',
      clean: 'DONE',
      train: 'DONE',
    });
    const next = await runToEnd(world.deps, 'tiny-houses', { from: 'evaluate' });
    expect(next.status).toBe('FINISHED');
    expect(await statuses(world, next.runId)).toMatchObject({
      train: 'SKIPPED',
      evaluate: 'DONE',
      promote: 'DONE',
    });
  });

  it('fails with what is missing when a stage before from was never run', async () => {
    const world = worldOf(tinyHouses());
    const run = await runToEnd(world.deps, 'tiny-houses', { from: 'train' });
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'plan', code: 'MISSING_STAGE' } });
  });
});

describe('failure', () => {
  it('ends in the record with stage, code and remedy, and the lock is free', async () => {
    const world = worldOf(tinyHouses(), new TextEncoder().encode('area,age,price\n1,2,three\n'));
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'ingest', code: 'TOO_MANY_BAD_ROWS' } });
    expect(run.error?.remedy).not.toBe('');
    const [quarantine] = (await world.deps.runs.listArtifacts('default', run.runId)).filter(
      ({ path }) => path === 'quarantine.jsonl',
    );
    const row = JSON.parse(new TextDecoder().decode(await world.objects.get(quarantine!.key)));
    expect(row).toMatchObject({ line: 2, reason: expect.stringContaining('price') });
    expect(await world.deps.state.holder('default', 'tiny-houses')).toBeUndefined();
    expect((await world.deps.registry.listModels('default')).items).toEqual([]);
  });

  it('goes on from the failed stage on retry, and keeps what was done', async () => {
    const world = worldOf(tinyHouses());
    const { reportAssets } = world.deps;
    const broken = { ...world.deps, reportAssets: async () => Promise.reject(new Error('no font')) };
    const failed = await runToEnd(broken, 'tiny-houses');
    expect(failed).toMatchObject({ status: 'FAILED', error: { stage: 'evaluate', code: 'INTERNAL_ERROR' } });
    const { attempt } = await retryRun(world.deps, 'default', failed.runId);
    const deps = { ...world.deps, reportAssets };
    const run = await execute(deps, { workspace: 'default', runId: failed.runId, attempt });
    expect(run).toMatchObject({ status: 'FINISHED', attempt: 2 });
    expect(run.params).toMatchObject({ algorithm: 'linear-regression' });
    const records = await world.deps.stages.list('default', failed.runId);
    expect(records.filter((record) => record.attempt === 2).map((record) => record.stage)).toEqual([
      'plan',
      'evaluate',
      'register',
      'promote',
    ]);
  });

  it('stops at the next stage after a cancel', async () => {
    const world = worldOf(tinyHouses());
    const { runId } = await startRun(world.deps, 'default', 'tiny-houses', {
      trigger: 'caller',
      actor: 'test',
    });
    await world.deps.runs.requestCancel('default', runId);
    const run = await execute(world.deps, { workspace: 'default', runId, attempt: 1 });
    expect(run).toMatchObject({ status: 'KILLED', error: { code: 'CANCELLED' } });
    expect(await world.objects.list('default/raw/')).toMatchObject({ objects: [] });
  });

  it('refuses leakage by name, unless the definition allows it', async () => {
    const csv = new TextDecoder().decode(tinyHousesCsv());
    const leaky = csv
      .split('\n')
      .map((line) =>
        line.replace(/^([^,]+),([^,]+),(.+)$/, (_, area, _age, price) => `${area},${price},${price}`),
      );
    const bytes = new TextEncoder().encode(leaky.join('\n').replace('area,price,price', 'area,age,price'));
    const row = z.object({ area: z.number(), age: z.number(), price: z.number() });
    const world = worldOf(tinyHouses({ row }), bytes);
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'clean', code: 'LEAKAGE' } });
    expect(run.error?.message).toContain('age');
    const allowed = worldOf(
      tinyHouses({ row, guards: { allowLeakage: ['age'], maxDuplicateShare: 1 } }),
      bytes,
    );
    expect((await runToEnd(allowed.deps, 'tiny-houses')).status).toBe('FINISHED');
  });

  it('refuses test rows that stand in the training split', async () => {
    const [header, ...rows] = new TextDecoder().decode(tinyHousesCsv(100)).trim().split('\n');
    const twice = [header, ...rows, ...rows].join('\n');
    const world = worldOf(tinyHouses({ guards: {} }), new TextEncoder().encode(twice));
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({
      status: 'FAILED',
      error: { stage: 'clean', code: 'DUPLICATES_ACROSS_SPLITS' },
    });
  });
});

describe('the gate', () => {
  it('promotes a later version only when it is better on the same test rows', async () => {
    const world = worldOf(tinyHouses());
    await runToEnd(world.deps, 'tiny-houses');
    const same = await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect(same.tags).toMatchObject({ 'promotion.promoted': 'false' });
    expect(same.tags['promotion.reason']).toMatch(/^not better by more than 0: rmse/);
    expect((await world.deps.registry.getModel('default', 'tiny-houses')).aliases).toEqual({
      production: '1',
    });
  });

  it('promotes every version where the definition says so, and records the parent', async () => {
    const world = worldOf(tinyHouses({ promote: { to: 'production', when: always() } }));
    await runToEnd(world.deps, 'tiny-houses');
    const next = await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect(next.tags).toMatchObject({ 'promotion.promoted': 'true', 'promotion.alias': 'production' });
    expect(next.lineage.parentVersions).toEqual(['tiny-houses/1']);
  });

  it('holds a version below a fixed bound back', async () => {
    const world = worldOf(
      tinyHouses({ select: { metric: 'r2' }, promote: { to: 'production', when: atLeast(1.01) } }),
    );
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.tags).toMatchObject({ 'promotion.promoted': 'false', 'model.version': '1' });
    expect((await world.deps.registry.getModel('default', 'tiny-houses')).aliases).toEqual({});
  });
});

describe('the snapshot', () => {
  it('knows version and alias before the run is closed, so that a kill in between loses neither', async () => {
    const world = worldOf(tinyHouses());
    const { runId } = await startRun(world.deps, 'default', 'tiny-houses', {
      trigger: 'caller',
      actor: 'test',
    });
    const finish = world.deps.runs.finish.bind(world.deps.runs);
    world.deps.runs.finish = (ws, id, end) =>
      id === runId ? Promise.reject(new Error('killed')) : finish(ws, id, end);
    const input = { workspace: 'default', runId, attempt: 1 };
    await expect(execute(world.deps, input)).rejects.toThrow('killed');
    const snapshot = await json(world, `default/runs/${runId}/run.json`);
    expect(snapshot).toMatchObject({
      run: { status: 'RUNNING' },
      version: { version: '1' },
      aliases: { production: '1' },
    });
  });
});

describe('batches', () => {
  it('keeps every batch and trains every candidate on each of them', async () => {
    const world = worldOf(tinyHouses({ batches: { rows: 50, seed: 1 } }));
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.status).toBe('FINISHED');
    const records = await world.deps.stages.list('default', run.runId);
    const dataset: DatasetManifest = await json(
      world,
      records.find(({ stage }) => stage === 'clean')!.outputs.datasetKey as string,
    );
    expect(dataset.batches.map((batch) => batch.rows)).toEqual([50, 50, 20]);
    expect(records.filter(({ item }) => item !== undefined)).toHaveLength(6);
    for (const batch of dataset.batches) expect(await world.objects.head(batch.key)).toBeDefined();
  });
});

describe('classification', () => {
  it('writes the report that scikit-learn users know, and a confusion matrix', async () => {
    const world = worldOf(tinyClasses(), tinyClassesCsv());
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.error).toBeUndefined();
    const artifacts = await world.deps.runs.listArtifacts('default', run.runId);
    const report = artifacts.find(({ path }) => path === 'reports/classification_report.txt')!;
    expect(new TextDecoder().decode(await world.objects.get(report.key))).toContain('weighted avg');
    const png = artifacts.find(({ path }) => path === 'reports/confusion_matrix.png')!;
    expect([...(await world.objects.get(png.key)).slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(run.metrics.accuracy).toBeGreaterThan(0.7);
  });
});

describe('sources', () => {
  const synthetic = generate({
    seed: 3,
    rows: 150,
    make: (random, rows) =>
      Array.from({ length: rows }, () => {
        const x = Math.round(random() * 100);
        const y = Math.round(random() * 100);
        return { x, y, label: x + y + 60 * random() > 130 ? 'yes' : 'no' };
      }),
  });
  const https = { kind: 'https' as const, url: 'https://example.org/data.csv', sha256: 'b'.repeat(64) };
  const folder = { kind: 'folder' as const, path: 'tiny.csv' };
  const definition = tinyClasses({ source: [folder, https, synthetic], candidates: [logisticRegression()] });

  it('falls to the generator without data or network, tags the run, and says why', async () => {
    const world = worldOf(definition);
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.error).toBeUndefined();
    expect(run.tags).toMatchObject({
      'data.synthetic': 'true',
      'data.source': 'generate',
      'data.rows': '150',
    });
    expect(run.tags['data.passedOver']).toContain('example.org cannot be reached');
    const version = await world.deps.registry.getVersion('default', 'tiny-classes', '1');
    expect(version.tags['data.synthetic']).toBe('true');
  });

  it('stays tagged in a run that starts after ingest, and in the version it registers', async () => {
    const world = worldOf(definition);
    const first = await runToEnd(world.deps, 'tiny-classes', { to: 'clean' });
    const later = await runToEnd(world.deps, 'tiny-classes', { from: 'train' });
    expect(later.error).toBeUndefined();
    expect(later.tags).toMatchObject({
      'data.synthetic': 'true',
      'data.source': 'generate',
      'data.rows': '150',
    });
    expect(later.lineage).toMatchObject({
      sourceSha256: first.lineage.sourceSha256,
      datasetSha256: first.lineage.datasetSha256,
    });
    const version = await world.deps.registry.getVersion('default', 'tiny-classes', '1');
    expect(version.tags['data.synthetic']).toBe('true');
  });

  it('refuses bytes of another hash, and goes on without them', async () => {
    const world = pipelineWorld(
      [definition],
      {},
      { fetch: async () => new Response(Buffer.from(tinyClassesCsv())) },
    );
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.tags['data.passedOver']).toContain('as pinned');
    expect(run.tags['data.synthetic']).toBe('true');
  });

  it('takes a pushed dataset before all others', async () => {
    const world = worldOf(definition);
    const { sha256 } = await import('../../../lib/pipeline/definition/index.ts');
    const bytes = tinyClassesCsv(180);
    await world.objects.put('default/uploads/1', bytes, { contentType: 'text/csv' });
    await world.deps.state.setSource('default', 'tiny-classes', {
      key: 'default/uploads/1',
      sha256: sha256(bytes),
      fileName: 'mine.csv',
      bytes: bytes.byteLength,
      pushedAt: '2026-01-01T00:00:00Z',
      synthetic: false,
    });
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.tags).toMatchObject({
      'data.synthetic': 'false',
      'data.source': 'pushed',
      'data.rows': '180',
    });
  });

  it('fails with all the reasons where nothing can be had', async () => {
    const world = worldOf(tinyClasses({ source: [folder, https] }));
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'ingest', code: 'NO_SOURCE' } });
  });

  it('sets bad rows aside with line and reason, within the share allowed', async () => {
    const csv = new TextDecoder().decode(tinyClassesCsv(100)).replace('\n37,71,', '\nNaN,71,');
    const world = worldOf(tinyClasses({ maxBadShare: 0.05 }), new TextEncoder().encode(csv));
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.tags).toMatchObject({ 'data.rows': '99', 'data.badRows': '1' });
    const text = new TextDecoder().decode(
      await world.objects.get(`default/runs/${run.runId}/quarantine.jsonl`),
    );
    expect(JSON.parse(text.trim())).toMatchObject({ line: 3 });
  });
});

describe('a model whose policy demands Staging', () => {
  it('has a better version put into Staging, and promoted by someone', async () => {
    const definition = tinyHouses({ promote: { to: 'production', when: always() } });
    const world = worldOf(definition);
    const { registry } = world.deps;
    await runToEnd(world.deps, 'tiny-houses');
    const by = { actor: 'test', reason: 'r' };
    await registry.setPolicy('default', { model: 'tiny-houses', requireStaging: true, ...by });
    const run = await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'promotion.promoted': 'false' } });
    expect(run.tags['promotion.reason']).toContain('promote it with `arboleda promote tiny-houses 2`');
    expect((await registry.getModel('default', 'tiny-houses')).aliases).toEqual({ production: '1' });
    expect((await registry.getVersion('default', 'tiny-houses', '2')).stage).toBe('Staging');
    const { aliases } = await registry.moveAlias('default', {
      model: 'tiny-houses',
      alias: 'production',
      version: '2',
      expectedVersion: '1',
      ...by,
    });
    expect(aliases).toEqual({ production: '2' });
  });

  it('leaves a version that is not better in development', async () => {
    const world = worldOf(tinyHouses());
    const { registry } = world.deps;
    await runToEnd(world.deps, 'tiny-houses');
    const by = { actor: 'test', reason: 'r' };
    await registry.setPolicy('default', { model: 'tiny-houses', requireStaging: true, ...by });
    await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect((await registry.getVersion('default', 'tiny-houses', '2')).stage).toBe('None');
  });

  it('promotes to another alias as ever', async () => {
    const world = worldOf(tinyHouses({ promote: { to: 'nightly', when: always() } }));
    const { registry } = world.deps;
    await registry.createModel('default', { name: 'tiny-houses' });
    const by = { actor: 'test', reason: 'r' };
    await registry.setPolicy('default', { model: 'tiny-houses', requireStaging: true, ...by });
    await runToEnd(world.deps, 'tiny-houses');
    expect((await registry.getModel('default', 'tiny-houses')).aliases).toEqual({ nightly: '1' });
    expect((await registry.getVersion('default', 'tiny-houses', '1')).stage).toBe('None');
  });
});

describe('tags of candidates', () => {
  const kinds = async (world: PipelineWorld, runId: string) =>
    (await world.deps.runs.list('default', { parentRunId: runId })).items.map(
      ({ tags }) => tags['candidate.kind'],
    );

  it('are on their child runs, beside the platform’s own, which they cannot replace', async () => {
    const own = { 'candidate.kind': 'tuning', 'model.algorithm': 'mine', 'mlflow.parentRunId': 'other' };
    const candidates = [
      ...tagged({ 'candidate.kind': 'baseline' }, linearRegression()),
      ...tagged(own, linearRegression({ alpha: 50 }), linearRegression({ alpha: 9 })),
    ];
    const world = worldOf(tinyHouses({ candidates }));
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect((await kinds(world, run.runId)).sort()).toEqual(['baseline', 'tuning', 'tuning']);
    const { items } = await world.deps.runs.list('default', { parentRunId: run.runId });
    for (const child of items) expect(child.tags['model.algorithm']).toBe('linear-regression');
  });

  it('train nothing anew', async () => {
    const world = worldOf(tinyHouses());
    await runToEnd(world.deps, 'tiny-houses');
    const candidates = tagged({ 'candidate.kind': 'x' }, ...tinyHouses().candidates);
    world.deps.catalog = new Catalog([tinyHouses({ candidates })]);
    const run = await runToEnd(world.deps, 'tiny-houses');
    const records = await world.deps.stages.list('default', run.runId);
    const items = records.filter(({ stage, item }) => stage === 'train' && item !== undefined);
    expect(items.map(({ status }) => status)).toEqual(['SKIPPED', 'SKIPPED']);
    expect(await kinds(world, run.runId)).toEqual(['x', 'x']);
  });
});
