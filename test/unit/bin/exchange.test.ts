import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomForestClassifier } from 'ml-random-forest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../../bin/local-train/export-model.ts';
import { type ImportModelOptions, importModel } from '../../../bin/local-train/import-model.ts';
import { readWhole } from '../../../bin/local-train/model-path.ts';
import { predictFile } from '../../../bin/local-train/predict.ts';
import { train } from '../../../bin/local-train/train.ts';
import { runCli } from '../../support/cli.ts';
import { treesFile } from '../learn/exchange/support/graphs.ts';

let dir: string;
const at = (...names: string[]) => join(dir, ...names);
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/learn/exchange/${name}.onnx`, import.meta.url));
const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

/** area <= 1 ? (kind is 3 or 7 ? 10 : 20) : 30 */
const yes: number[] = [10];
const seven = { mode: 'BRANCH_EQ' as const, feature: 1, value: 7, yes, no: [20] };
const kinds = { mode: 'BRANCH_EQ' as const, feature: 1, value: 3, yes, no: seven };
const houses = { features: ['area', 'kind'], target: 'price' };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-exchange-'));
  writeFileSync(at('houses.onnx'), treesFile([{ feature: 0, value: 1, yes: kinds, no: [30] }], { width: 2 }));
  const rows = Array.from({ length: 150 }, (_, i) => {
    const size = (i * 37) % 101;
    const town = ['Graz', 'Łódź', 'São Paulo'][i % 3]!;
    return `${i % 11 === 0 ? '' : size / 4},${i % 13 === 0 ? '' : town},${(size > 40) !== (i % 3 === 1) ? 'dear' : 'cheap'}`;
  });
  writeFileSync(at('rows.csv'), `size,town,label\n${rows.join('\n')}\n`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const trained = (algorithm: string, out: string) =>
  train({
    data: at('rows.csv'),
    target: 'label',
    out: at(out),
    seed: 1,
    split: '0.8',
    drop: [],
    missing: [],
    algorithm,
    ...(algorithm.includes('forest') ? { trees: 5 } : {}),
  });

describe('predicting by an imported model', () => {
  beforeAll(() => importModel({ file: at('houses.onnx'), out: at('houses'), ...houses }));

  it('takes its categories, whatever way whole numbers are written, and empty cells', async () => {
    writeFileSync(at('new.csv'), 'kind,area,more\n3,0,x\n7.0,1,x\n,0.5,x\nNA,2,x\n3,,x\n99,0,x\n');
    const done = await predictFile({ model: at('houses'), data: at('new.csv'), out: at('out.csv') });
    expect(linesOf(at('out.csv'))).toEqual(['prediction', '10', '10', '20', '30', '30', '20']);
    // 99 is a category that no question names.
    expect(done).toMatchObject({ rows: 6, target: 'price', algorithm: 'imported-ensemble', warnings: 1 });
  });

  it('refuses text where numbers belong, and leaves no file behind', async () => {
    writeFileSync(at('bad.csv'), 'area,kind\nlarge,3\n');
    await expect(
      predictFile({ model: at('houses'), data: at('bad.csv'), out: at('bad-out.csv') }),
    ).rejects.toThrow('area');
    expect([existsSync(at('bad-out.csv')), existsSync(at('bad-out.csv.part'))]).toEqual([false, false]);
  });

  it('names the column that is not there', async () => {
    writeFileSync(at('less.csv'), 'area\n1\n');
    await expect(
      predictFile({ model: at('houses'), data: at('less.csv'), out: at('less-out.csv') }),
    ).rejects.toThrow('kind');
  });

  it('rows of training beside it make covers, gaps and strange categories among them', async () => {
    writeFileSync(at('train.csv'), 'area,kind,price\n0,3,1\n0,7.0,1\n5,3,9\n,9,9\n0,,9\n');
    const report = await importModel({
      file: at('houses.onnx'),
      out: at('covered'),
      data: at('train.csv'),
      ...houses,
    });
    expect(report.notes.join()).toContain('--data');
    expect(JSON.parse(readFileSync(at('covered', 'metrics.json'), 'utf8'))).toEqual(report);
    expect(report).toMatchObject({ trees: 1, task: 'regression', classes: [], target: 'price' });
  });
});

describe('out and in again', () => {
  it.each(['random-forest', 'gradient-boosting', 'ml-random-forest'])(
    '%s: raw rows are prepared as in training, and answered alike',
    async (algorithm) => {
      await trained(algorithm, algorithm);
      const file = at(`${algorithm}.onnx`);
      const done = await exportModel({ model: at(algorithm), format: 'onnx', out: file });
      expect(done).toMatchObject({ algorithm, classes: ['cheap', 'dear'], bytes: readFileSync(file).length });
      const report = await importModel({ file, out: at(`${algorithm}-again`) });
      expect(report).toMatchObject({ target: 'label', task: 'classification', producer: 'arboleda' });
      expect(report.notes).toContain('the preparation of rows was restored from the file');
      for (const [model, out] of [
        [algorithm, 'own.csv'],
        [`${algorithm}-again`, 'again.csv'],
      ]) {
        await predictFile({ model: at(model!), data: at('rows.csv'), out: at(out!) });
      }
      const [own, again] = ['own.csv', 'again.csv'].map((name) =>
        linesOf(at(name)).map((line) => line.split(',')),
      );
      expect(again!.map(([label]) => label)).toEqual(own!.map(([label]) => label));
      for (let i = 1; i < own!.length; i++) {
        expect(Number(again![i]![1])).toBeCloseTo(Number(own![i]![1]), 6);
      }
      // A file beside its folder will do as well.
      copyFileSync(at(algorithm, 'model.arbm'), at('alone.arbm'));
      await exportModel({ model: at('alone.arbm'), format: 'onnx', out: at('alone.onnx') });
      expect(readFileSync(at('alone.onnx'))).toEqual(readFileSync(file));
    },
    60_000,
  );

  it('a forest goes to ml-random-forest, which loads it, and comes back', async () => {
    await trained('ml-random-forest', 'mlrf');
    const done = await exportModel({ model: at('mlrf'), format: 'ml-random-forest', out: at('forest.json') });
    const json = JSON.parse(readFileSync(at('forest.json'), 'utf8'));
    expect(RandomForestClassifier.load(json).predict([json.features.map(() => 1)])).toHaveLength(1);
    const features: string[] = json.features;
    expect(done.features).toBe(features.length);
    const report = await importModel({
      file: at('forest.json'),
      out: at('mlrf-again'),
      target: 'label',
      features,
      classes: json.classes,
    });
    expect(report).toMatchObject({
      producer: 'ml-random-forest',
      trees: 5,
      classes: ['cheap', 'dear'],
      features,
    });
  });

  it('the JSON without names: features and classes are numbers', async () => {
    const report = await importModel({ file: at('forest.json'), out: at('unnamed'), target: 'label' });
    expect(report.classes).toEqual(['0', '1']);
    expect(report.features[0]).toBe('f0');
  });
});

describe('careless use is answered with what to do', () => {
  const importing = (over: Partial<ImportModelOptions>) => () =>
    importModel({ file: at('houses.onnx'), out: at('never'), ...houses, ...over });

  it.each<[string, () => Promise<unknown>, string, string]>([
    ['a file that is not there', importing({ file: '/nowhere/model.onnx' }), 'ENOENT', 'INVALID_INPUT'],
    ['a folder', importing({ file: tmpdir(), format: 'onnx' }), 'EISDIR', 'INVALID_INPUT'],
    [
      'an ending that says nothing',
      importing({ file: fileURLToPath(import.meta.url) }),
      'neither in .onnx',
      'INVALID_INPUT',
    ],
    [
      'a text as ONNX',
      importing({ file: fileURLToPath(import.meta.url), format: 'onnx' }),
      'not an ONNX model',
      'INTEGRITY',
    ],
    [
      'ONNX as JSON',
      importing({ file: fixture('xgboost'), format: 'ml-random-forest' }),
      'not a forest',
      'INTEGRITY',
    ],
    [
      'a pipeline',
      importing({ file: fixture('refused-scaler') }),
      'the operator Scaler',
      'UNSUPPORTED_MODEL',
    ],
    [
      'no target',
      () => importModel({ file: fixture('xgboost'), out: at('never') }),
      'does not say what',
      'INVALID_INPUT',
    ],
    [
      'a target that is a feature',
      () => importModel({ file: fixture('xgboost'), out: at('never'), target: 'f0' }),
      '"f0" is a feature',
      'INVALID_INPUT',
    ],
    [
      'too few classes',
      () => importModel({ file: fixture('xgboost'), out: at('never'), target: 'y', classes: ['a'] }),
      '3 classes, and 1',
      'INVALID_INPUT',
    ],
    [
      'too few features',
      () => importModel({ file: fixture('xgboost'), out: at('never'), target: 'y', features: ['a'] }),
      'features, and 1 are named',
      'INVALID_INPUT',
    ],
    [
      'data that are not there',
      importing({ data: '/nowhere/rows.csv' }),
      'cannot be read: it is not there',
      'INVALID_INPUT',
    ],
    [
      'a model that is not there',
      () => exportModel({ model: '/nowhere', format: 'onnx', out: '/nowhere/x' }),
      'ENOENT',
      'INVALID_INPUT',
    ],
    [
      'a folder without a model',
      () => exportModel({ model: tmpdir(), format: 'onnx', out: '/nowhere/x' }),
      'model.arbm cannot be read',
      'INVALID_INPUT',
    ],
    [
      'ONNX as a model of ours',
      () => exportModel({ model: fixture('xgboost'), format: 'onnx', out: '/nowhere/x' }),
      '',
      'INTEGRITY',
    ],
  ])('%s', async (_, work, message, code) => {
    const thrown = await work().then(
      () => expect.fail('nothing was thrown'),
      (error: unknown) => error as { message: string; code: string; remedy: string },
    );
    expect(thrown.message).toContain(message);
    expect(thrown.code).toBe(code);
    expect(thrown.remedy.length).toBeGreaterThan(10);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('data of no rows, and of other columns', async () => {
    writeFileSync(at('empty.csv'), 'area,kind\n');
    await expect(importing({ data: at('empty.csv') })()).rejects.toThrow(/no rows|empty/i);
    writeFileSync(at('other.csv'), 'width,height\n1,2\n');
    await expect(importing({ data: at('other.csv') })()).rejects.toThrow('area');
  });

  it('an output that cannot be written: a folder that is not there, a folder, a file in the way', async () => {
    await importModel({ file: at('houses.onnx'), out: at('source'), ...houses });
    const to = (out: string) => exportModel({ model: at('source'), format: 'onnx', out });
    mkdirSync(at('a-folder'));
    for (const [out, code] of [
      [at('none', 'm.onnx'), 'ENOENT'],
      [at('a-folder'), 'EISDIR'],
    ]) {
      await expect(to(out!)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        field: 'out',
        message: `${out} cannot be written (${code})`,
      });
    }
    await expect(importing({ out: at('houses.onnx') })()).rejects.toMatchObject({ field: 'out' });
  });

  it('an output that is there is written anew, as by train', async () => {
    const first = await importing({ out: at('twice') })();
    await importing({ out: at('twice'), name: 'other' })();
    const again = await importing({ out: at('twice') })();
    expect(again.modelSha256).toBe(first.modelSha256);
  });

  it('a file is measured before it is read', async () => {
    await expect(readWhole(at('houses.onnx'), 'Give a smaller one.', 100)).rejects.toThrow(
      /bytes, and 100 are read/,
    );
    expect((await readWhole(at('houses.onnx'), '')).length).toBeGreaterThan(100);
  });
});

describe('on the command line', () => {
  it('import, predict and export, with JSON alone on stdout', async () => {
    const imported = await runCli([
      'model',
      'import',
      at('houses.onnx'),
      '--target',
      'price',
      '--features',
      'area,kind',
      '--out',
      at('cli'),
      '--json',
    ]);
    expect(imported.code).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({
      trees: 1,
      features: ['area', 'kind'],
      out: at('cli'),
    });
    writeFileSync(at('cli.csv'), 'area,kind\n0,3\n,\n');
    const predicted = await runCli([
      'predict',
      '--model',
      at('cli'),
      '--data',
      at('cli.csv'),
      '--out',
      at('cli-out.csv'),
    ]);
    expect(predicted.code).toBe(0);
    expect(linesOf(at('cli-out.csv'))).toEqual(['prediction', '10', '30']);
    const exported = await runCli(['model', 'export', at('cli'), '--out', at('cli.onnx')]);
    expect(exported.code).toBe(0);
    expect(exported.stdout).toContain('imported-ensemble of 2 features');
    expect(readFileSync(at('cli.onnx')).length).toBeGreaterThan(100);
  }, 60_000);

  it('errors end with 1 and say what to do; wrong usage with 2', async () => {
    const failed = await runCli([
      'model',
      'import',
      fixture('refused-poisson'),
      '--target',
      'y',
      '--out',
      at('no'),
      '--json',
    ]);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout).error).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining('Exp'),
    });
    const missing = await runCli(['model', 'import', at('houses.onnx')]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('--out');
    const format = await runCli(['model', 'export', at('houses'), '--format', 'pmml', '--out', at('x')]);
    expect(format.code).toBe(2);
    expect(format.stderr).toContain('onnx');
  }, 60_000);
});
