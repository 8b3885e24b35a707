import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseColumns, guessTask } from '../../../bin/local-train/columns.ts';
import { parseShares } from '../../../bin/local-train/guard.ts';
import { planSteps } from '../../../bin/local-train/plan.ts';
import { predictFile } from '../../../bin/local-train/predict.ts';
import { type TrainOptions, train } from '../../../bin/local-train/train.ts';
import type { Table } from '../../../lib/table/index.ts';
import { runCli } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/local-train.ts';
import { uniform } from '../../support/random.ts';

const dir = temporaryFolder('train');

const TOWNS = ['Málaga', 'São Paulo', 'Łódź', 'Graz, "Stadt"', 'zwei\nZeilen'];
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A file with all that real files have: an id, a date, gaps by two markers, quotes, newlines, a constant, free text. */
function mixedCsv(rows: number): string {
  const next = uniform(7);
  const lines = ['id,signed,town,size,flag,note,same,label'];
  for (let i = 0; i < rows; i++) {
    const size = next() * 100;
    const town = TOWNS[Math.floor(next() * TOWNS.length)] ?? '';
    const day = String(1 + Math.floor(next() * 28)).padStart(2, '0');
    const gap = next();
    const flag = next() < 0.5;
    const label = size + (flag ? 30 : 0) + (town === 'Łódź' ? 25 : 0) > 75 ? 'hoch' : 'tief';
    lines.push(
      [
        1000 + i,
        `2026-03-${day}`,
        gap < 0.1 ? '?' : quoted(town),
        gap > 0.9 ? '' : size.toFixed(3),
        flag,
        `free text ${i}`,
        'x',
        label,
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

const options = (data: string, over: Partial<TrainOptions> = {}): TrainOptions => ({
  data,
  target: 'label',
  out: join(dir, 'model'),
  seed: 42,
  split: '0.8',
  drop: [],
  missing: ['?'],
  ...over,
});

describe('training from a file of unknown columns', () => {
  let file: string;
  beforeAll(() => {
    file = join(dir, 'mixed.csv.gz');
    writeFileSync(file, gzipSync(mixedCsv(400)));
  });

  it('infers what to do, and says so', async () => {
    const said: string[] = [];
    const report = await train(options(file, { trees: 5, note: (text) => said.push(text) }));
    expect(report).toMatchObject({
      task: 'classification',
      algorithm: 'random-forest',
      params: { trees: 5 },
      rows: 400,
      trainRows: 320,
      testRows: 80,
      features: 4,
      classes: ['hoch', 'tief'],
    });
    expect(report.dropped.map(({ column }) => column).sort()).toEqual(['id', 'note', 'same']);
    expect(report.metrics.accuracy).toBeGreaterThan(0.75);
    expect(report.modelSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(said.join('\n')).toContain('"id" is left out');
    expect(JSON.parse(readFileSync(join(dir, 'model', 'metrics.json'), 'utf8'))).toEqual(report);
    expect(readFileSync(join(dir, 'model', 'report.txt'), 'utf8')).toContain('weighted avg');
  });

  it('makes the same bytes from the same seed, and others from another', async () => {
    const first = await train(options(file, { trees: 3, out: join(dir, 'a') }));
    const second = await train(options(file, { trees: 3, out: join(dir, 'b') }));
    const third = await train(options(file, { trees: 3, out: join(dir, 'c'), seed: 43 }));
    expect(second.modelSha256).toBe(first.modelSha256);
    expect(third.modelSha256).not.toBe(first.modelSha256);
  });

  it('predicts a file with gaps, new categories, further columns and no target, in its order', async () => {
    await train(options(file, { algorithm: 'logistic-regression', out: join(dir, 'model') }));
    const data = join(dir, 'new.csv');
    writeFileSync(
      data,
      'extra,size,town,signed,flag\nq,99,Łódź,2026-03-01,true\nq,1,Nowhere,2026-03-01,false\nq,,?,,\n',
    );
    const out = join(dir, 'out.csv');
    const done = await predictFile({ model: join(dir, 'model'), data, out });
    expect(done).toMatchObject({ rows: 3, target: 'label', warnings: 1 });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('prediction,probability_hoch,probability_tief');
    expect(lines[1]).toMatch(/^hoch,/);
    expect(lines[2]).toMatch(/^tief,/);
    expect(lines).toHaveLength(4);
    const [, high = '', low = ''] = (lines[3] ?? '').split(',');
    expect(Number(high) + Number(low)).toBeCloseTo(1, 9);
  });

  it('predicts the rows that it was trained on, the target among them', async () => {
    const out = join(dir, 'out.csv');
    expect((await predictFile({ model: join(dir, 'model'), data: file, out })).rows).toBe(400);
  });

  it('refuses a model file with a changed byte', async () => {
    const report = await train(options(file, { algorithm: 'logistic-regression', out: join(dir, 'bad') }));
    const bytes = readFileSync(join(dir, 'bad', 'model.arbm'));
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    writeFileSync(join(dir, 'bad', 'model.arbm'), bytes);
    await expect(
      predictFile({ model: report.out, data: file, out: join(dir, 'x.csv') }),
    ).rejects.toMatchObject({ code: 'INTEGRITY' });
  });

  it('names the column that was probably meant', async () => {
    await expect(train(options(file, { target: 'lable' }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'target',
      remedy: expect.stringContaining('"label"'),
    });
    await expect(train(options(file, { drop: ['towns'] }))).rejects.toMatchObject({ field: 'drop' });
    await expect(train(options(join(dir, 'no.csv')))).rejects.toMatchObject({ field: 'data' });
  });
});

describe('other shapes', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  it('takes whole numbers of few values for classes, unless told otherwise', async () => {
    const next = uniform(3);
    const rows = Array.from({ length: 200 }, () => {
      const x = next();
      return `${x},${next()},${x > 0.5 ? 1 : 0}`;
    });
    const file = write('flags.csv', `a,b,y\n${rows.join('\n')}\n`);
    const linear = { algorithm: 'logistic-regression', target: 'y', out: join(dir, 'flags') };
    expect(await train(options(file, linear))).toMatchObject({ task: 'classification', classes: ['0', '1'] });
    const told = { ...linear, algorithm: 'linear-regression', task: 'regression' as const };
    expect(await train(options(file, told))).toMatchObject({
      task: 'regression',
      metrics: { r2: expect.any(Number) },
    });
  });

  it('stands classes of one row', async () => {
    const next = uniform(5);
    const rows = Array.from(
      { length: 120 },
      (_, i) => `${next()},${i < 110 ? 'often' : i < 119 ? 'rare' : 'once'}`,
    );
    const file = write('skewed.csv', `a,y\n${rows.join('\n')}\n`);
    const report = await train(options(file, { target: 'y', trees: 3, out: join(dir, 'skewed') }));
    expect(report.classes).toContain('once');
    expect(report.testRows).toBeGreaterThan(0);
  });

  it('leaves out rows without a target, and few bad ones', async () => {
    const next = uniform(9);
    const rows = Array.from({ length: 100 }, (_, i) => {
      const x = next();
      return i === 10 ? '1,2,3,4,5' : `${x},${next()},${i % 25 === 0 ? '' : (x * 3).toFixed(4)}`;
    });
    const file = write('gaps.csv', `a,b,y\n${rows.join('\n')}\n`);
    const notes: string[] = [];
    const report = await train(
      options(file, { target: 'y', algorithm: 'linear-regression', note: (text) => notes.push(text) }),
    );
    expect(report.trainRows + report.testRows).toBe(95);
    expect(notes.join('\n')).toMatch(/4 rows have no "y"/);
    expect(notes.join('\n')).toMatch(/1 bad rows are left out; the first, on line 12/);
    expect(notes.join('\n')).toContain('warning LEAKAGE');
  });

  it.each([
    ['', 'EMPTY'],
    ['a,y\n', 'EMPTY_DATA'],
    [`a,y\n${'1,same\n'.repeat(50)}`, 'SINGLE_CLASS'],
    [`a,y\n${Array.from({ length: 50 }, (_, i) => `${i / 7},0.5`).join('\n')}\n`, 'CONSTANT_TARGET'],
    ['a;y\n1;2\n', '.'],
    ['a,a,y\n1,2,3\n', 'DUPLICATE_COLUMN'],
  ])('refuses %j', async (text, code) => {
    await expect(train(options(write('bad.csv', text), { target: 'y' }))).rejects.toMatchObject({
      code: expect.stringMatching(code),
      remedy: expect.stringMatching(/.{10}/),
    });
  });
});

describe('the parts', () => {
  it.each([
    ['0.8', { train: 0.8, validation: 0, test: 0.2 }],
    ['0.7,0.3', { train: 0.7, validation: 0, test: 0.3 }],
    ['0.7, 0.1, 0.2', { train: 0.7, validation: 0.1, test: 0.2 }],
  ])('reads the split %s', (text, shares) => expect(parseShares(text)).toEqual(shares));

  it.each(['0', '1', '-0.5', 'x', '0.5,0.6', '0.2,0.2,0.2,0.4', '', 'NaN'])(
    'refuses the split %j',
    (text) => {
      expect(() => parseShares(text)).toThrow(expect.objectContaining({ field: 'split' }));
    },
  );

  const table: Table = {
    rowCount: 40,
    columns: [
      { name: 'whole', kind: 'integer', values: Float64Array.from({ length: 40 }, (_, i) => i % 5) },
      {
        name: 'gap',
        kind: 'number',
        values: Float64Array.from({ length: 40 }, (_, i) => (i === 3 ? Number.NaN : i * 1.5)),
      },
      { name: 'when', kind: 'date', values: Float64Array.from({ length: 40 }, (_, i) => i * 86_400_000) },
      {
        name: 'wide',
        kind: 'text',
        codes: Int32Array.from({ length: 40 }, (_, i) => i),
        categories: Array.from({ length: 60 }, (_, i) => `c${i}`),
      },
      {
        name: 'userId',
        kind: 'integer',
        values: Float64Array.from({ length: 40 }, (_, i) => 7_000_000 + i * 977),
      },
      { name: 'y', kind: 'integer', values: Float64Array.from({ length: 40 }, (_, i) => i % 3) },
    ],
  };

  it('plans a step for every kind of column, scaling for linear models only', () => {
    const { steps, notes } = planSteps(table, 'y', 'encoded');
    expect(steps.map(({ step }) => step)).not.toContain('standard-scale');
    expect(steps).toContainEqual(
      expect.objectContaining({ step: 'fill-missing', columns: ['gap'], indicator: true }),
    );
    expect(steps).toContainEqual(expect.objectContaining({ step: 'date-parts', columns: ['when'] }));
    expect(steps).toContainEqual(
      expect.objectContaining({ step: 'encode', columns: ['wide'], method: 'ordinal' }),
    );
    expect(notes.join()).toContain('"wide"');
    expect(planSteps(table, 'y', 'scaled').steps.map(({ step }) => step)).toContain('standard-scale');
  });

  it('leaves out ids by their name or their even spacing', () => {
    const { dropped } = chooseColumns(table, 'y', ['when']);
    expect(dropped.map(({ column }) => column).sort()).toEqual(['userId', 'when', 'wide']);
  });

  it('guesses the task by the values', () => {
    const schema = { columns: table.columns.map(({ name, kind }) => ({ name, kind, nullable: false })) };
    expect(guessTask(table, schema, 'y', () => undefined)).toBe('classification');
    expect(guessTask(table, schema, 'gap', () => undefined)).toBe('regression');
    expect(guessTask(table, schema, 'wide', () => undefined)).toBe('classification');
  });
});

it('trains and predicts as a command, with JSON alone on stdout', async () => {
  const file = join(dir, 'mixed.csv');
  writeFileSync(file, mixedCsv(120));
  const out = join(dir, 'cli-model');
  const trained = await runCli([
    'train',
    '--data',
    file,
    '--target',
    'label',
    '--trees',
    '3',
    '--missing',
    '?',
    '--drop',
    'note,same',
    '--out',
    out,
    '--json',
  ]);
  expect(trained.code).toBe(0);
  expect(JSON.parse(trained.stdout)).toMatchObject({
    task: 'classification',
    rows: 120,
    trainSeconds: expect.any(Number),
  });
  const predicted = await runCli([
    'predict',
    '--model',
    out,
    '--data',
    file,
    '--out',
    join(dir, 'p.csv'),
    '--json',
  ]);
  expect(JSON.parse(predicted.stdout)).toMatchObject({ rows: 120 });
  const wrong = await runCli(['train', '--data', file, '--target', 'nope', '--out', out, '--json']);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout).error).toMatchObject({ code: 'INVALID_INPUT', field: 'target' });
});

describe('places that will not do', () => {
  const file = () => join(dir, 'places.csv');
  beforeAll(() => writeFileSync(file(), mixedCsv(60)));

  it.each([
    ['a folder as the data', () => ({ data: dir }), /cannot be read: it is a folder$/, 'data'],
    [
      'data that is not there',
      () => ({ data: join(dir, 'no.csv') }),
      /cannot be read: it is not there$/,
      'data',
    ],
    [
      'a file in the way of the folder',
      () => ({ out: file() }),
      /cannot be made a folder: .* is a file$/,
      'out',
    ],
    ['a folder below a file', () => ({ out: join(file(), 'a', 'b') }), /places\.csv is a file$/, 'out'],
  ])('to train: %s', async (_, over, message, field) => {
    const text = readFileSync(file(), 'utf8');
    await expect(train(options(file(), { trees: 2, ...over() }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/.{20}/),
    });
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  it('to predict: a folder that is not there', async () => {
    const model = join(dir, 'places-model');
    await train(options(file(), { trees: 2, out: model }));
    const out = join(dir, 'no-such-folder', 'out.csv');
    await expect(predictFile({ model, data: file(), out })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'out',
      message: `${out} cannot be written (ENOENT)`,
    });
  });
});
