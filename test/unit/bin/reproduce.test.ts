import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunSource, reproduce } from '../../../bin/cli/reproduce/reproduce.ts';
import { reproductionText } from '../../../bin/cli/reproduce/text.ts';
import { modelSections } from '../../../lib/learn/index.ts';
import { pollOnce } from '../../../lib/pipeline/collect/poll.ts';
import { runIdOf } from '../../../lib/pipeline/control/start.ts';
import { sha256 } from '../../../lib/pipeline/definition/index.ts';
import {
  generate,
  linearRegression,
  logisticRegression,
  type PipelineDefinition,
  randomForest,
} from '../../../lib/pipeline/index.ts';
import { modelDifference } from '../../../lib/pipeline/reproduce/model-difference.ts';
import { childRunId } from '../../../lib/pipeline/stages/child-runs.ts';
import { answer, cells, collectedClasses, collectingWorld, P, scripted } from '../../support/collecting.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { temporaryFolder } from '../../support/local-train.ts';
import { execute, type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';
import { hereWith, reproduceFrom, sourceOf } from '../../support/reproduce.ts';

const WS = 'default';
const folder = temporaryFolder('reproduce');
const forests = tinyClasses({ candidates: [logisticRegression(), randomForest({ trees: 5 })] });

const worldOf = (definition: PipelineDefinition, csv: Uint8Array) =>
  pipelineWorld([definition], { [definition.name]: csv });
const differing = (checks: { key: string; same: boolean }[]) =>
  checks.filter(({ same }) => !same).map(({ key }) => key);

describe('a classification of two candidates, done again', () => {
  let world: PipelineWorld;
  let runId: string;
  beforeAll(async () => {
    world = worldOf(forests, tinyClassesCsv());
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run.error).toBeUndefined();
    runId = run.runId;
  });

  it('is identical: data, split, every candidate, the model, each metric and report', async () => {
    const found = await reproduce(runId, { source: sourceOf(world), here: hereWith(forests) });
    expect(found).toMatchObject({ identical: true, sameConditions: true, sameResults: true, failure: null });
    expect(found.modelDifference).toBeNull();
    const run = await world.deps.runs.get(WS, runId);
    expect(found.metrics.map(({ key }) => key).sort()).toEqual(Object.keys(run.metrics).sort());
    expect(found.metrics.find(({ key }) => key === 'accuracy')?.again).toBe(run.metrics.accuracy);
    expect(found.candidates.map(({ key }) => key)).toEqual(['0 logistic-regression', '1 random-forest']);
    expect(found.data.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['source', 'dataset', 'train content', 'validation content', 'test content']),
    );
    expect(found.reports.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['reports/classification_report.txt', 'reports/confusion_matrix.png']),
    );
    const text = reproductionText(found);
    expect(text).toContain('200 rows delivered, 120 / 40 / 40 to train, validate and test');
    expect(text.split('\n').at(-1)).toBe('identical');
  });

  it('leaves nothing behind, and with keep the whole working folder', async () => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const opened: number[] = [];
    const here = async () => {
      opened.push(readdirSync(temporary).length);
      return hereWith(forests)();
    };
    await reproduce(runId, { source: sourceOf(world), here });
    const failing = async () => Promise.reject(new Error('does not bundle'));
    await expect(reproduce(runId, { source: sourceOf(world), here: failing })).rejects.toThrow(
      'does not bundle',
    );
    expect({ opened, left: readdirSync(temporary) }).toEqual({ opened: [1], left: [] });
    vi.unstubAllEnvs();
    const keep = join(folder, 'kept');
    await reproduce(runId, { source: sourceOf(world), here: hereWith(forests), keep });
    const { lineage } = await world.deps.runs.get(WS, runId);
    expect(readFileSync(join(keep, 'default', 'raw', lineage.sourceSha256!))).toEqual(
      Buffer.from(tinyClassesCsv()),
    );
    const kept = JSON.parse(readFileSync(join(keep, 'reproduction.json'), 'utf8'));
    const model = readFileSync(join(keep, 'recorded-model.arbm'));
    expect(kept).toMatchObject({ identical: true, runId });
    expect(existsSync(join(keep, 'default', 'models', `${sha256(model)}.arbm`))).toBe(true);
    await expect(
      reproduce(runId, { source: sourceOf(world), here: hereWith(forests), keep }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'keep' });
  });

  it('names each condition that differs, and says so where the results are the same all the same', async () => {
    const codeVersions = {
      plan: 'code-1',
      ingest: 'code-1',
      clean: 'code-1',
      train: 'code-2',
      evaluate: 'code-1',
    };
    const here = hereWith(forests, { codeVersions, lockfileSha256: 'lock-2', nodeVersion: 'v99.0.0' });
    const found = await reproduce(runId, { source: sourceOf(world), here });
    expect(found).toMatchObject({ identical: false, sameConditions: false, sameResults: true });
    expect(differing(found.conditions)).toEqual(['code of train', 'lock file', 'Node.js']);
    expect(reproductionText(found)).toContain(`Node.js: recorded ${process.version}, now v99.0.0`);
    expect(reproductionText(found)).toMatch(/the same results, under other conditions/);
  });

  it('shows a tampered definition: the field, the candidate that differs, what of the model', async () => {
    const tampered = tinyClasses({
      candidates: [logisticRegression({ C: 0.01 }), randomForest({ trees: 5 })],
    });
    const found = await reproduce(runId, { source: sourceOf(world), here: hereWith(tampered) });
    expect(found.identical).toBe(false);
    expect(differing(found.conditions)).toEqual(['definition']);
    expect(found.definition).toEqual([{ path: 'candidates[0].params.C', recorded: undefined, again: 0.01 }]);
    expect(differing(found.candidates)).toEqual(['0 logistic-regression']);
    expect(differing(found.data)).toEqual([]);
    expect(reproductionText(found)).toMatch(/DIFFERENT; the conditions are others too$/);
  });

  it('shows another seed: every side of the split, every model, and the metrics one by one', async () => {
    const { split } = forests;
    const found = await reproduce(runId, {
      source: sourceOf(world),
      here: hereWith({ ...forests, split: { ...split, seed: 8 } }),
    });
    expect(differing(found.conditions)).toEqual(['definition', 'seed']);
    expect(found.conditions.find(({ key }) => key === 'seed')).toMatchObject({ recorded: 7, again: 8 });
    expect(differing(found.data)).toEqual(['dataset', 'train content', 'validation content', 'test content']);
    expect(differing(found.candidates)).toHaveLength(2);
    expect(differing(found.metrics)).toContain('log_loss');
    expect(found.modelDifference?.manifest.length).toBeGreaterThan(0);
  });

  it('shows a metric that was changed in the record, and nothing else', async () => {
    const source = sourceOf(world);
    const lied: RunSource = {
      ...source,
      run: async (id) => {
        const run = await source.run(id);
        return { ...run, metrics: { ...run.metrics, accuracy: 0.9926, r2: 1 } };
      },
    };
    const found = await reproduce(runId, { source: lied, here: hereWith(forests) });
    expect(found).toMatchObject({ identical: false, sameConditions: true, sameResults: false });
    expect(differing(found.metrics).sort()).toEqual(['accuracy', 'r2']);
    expect(found.metrics.find(({ key }) => key === 'r2')).toMatchObject({ recorded: 1, again: null });
    expect(reproductionText(found)).toMatch(/accuracy: recorded 0\.9926, now 0\.\d+/);
  });

  it('refuses data that is not what the run recorded', async () => {
    const source = sourceOf(world);
    const swapped: RunSource = { ...source, data: async () => tinyClassesCsv(150) };
    const found = await reproduce(runId, { source: swapped, here: hereWith(forests) });
    expect(found.failure).toMatchObject({ stage: 'ingest', code: 'INTEGRITY' });
    expect(found).toMatchObject({ identical: false, sameResults: false });
    expect(reproductionText(found)).toContain('ingest could not be done again: INTEGRITY');
  });

  it('refuses a candidate and names the whole run', async () => {
    const child = childRunId(runId, 1);
    await expect(
      reproduce(child, { source: sourceOf(world), here: hereWith(forests) }),
    ).rejects.toMatchObject({
      code: 'NOT_REPRODUCIBLE',
      remedy: expect.stringContaining(`reproduce ${runId}`),
    });
  });
});

