import { beforeAll, describe, expect, it } from 'vitest';
import { Datasets } from '../../../lib/pipeline/datasets/index.ts';
import { always, generate, linearRegression, type PipelineDefinition } from '../../../lib/pipeline/index.ts';
import { key } from '../../../lib/tracking/keys.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const WS = 'default';
const NAME = 'tiny-houses';

/** Two runs on two files: prices of the second are a fifth higher, its houses all new. */
async function twoVersions(
  definition: PipelineDefinition = tinyHouses({ promote: { to: 'production', when: always() } }),
) {
  const csv = new TextDecoder().decode(tinyHousesCsv(300));
  const [header, ...rows] = csv.trim().split('\n');
  const later = rows.map((row) => {
    const [area, age, price] = row.split(',').map(Number) as [number, number, number];
    return [area, Math.floor(age / 10), Math.round(price * 1.2)].join(',');
  });
  const files = [tinyHousesCsv(200), new TextEncoder().encode([header, ...later, ''].join('\n'))];
  const world = pipelineWorld([definition]);
  const runs: Run[] = [];
  for (const bytes of files) {
    const run = await runToEnd({ ...world.deps, repoFile: async () => bytes }, NAME);
    expect(run.status).toBe('FINISHED');
    runs.push(run);
    world.clock.advance(1000);
  }
  return {
    world,
    datasets: new Datasets(world.deps),
    runs: runs as [Run, Run],
    files: files as [Uint8Array, Uint8Array],
  };
}

