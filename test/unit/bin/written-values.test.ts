import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { predictFile } from '../../../bin/local-train/predict.ts';
import { type TrainOptions, train } from '../../../bin/local-train/train.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-written-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
const write = (text: string): string => {
  const path = join(dir, `file-${files++}.csv`);
  writeFileSync(path, text);
  return path;
};

async function trained(data: string, over: Partial<TrainOptions> = {}) {
  const said: string[] = [];
  const report = await train({
    data,
    target: 'y',
    out: join(dir, `model-${files++}`),
    seed: 42,
    split: '0.8',
    drop: [],
    missing: [],
    algorithm: 'gradient-boosting',
    note: (text) => said.push(text),
    ...over,
  });
  return { report, said: said.join('\n') };
}

async function predicted(model: string, text: string): Promise<string[]> {
  const out = join(dir, `out-${files++}.csv`);
  await predictFile({ model, data: write(text), out });
  return readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0]!);
}

const lines = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('\n');

describe('values as people write them', () => {
  it('money, percent and units are numbers, in features and in the target, and again at prediction', async () => {
    const file = write(
      `price,discount,weight,y\n${lines(400, (i) => {
        const price = 1000 + ((i * 37) % 400) * 10;
        return `"$${price.toLocaleString('en-US')}",${i % 50} %,${(i * 7) % 90} kg,"€${(price * 2).toLocaleString('en-US')}"`;
      })}\n`,
    );
    const { report, said } = await trained(file);
    expect(report.task).toBe('regression');
    expect(report.metrics.r2).toBeGreaterThan(0.95);
    expect(said).toContain('column "price" is read as numbers (without "$")');
    expect(said).toContain('column "discount" is read as numbers (without "%")');
    expect(said).toContain('column "weight" is read as numbers (without "kg")');
    const rows = ['"$1,100",5 %,10 kg', '1100,5,10', '"$4,900",5%,10kg', 'cheap,5 %,10 kg'];
    const [first, plain, dear] = await predicted(report.out, `price,discount,weight\n${rows.join('\n')}\n`);
    expect(first).toBe(plain);
    expect(Number(dear)).toBeGreaterThan(Number(first) * 3);
  });

  it('a file with semicolons, decimal commas and an unnamed index', async () => {
    const file = write(
      `;x;y\n${lines(300, (i) => `${i};${((i * 7) % 100) / 10};${(((i * 7) % 100) / 5).toFixed(2)}`)}\n`.replaceAll(
        '.',
        ',',
      ),
    );
    const { report, said } = await trained(file);
    expect(said).toContain('fields are parted by semicolons');
    expect(report.features).toBe(1);
    expect(report.metrics.r2).toBeGreaterThan(0.95);
    const [low, high] = await predicted(report.out, 'x;z\n0,5;1\n9,5;2\n');
    expect(Number(high)).toBeGreaterThan(Number(low) + 10);
    // The file to predict may be parted by commas.
    expect(await predicted(report.out, 'z,x\n1,"0,5"\n2,"9,5"\n')).toEqual([low, high]);
  });

  it.each([
    ['day before month', (d: Date) => [d.getUTCDate(), d.getUTCMonth() + 1, d.getUTCFullYear()].join('.')],
    ['month before day', (d: Date) => [d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCFullYear()].join('/')],
    ['year, month and day without marks', (d: Date) => d.toISOString().slice(0, 10).replaceAll('-', '')],
    ['months by name', (d: Date) => d.toUTCString()],
  ])('dates: %s', async (name, text) => {
    const dateOf = (i: number) => new Date(Date.UTC(2020, 0, 1 + ((i * 17) % 700)));
    const weekend = (d: Date) => d.getUTCDay() % 6 === 0;
    const file = write(
      `when,y\n${lines(400, (i) => `"${text(dateOf(i))}",${weekend(dateOf(i)) ? 'off' : 'at work'}`)}\n`,
    );
    const { report, said } = await trained(file);
    expect(said).toContain(`column "when" is read as dates (${name})`);
    expect(report.metrics.accuracy).toBeGreaterThan(0.97);
    const days = [5, 6, 7, 8, 9].map((day) => new Date(Date.UTC(2021, 2, day)));
    const answers = await predicted(report.out, `when\n${days.map((day) => `"${text(day)}"`).join('\n')}\n`);
    expect(answers).toEqual(['at work', 'off', 'off', 'at work', 'at work']);
  });

  it('says where days and months cannot be told apart', async () => {
    const file = write(`when,y\n${lines(300, (i) => `${1 + (i % 12)}/${1 + (i % 11)}/2020,${i % 12}.5`)}\n`);
    expect((await trained(file)).said).toContain('could as well be read with the day before the month');
  });

  it('names of classes stay names, and mixed units text', async () => {
    const file = write(
      `age,x,y\n${lines(200, (i) => `${(i % 5) + 1} ${i % 2 ? 'years' : 'months'},${i % 40},${(i % 40) % 3}A`)}\n`,
    );
    const { report } = await trained(file);
    expect(report.classes).toEqual(['0A', '1A', '2A']);
    expect(report.salvaged).toEqual([]);
  });

  it('long identifiers are not made numbers', async () => {
    const file = write(
      `card,x,y\n${lines(200, (i) => `${BigInt('9007199254740993') + BigInt((i % 20) * 3)},${i % 40},${(i % 40) + 0.5}`)}\n`,
    );
    expect((await trained(file)).report.salvaged).toEqual([]);
  });
});

describe('files of strangers', () => {
  it('ids with a point, and whole numbers asked with a fraction', async () => {
    const file = write(`id,x,y\n${lines(200, (i) => `${i}.0,${i % 40},${(i % 40) + 0.5}`)}\n`);
    const { report } = await trained(file);
    expect(report.dropped.map(({ column }) => column)).toEqual(['id']);
    expect(await predicted(report.out, 'x\n7.5\n')).toHaveLength(1);
  });

  it('says that no row has the target, and which classes are spelt alike', async () => {
    const none = write(`x,y\n${lines(30, (i) => `${i % 7},`)}\n`);
    await expect(trained(none)).rejects.toMatchObject({
      message: 'no row has a value of "y"',
      field: 'target',
    });
    const alike = write(`x,y\n${lines(200, (i) => `${i % 7},${['Yes', 'yes ', 'No'][i % 3]}`)}\n`);
    expect((await trained(alike)).said).toContain('taken for different ones: "Yes", "yes "');
  });

  it('linear stands in a list for that of the task', async () => {
    const file = write(`x,y\n${lines(200, (i) => `${(i * 7) % 40},${((i * 7) % 40) * 2 + 0.5}`)}\n`);
    const { report } = await trained(file, { algorithm: 'random-forest,linear' });
    expect(report.algorithm).toBe('linear-regression');
  });

  it('a category of 100 values is a column each for a linear model, where there are rows for it', async () => {
    const row = (i: number) => `z${(i * 37) % 100},${(((i * 37) % 100) * 53) % 17}.5`;
    const { report } = await trained(write(`zip,y\n${lines(3_000, row)}\n`), { algorithm: 'linear' });
    expect(report.metrics.r2).toBeGreaterThan(0.999);
    expect(report.encodedFeatures).toBe(100);
    const few = await trained(write(`zip,y\n${lines(600, row)}\n`), { algorithm: 'linear' });
    expect(few.report.encodedFeatures).toBe(1);
    expect(few.said).toContain('encoded by their order');
  });
});