describe('other runs', () => {
  it('reproduces a forced, a skipped and a late run alike', async () => {
    const world = worldOf(tinyHouses(), tinyHousesCsv());
    const here = hereWith(tinyHouses());
    for (const options of [{}, {}, { force: true }, { from: 'train' as const }, { to: 'clean' as const }]) {
      const run = await runToEnd(world.deps, 'tiny-houses', options);
      expect(run.error).toBeUndefined();
      const found = await reproduce(run.runId, { source: sourceOf(world), here });
      expect({ options, ...found }).toMatchObject({ options, identical: true });
      expect(found.model.length > 0).toBe(!('to' in options));
    }
  });

  it('reproduces a synthetic run from the rows that were made then', async () => {
    const synthetic = tinyHouses({
      source: generate({
        seed: 1,
        rows: 120,
        make: (random, rows) =>
          Array.from({ length: rows }, () => {
            const [area, age] = [50 + Math.round(100 * random()), Math.round(90 * random())];
            return { area, age, price: 3 * area - 2 * age + Math.round(40 * random()) };
          }),
      }),
    });
    const world = pipelineWorld([synthetic]);
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.tags['data.synthetic']).toBe('true');
    const found = await reproduce(run.runId, { source: sourceOf(world), here: hereWith(synthetic) });
    expect(found).toMatchObject({ identical: true });
    expect(found.data.find(({ key }) => key === 'synthetic')).toMatchObject({ recorded: 'true', same: true });
  });

  it('reproduces a round of collecting from the rows of its subsets, whatever was collected since', async () => {
    const batches = [0, 1, 2, 3].map((batch) =>
      answer(200, { batch_number: batch, data: cells(240).filter((_, i) => i % 3 === batch % 3) }),
    );
    const world = collectingWorld(scripted([...batches]));
    for (let i = 0; i < 3; i++) await pollOnce(world.deps, WS, P);
    const runId = runIdOf(WS, P, 'round:1');
    const run = await execute(world.deps, { workspace: WS, runId, attempt: 1 });
    expect(run).toMatchObject({
      status: 'FINISHED',
      trigger: 'event',
      tags: { 'data.source': 'batches', 'data.rows': '240', 'data.round': '1' },
    });
    await pollOnce(world.deps, WS, P);
    const found = await reproduceFrom(world, runId, hereWith(collectedClasses()));
    expect(found).toMatchObject({ identical: true, sameConditions: true, sameResults: true, failure: null });
    expect(found.data.find(({ key }) => key === 'rows delivered')).toMatchObject({
      recorded: '240',
      again: '240',
    });
  });

  it('refuses a failed run, one of no pipeline, and one without data', async () => {
    const world = worldOf(tinyHouses(), new TextEncoder().encode('area,age,price\n1,2,three\n'));
    const failed = await runToEnd(world.deps, 'tiny-houses');
    const options = { source: sourceOf(world), here: hereWith(tinyHouses()) };
    await expect(reproduce(failed.runId, options)).rejects.toThrow(/is FAILED: only a finished run/);
    const logged = 'c'.repeat(32);
    await world.deps.runs.create(WS, {
      runId: logged,
      experimentId: '0',
      name: 'import of flowers',
      tags: {},
    });
    await expect(reproduce(logged, options)).rejects.toMatchObject({
      code: 'NOT_REPRODUCIBLE',
      message: expect.stringContaining('"import of flowers") is of no pipeline'),
    });
    const good = worldOf(tinyHouses(), tinyHousesCsv());
    const { runId } = await runToEnd(good.deps, 'tiny-houses');
    const source = sourceOf(good);
    const older: RunSource = {
      ...source,
      run: async (id) => ({ ...(await source.run(id)), lineage: {} }),
    };
    await expect(reproduce(runId, { source: older, here: options.here })).rejects.toThrow(
      /has no data in its lineage/,
    );
  });
});