describe('data by its hash', () => {
  let world: PipelineWorld;
  let datasets: Datasets;
  let runs: [Run, Run];
  beforeAll(async () => {
    ({ world, datasets, runs } = await twoVersions());
  });

  it('is listed with rows, when and by which run, last used first', async () => {
    const { datasets: listed, complete, sources } = await datasets.list(WS);
    expect(complete).toBe(true);
    expect(sources).toEqual([]);
    expect(listed.map(({ sourceSha256, rows, runId }) => [sourceSha256, rows, runId])).toEqual([
      [runs[1].lineage.sourceSha256, 300, runs[1].runId],
      [runs[0].lineage.sourceSha256, 200, runs[0].runId],
    ]);
    expect(listed[0]).toMatchObject({ pipeline: NAME, synthetic: false, source: 'file', runs: 1 });
  });

  it('is found by its first digits, and described', async () => {
    const sha = runs[0].lineage.datasetSha256 as string;
    expect(await datasets.describe(WS, sha.slice(0, 10).toUpperCase())).toMatchObject({
      kind: 'dataset',
      sha256: sha,
      rowsIn: 200,
      splits: { train: 120, validation: 40, test: 40 },
      sourceSha256: runs[0].lineage.sourceSha256,
    });
    expect(await datasets.describe(WS, runs[0].lineage.sourceSha256 as string)).toMatchObject({
      kind: 'source',
      usedBy: [{ pipeline: NAME, runId: runs[0].runId, datasetSha256: sha }],
      files: [{ name: 'raw' }],
    });
  });

  it('is refused where it is no hash, unknown, ambiguous or of another workspace', async () => {
    const sha = runs[0].lineage.datasetSha256 as string;
    await expect(datasets.describe(WS, 'abc')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'hash',
    });
    await expect(datasets.describe(WS, '../raw/aaaaaa')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(datasets.describe(WS, '0'.repeat(64))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(datasets.describe('other', sha)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await world.objects.put(`${WS}/raw/${sha.slice(0, 8)}${'0'.repeat(56)}`, 'x', {
      contentType: 'text/plain',
    });
    await expect(datasets.describe(WS, sha.slice(0, 8))).rejects.toMatchObject({
      code: 'AMBIGUOUS_HASH',
      details: { candidates: [{ kind: 'dataset', sha256: sha }, { kind: 'source' }] },
    });
    expect(await datasets.describe(WS, sha.slice(0, 16))).toMatchObject({ sha256: sha });
  });

  it('names each of its files, which are what their hashes say', async () => {
    const { files, sha256 } = await datasets.describe(WS, runs[0].lineage.datasetSha256 as string);
    expect(files.map(({ name }) => name)).toEqual([
      'train.parquet',
      'validation.parquet',
      'test.parquet',
      'test-raw.parquet',
    ]);
    for (const { name, sha256: own } of files) {
      const stored = await datasets.file(WS, sha256, name);
      expect(stored.sha256).toBe(own);
      expect(await world.objects.head(stored.key)).toBeDefined();
    }
    await expect(datasets.file(WS, sha256, 'model.arbm')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      remedy: expect.stringContaining('train.parquet'),
    });
  });

  it('is compared: rows of each part, and how far each column moved', async () => {
    const [a, b] = runs.map(({ lineage }) => lineage.datasetSha256 as string) as [string, string];
    const diff = await datasets.diff(WS, a, b);
    expect(diff).toMatchObject({ same: false, schema: { added: [], removed: [], changed: [] } });
    expect(diff.rows.slice(0, 5)).toEqual([
      { part: 'delivered', a: 200, b: 300 },
      { part: 'clean', a: 200, b: 300 },
      { part: 'train', a: 120, b: 180 },
      { part: 'validation', a: 40, b: 60 },
      { part: 'test', a: 40, b: 60 },
    ]);
    expect(diff.facts.map(({ key }) => key)).toEqual(['preprocessing', 'source']);
    const age = diff.columns.find(({ name }) => name === 'age')!;
    expect(age.shift).toBe('large');
    expect(age.mean!.b!).toBeLessThan(age.mean!.a! / 5);
    expect(diff.columns.find(({ name }) => name === 'area')!.psi!).toBeLessThan(0.25);
    expect((await datasets.diff(WS, a, a)).same).toBe(true);
  });

  it('compares sources by what was made of them last', async () => {
    const [a, b] = runs.map(({ lineage }) => lineage.sourceSha256 as string) as [string, string];
    expect((await datasets.diff(WS, a, b)).b.sha256).toBe(runs[1].lineage.datasetSha256);
    await world.objects.put(`${WS}/raw/${'9'.repeat(64)}`, 'never cleaned', { contentType: 'text/csv' });
    await expect(datasets.diff(WS, a, '999999')).rejects.toMatchObject({ status: 409, code: 'CONFLICT' });
  });

  it('stands behind the difference of two versions, with metrics and what made them', async () => {
    const diff = await datasets.diffVersions(WS, NAME, '1', '@production');
    expect([diff.a.version, diff.b.version]).toEqual(['1', '2']);
    expect(diff.dataset?.rows[0]).toEqual({ part: 'delivered', a: 200, b: 300 });
    const rmse = diff.metrics.find(({ key }) => key === 'rmse')!;
    expect(rmse.change).toBeCloseTo(runs[1].metrics.rmse! - runs[0].metrics.rmse!, 9);
    expect(diff.data.map(({ key }) => key)).toContain('dataset');
    expect(diff.params).toEqual([]);
    const same = await datasets.diffVersions(WS, NAME, 'latest', `models:/${NAME}/2`);
    expect(same).toMatchObject({ same: true, dataset: null });
    await expect(datasets.diffVersions(WS, NAME, '1', '9')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // Of a model that is not there, and another that cannot be read: one failure, and none that nobody waits for.
    await expect(datasets.diffVersions(WS, 'nobody', '1', 'models:/')).rejects.toMatchObject({
      code: 'INVALID_REFERENCE',
      field: 'with',
    });
    // Whichever part is wrong, the caller called it so.
    for (const wrong of ['a/b/c', 'models:/', `${NAME}@latest`, 'a name\u0000']) {
      await expect(datasets.diffVersions(WS, NAME, '1', wrong)).rejects.toMatchObject({ field: 'with' });
      await expect(datasets.diffVersions(WS, NAME, wrong, '1')).rejects.toMatchObject({ field: 'version' });
    }
    await expect(datasets.diffVersions(WS, NAME, '1', 'Staging')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a rollback of model and data together', () => {
  it('goes where one of the model alone goes: past the holder, which an older release left on top of the stack', async () => {
    const { world, datasets, runs } = await twoVersions();
    await world.items.update(key.model(WS, NAME), { set: { 'before:production': '["1","2"]' } });
    const done = await datasets.rollBack(WS, {
      model: NAME,
      alias: 'production',
      actor: 'ana',
      reason: 'worse',
      expectedVersion: '2',
    });
    expect(done).toMatchObject({ previousVersion: '2', data: { sha256: runs[0].lineage.sourceSha256 } });
    expect(done.model.aliases.production).toBe('1');
  });

  const back = { model: NAME, alias: 'production', actor: 'test', reason: 'prices look wrong' };

  it('moves both in one step, and the next run makes the version again, from nothing new', async () => {
    const { world, datasets, runs, files } = await twoVersions();
    const done = await datasets.rollBack(WS, { ...back, expectedVersion: '2' });
    expect(done.model.aliases.production).toBe('1');
    expect(done.data).toEqual({ pipeline: NAME, sha256: runs[0].lineage.sourceSha256 });
    const [audit] = (await world.deps.registry.audit(WS, NAME)).items;
    expect(audit).toMatchObject({ kind: 'rollback', fromVersion: '2', toVersion: '1', data: done.data });
    expect((await datasets.list(WS)).sources).toMatchObject([
      { pinned: { model: NAME, version: '1', runId: runs[0].runId, source: 'file' }, synthetic: false },
    ]);
    // The pin wins over the newer file that the definition names.
    const next = await runToEnd({ ...world.deps, repoFile: async () => files[1] }, NAME);
    expect(next.lineage).toMatchObject({
      sourceSha256: runs[0].lineage.sourceSha256,
      datasetSha256: runs[0].lineage.datasetSha256,
    });
    expect(next.tags['model.version']).toBe('1');
    expect(next.metrics).toEqual(runs[0].metrics);
  });

  it('does no more when it is repeated, and never half of it', async () => {
    const { world, datasets } = await twoVersions();
    const first = await datasets.rollBack(WS, { ...back, expectedVersion: '2' });
    const again = await datasets.rollBack(WS, { ...back, expectedVersion: '2' });
    expect(again.data).toEqual(first.data);
    expect(again.previousVersion).toBe('2');
    expect((await world.deps.registry.audit(WS, NAME)).items).toHaveLength(3);
    await expect(datasets.rollBack(WS, back)).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
  });

  it('leaves the source alone where the alias moved meanwhile', async () => {
    const { world, datasets } = await twoVersions();
    await expect(datasets.rollBack(WS, { ...back, expectedVersion: '1' })).rejects.toMatchObject({
      code: 'ALIAS_MOVED',
    });
    expect(await world.deps.state.getSource(WS, NAME)).toBeUndefined();
    expect((await world.deps.registry.getModel(WS, NAME)).aliases.production).toBe('2');
  });

  it('ends at any write with both done or neither, and a repeat completes it', async () => {
    for (let at = 1; at <= 2; at++) {
      const { world, datasets } = await twoVersions();
      let writes = 0;
      const transact = world.items.transact.bind(world.items);
      world.items.transact = async (...args: Parameters<typeof transact>) => {
        writes++;
        if (at === 1) throw new Error('killed before the write');
        await transact(...args);
        throw new Error('killed after the write');
      };
      await expect(datasets.rollBack(WS, { ...back, expectedVersion: '2' })).rejects.toThrow(/killed/);
      expect(writes).toBe(1);
      world.items.transact = transact;
      const alias = (await world.deps.registry.getModel(WS, NAME)).aliases.production;
      const pinned = await world.deps.state.getSource(WS, NAME);
      expect([alias, pinned?.pinned?.version]).toEqual(at === 1 ? ['2', undefined] : ['1', '1']);
      await datasets.rollBack(WS, { ...back, expectedVersion: '2' });
      expect((await world.deps.registry.getModel(WS, NAME)).aliases.production).toBe('1');
      expect((await world.deps.state.getSource(WS, NAME))?.pinned?.version).toBe('1');
    }
  });

  it('keeps made-up rows tagged as such', async () => {
    const make = (random: () => number, rows: number) =>
      Array.from({ length: rows }, () => {
        const [area, age] = [50 + 100 * random(), 90 * random()];
        return { area, age, price: 3 * area - 2 * age + 20 * random() };
      });
    const definition = (seed: number) =>
      tinyHouses({
        source: generate({ seed, rows: 200, make }),
        promote: { to: 'production', when: always() },
      });
    const world = pipelineWorld([definition(1)]);
    const first = await runToEnd(world.deps, NAME);
    await runToEnd({ ...world.deps, catalog: pipelineWorld([definition(2)]).deps.catalog }, NAME);
    await new Datasets(world.deps).rollBack(WS, back);
    const next = await runToEnd(world.deps, NAME);
    expect(next.tags).toMatchObject({ 'data.synthetic': 'true', 'data.source': 'pinned' });
    // Ingest reads the kept bytes instead of making them; from clean on it is the work of the first run.
    expect(next.lineage.datasetSha256).toBe(first.lineage.datasetSha256);
    expect(next.tags['model.version']).toBe('1');
  });

  it('is refused where the version has no data here', async () => {
    const { world, datasets, runs } = await twoVersions();
    await world.objects.remove(`${WS}/raw/${runs[0].lineage.sourceSha256}`);
    await expect(datasets.rollBack(WS, back)).rejects.toMatchObject({
      code: 'NO_DATA_TO_GO_BACK_TO',
      status: 409,
    });
    expect((await world.deps.registry.getModel(WS, NAME)).aliases.production).toBe('2');
  });

  it('ends when the pin is released: the definition’s own source is read again', async () => {
    const { world, datasets, runs, files } = await twoVersions();
    await datasets.rollBack(WS, back);
    expect(await datasets.release(WS, NAME)).toMatchObject({ pinned: { version: '1' } });
    expect(await datasets.release(WS, NAME)).toBeNull();
    const next = await runToEnd({ ...world.deps, repoFile: async () => files[1] }, NAME);
    expect(next.lineage.sourceSha256).toBe(runs[1].lineage.sourceSha256);
  });
});

describe('two candidates of a version', () => {
  it('are told apart by their params', async () => {
    const world = pipelineWorld([tinyHouses()], { [NAME]: tinyHousesCsv() });
    await runToEnd(world.deps, NAME);
    const other = tinyHouses({ candidates: [linearRegression({ alpha: 9 })] });
    await runToEnd({ ...world.deps, catalog: pipelineWorld([other]).deps.catalog }, NAME);
    const diff = await new Datasets(world.deps).diffVersions(WS, NAME, '1', '2');
    expect(diff.params).toEqual([{ key: 'alpha', a: '0', b: '9' }]);
    expect(diff.dataset).toBeNull();
    expect(diff.same).toBe(false);
  });
});
