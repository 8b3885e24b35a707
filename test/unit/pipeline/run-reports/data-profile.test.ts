import { beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../../../lib/pipeline/keys.ts';
import { profileOfRun } from '../../../../lib/pipeline/run-reports/data-profile.ts';
import { storeJson } from '../../../../lib/pipeline/stages/dataset.ts';
import type { DatasetManifest } from '../../../../lib/pipeline/stages/types.ts';
import { profileTable } from '../../../../lib/table/index.ts';
import type { Column } from '../../../../lib/table/types.ts';
import type { NewRun } from '../../../../lib/tracking/types.ts';
import { type PipelineWorld, pipelineWorld } from '../../../support/pipeline.ts';

const WS = 'default';
const P = 'houses';
let world: PipelineWorld;
let made: number;
beforeEach(() => {
  world = pipelineWorld([]);
  made = 0;
});

const numbers = (name: string, values: number[]): Column => ({
  name,
  kind: 'number',
  values: Float64Array.from(values),
});
const words = (name: string, values: string[]): Column => {
  const categories = [...new Set(values)];
  return {
    name,
    kind: 'category',
    categories,
    codes: Int32Array.from(values, (one) => categories.indexOf(one)),
  };
};
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** A dataset whose training rows have these columns; gives its hash. */
async function datasetOf(columns: Column[], more: Partial<DatasetManifest> = {}): Promise<string> {
  const rowCount =
    columns[0] === undefined
      ? 0
      : 'values' in columns[0]
        ? columns[0].values.length
        : columns[0].codes.length;
  const part = (rows: number) => ({ key: 'k', sha256: 's', rows });
  const manifest = {
    pipeline: P,
    target: 'price',
    task: 'regression',
    synthetic: false,
    rowsIn: 120,
    rowsOut: 110,
    duplicatesDropped: 7,
    splits: { train: part(rowCount), validation: part(6), test: part(4) },
    profile: profileTable({ rowCount, columns }),
    ...more,
  };
  return (await storeJson(world.objects, (sha) => keys.dataset(WS, sha), manifest)).sha256;
}

/** A run that began a minute after the one before, on that dataset; gives its id. */
async function runOn(datasetSha256: string | undefined, more: Partial<NewRun> = {}): Promise<string> {
  world.clock.advance(60_000);
  const runId = String(++made).padStart(32, '0');
  await world.deps.runs.create(WS, {
    runId,
    experimentId: '0',
    name: `run ${made}`,
    trigger: 'caller',
    pipeline: P,
    ...more,
  });
  if (datasetSha256 !== undefined) await world.deps.runs.setLineage(WS, runId, { datasetSha256 });
  return runId;
}
const profile = (runId: string, against?: string) => profileOfRun(world.deps, WS, runId, against);

describe('the data of a run', () => {
  it('are what the manifest of its dataset says', async () => {
    const dataset = await datasetOf([
      numbers('area', [1, 2, 3, Number.NaN]),
      words('quarter', ['a', 'b', 'a', 'a']),
    ]);
    const runId = await runOn(dataset);
    const { columns, ...rest } = await profile(runId);
    expect(rest).toEqual({
      runId,
      datasetSha256: dataset,
      target: 'price',
      task: 'regression',
      synthetic: false,
      rows: { delivered: 120, clean: 110, train: 4, validation: 6, test: 4 },
      duplicatesDropped: 7,
      previous: null,
      columnCount: 2,
      removed: [],
    });
    expect(columns).toMatchObject([
      { profile: { name: 'area', kind: 'number', count: 3, missing: 1, min: 1, max: 3, mean: 2 } },
      {
        profile: {
          name: 'quarter',
          categories: [
            { value: 'a', count: 3 },
            { value: 'b', count: 1 },
          ],
          other: 0,
        },
      },
    ]);
    for (const column of columns) expect(Object.keys(column)).toEqual(['profile']);
  });

  it.each([
    [499, 499],
    [500, 500],
    [501, 500],
  ])('of %i columns are those of %i', async (count, shown) => {
    const runId = await runOn(await datasetOf(upTo(count).map((i) => numbers(`c${i}`, [i, i + 1]))));
    const { columns, columnCount } = await profile(runId);
    expect([columns.length, columnCount, columns.at(-1)?.profile.name]).toEqual([
      shown,
      count,
      `c${shown - 1}`,
    ]);
  });

  it('are none before it has clean ones', async () => {
    const runId = await runOn(undefined);
    await expect(profile(runId)).rejects.toMatchObject({
      code: 'CONFLICT',
      status: 409,
      message: `run ${runId} has no clean dataset`,
      field: undefined,
    });
  });

  it('are not found of a run that is not there, or is in another workspace', async () => {
    const runId = await runOn(await datasetOf([numbers('area', [1, 2])]));
    await expect(profile('f'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(profileOfRun(world.deps, 'other', runId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are refused where the manifest is not what its hash says, or is gone', async () => {
    const dataset = await datasetOf([numbers('area', [1, 2])]);
    const runId = await runOn(dataset);
    await world.objects.put(keys.dataset(WS, dataset), '{}', { contentType: 'application/json' });
    await expect(profile(runId)).rejects.toMatchObject({ code: 'INTEGRITY' });
    await world.objects.remove(keys.dataset(WS, dataset));
    await expect(profile(runId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('how they moved', () => {
  it('is told of each column that both runs have, of kinds that compare', async () => {
    const before = await runOn(
      await datasetOf([
        numbers('same', upTo(100)),
        numbers('moved', upTo(100)),
        numbers('gone', upTo(100)),
        numbers('turned', upTo(100)),
        words(
          'quarter',
          upTo(100).map((i) => (i < 50 ? 'a' : 'b')),
        ),
      ]),
    );
    const runId = await runOn(
      await datasetOf([
        numbers('moved', upTo(100, 1_000)),
        numbers('same', upTo(100)),
        words(
          'quarter',
          upTo(100).map((i) => (i < 80 ? 'a' : 'b')),
        ),
        words(
          'turned',
          upTo(100).map((i) => `word ${i % 3}`),
        ),
        numbers('new', upTo(100)),
      ]),
    );
    const { columns, previous, removed, columnCount } = await profile(runId);
    expect(previous).toMatchObject({
      runId: before,
      name: 'run 1',
      startTime: '2026-01-01T00:01:00.000Z',
      same: false,
    });
    expect([removed, columnCount]).toEqual([['gone'], 5]);
    const told = columns.map(({ profile: { name }, previous: held, shift }) => [
      name,
      held?.name,
      shift?.shift,
    ]);
    expect(told).toEqual([
      ['moved', 'moved', 'large'],
      ['same', 'same', 'none'],
      ['quarter', 'quarter', 'large'],
      ['turned', 'turned', undefined],
      ['new', undefined, undefined],
    ]);
    const of = (name: string) => columns.find((column) => column.profile.name === name)!;
    expect(of('same').shift).toEqual({ psi: 0, shift: 'none', missing: { a: 0, b: 0 } });
    // (0.8 - 0.5) ln(0.8 / 0.5) + (0.2 - 0.5) ln(0.2 / 0.5)
    expect(of('quarter').shift?.psi).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 12);
    expect(of('moved').previous).toMatchObject({ min: 0, max: 99 });
    expect(Object.keys(of('new'))).toEqual(['profile']);
    expect(Object.keys(of('turned'))).toEqual(['profile', 'previous']);
  });

  it('is told of what is missing, before and now', async () => {
    await runOn(await datasetOf([numbers('age', [1, 2, 3, 4])]));
    const runId = await runOn(await datasetOf([numbers('age', [1, 2, 3, Number.NaN])]));
    expect((await profile(runId)).columns[0]?.shift?.missing).toEqual({ a: 0, b: 0.25 });
  });

  it('is nothing against the same data, or against itself', async () => {
    const dataset = await datasetOf([numbers('area', upTo(50)), words('quarter', upTo(50).map(String))]);
    const first = await runOn(dataset);
    const runId = await runOn(dataset);
    for (const against of [undefined, first, runId]) {
      const { previous, columns } = await profile(runId, against);
      expect(previous).toMatchObject({ runId: against ?? first, same: true, datasetSha256: dataset });
      expect(columns.map(({ shift }) => shift?.psi)).toEqual([0, 0]);
    }
  });
});

describe('the run that it is compared with', () => {
  const previousOf = async (runId: string) => (await profile(runId)).previous?.runId;
  const area = () => datasetOf([numbers('area', [made, made + 1])]);

  it('is the last of its pipeline before it that has a dataset', async () => {
    const first = await runOn(await area());
    const second = await runOn(await area());
    await runOn(undefined);
    await runOn(await area(), { pipeline: 'others' });
    const runId = await runOn(await area());
    await runOn(await area());
    expect(await previousOf(runId)).toBe(second);
    expect(await previousOf(second)).toBe(first);
    expect(await previousOf(first)).toBeUndefined();
  });

  it('is none that was deleted', async () => {
    const first = await runOn(await area());
    const second = await runOn(await area());
    const runId = await runOn(await area());
    await world.items.put({
      ...world.items.dump().find(({ sk, runId: of }) => sk === '0#run' && of === second)!,
      lifecycleStage: 'deleted',
    });
    expect(await previousOf(runId)).toBe(first);
  });

  it.each([
    [48, true],
    [49, false],
  ])('is found behind %i runs without a dataset: %s', async (between, isFound) => {
    const first = await runOn(await area());
    for (let i = 0; i < between; i++) await runOn(undefined);
    // Fifty are looked at, itself among them.
    expect(await previousOf(await runOn(await area()))).toBe(isFound ? first : undefined);
  });

  it('of a run of no pipeline is none, but the one that is named', async () => {
    const first = await runOn(await area());
    const runId = await runOn(await area(), { pipeline: undefined });
    expect(await previousOf(runId)).toBeUndefined();
    expect((await profile(runId, first)).previous?.runId).toBe(first);
  });

  it('may be named, of any pipeline, earlier or later', async () => {
    const runId = await runOn(await area());
    const later = await runOn(await datasetOf([numbers('height', [1, 2])]), { pipeline: 'others' });
    const { previous, removed } = await profile(runId, later);
    expect([previous?.runId, removed]).toEqual([later, ['height']]);
  });

  it('is told to be wrong by its field', async () => {
    const runId = await runOn(await area());
    const bare = await runOn(undefined);
    await expect(profile(runId, bare)).rejects.toMatchObject({ code: 'CONFLICT', field: 'against' });
    await expect(profile(runId, 'f'.repeat(32))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      field: 'against',
    });
  });
});