describe('what differs between two model files', () => {
  const fitted = async (definition: PipelineDefinition) => {
    const world = worldOf(definition, tinyHousesCsv());
    const { runId } = await runToEnd(world.deps, 'tiny-houses', { to: 'evaluate' });
    const evaluated = (await world.deps.stages.list(WS, runId)).find(({ stage }) => stage === 'evaluate')!;
    return world.objects.get(String(evaluated.outputs.modelKey));
  };

  it('is nothing for equal bytes, and names field, section and first entry for others', async () => {
    const plain = await fitted(tinyHouses({ candidates: [linearRegression()] }));
    const ridge = await fitted(tinyHouses({ candidates: [linearRegression({ alpha: 50 })] }));
    expect(modelDifference(plain, plain.slice())).toBeUndefined();
    const found = modelDifference(plain, ridge)!;
    expect(found.manifest.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['params.alpha', 'facts.intercept']),
    );
    const coefficients = found.sections.find(({ name }) => name === 'coefficients')!;
    const sections = modelSections(plain).sections.coefficients as Float64Array;
    expect(coefficients).toMatchObject({ recordedLength: 2, againLength: 2, differing: 2 });
    expect(coefficients.first).toMatchObject({ index: 0, recorded: sections[0] });
    expect(plain[found.firstByte]).not.toBe(ridge[found.firstByte]);
    expect(Buffer.compare(plain.subarray(0, found.firstByte), ridge.subarray(0, found.firstByte))).toBe(0);
  });
});
