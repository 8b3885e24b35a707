import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { categoryColumn, native, numberColumn, oneHot, pickRows } from '../../../bench/learn/data/encode.ts';
import { generate, resample } from '../../../bench/learn/data/generated.ts';
import { parseGenerated } from '../../../bench/learn/data/prepare.ts';
import { shuffledRows, splitEightyTwenty } from '../../../bench/learn/data/split.ts';
import { isStored, readHeader, readPart, writeDataset } from '../../../bench/learn/data/store.ts';

describe('encoding', () => {
  const soil = categoryColumn('soil', ['clay', '?', 'sand', 'clay'], ['?']);
  const age = numberColumn('age', ['3', '?', ' ', '4.5'], ['?']);

  it('codes sorted names, with NaN for what is missing', () => {
    expect(soil.categories).toEqual(['clay', 'sand']);
    expect([...soil.values]).toEqual([0, Number.NaN, 1, 0]);
    expect([...age.values]).toEqual([3, Number.NaN, Number.NaN, 4.5]);
    const { features, columns } = native([soil, age]);
    expect(features).toEqual([{ name: 'soil', categories: ['clay', 'sand'] }, { name: 'age' }]);
    expect([...columns[1]!]).toEqual([3, Number.NaN, Number.NaN, 4.5]);
  });

  it('makes a 0/1 column a category, one for missing where some are, and none for numbers', () => {
    const { features, columns } = oneHot([soil, age], 2, ['soil=silt']);
    expect(features.map(({ name }) => name)).toEqual([
      'soil=clay',
      'soil=sand',
      'soil missing',
      'age',
      'soil=silt',
    ]);
    expect(columns.map((column) => [...column])).toEqual([
      [1, 0, 0, 1],
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [3, Number.NaN, Number.NaN, 4.5],
      [0, 0, 0, 0],
    ]);
    expect(features.every((feature) => !('categories' in feature))).toBe(true);
  });

  it('keeps the codes where there are more categories than asked for', () => {
    const { features, columns } = oneHot([soil], 1);
    expect(features).toEqual([{ name: 'soil' }]);
    expect([...columns[0]!]).toEqual([0, Number.NaN, 1, 0]);
  });

  it('picks rows in the order given', () => {
    const { columns, target } = pickRows(
      [Float32Array.of(1, 2, 3)],
      Float64Array.of(7, 8, 9),
      Uint32Array.of(2, 0),
    );
    expect([...columns[0]!]).toEqual([3, 1]);
    expect([...target]).toEqual([9, 7]);
  });
});

describe('splits', () => {
  it('shuffles by the seed alone', () => {
    expect([...shuffledRows(50, 1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(shuffledRows(50, 1)).toEqual(shuffledRows(50, 1));
    expect(shuffledRows(50, 1)).not.toEqual(shuffledRows(50, 2));
  });

  it('parts every row once, a fifth of each class to the test part', () => {
    const strata = Array.from({ length: 105 }, (_, i) => (i % 21 === 0 ? 1 : 0)); // 100 and 5
    const { train, test } = splitEightyTwenty(105, 3, strata);
    expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from({ length: 105 }, (_, i) => i));
    expect([0, 1].map((stratum) => test.filter((row) => strata[row] === stratum).length)).toEqual([20, 1]);
    expect(splitEightyTwenty(10, 3).test.length).toBe(2);
  });
});

describe('generated data', () => {
  const spec = {
    task: 'classification',
    classes: 7,
    rows: 7000,
    testRows: 100,
    columns: 6,
    seed: 1,
  } as const;

  it('is the same for the same seed, and has the sizes asked for', () => {
    const { train, test } = generate(spec);
    expect([train.columns.length, train.target.length, test.target.length]).toEqual([6, 7000, 100]);
    expect(generate(spec).test).toEqual(test);
    expect(generate({ ...spec, seed: 2 }).test).not.toEqual(test);
    expect(train.columns.every((column) => column.every((x) => x >= -1 && x <= 1))).toBe(true);
  });

  it('has classes of about equal size', () => {
    const sizes = new Float64Array(7);
    for (const k of generate(spec).train.target) sizes[k]!++;
    expect(Math.min(...sizes)).toBeGreaterThan(500);
    expect(Math.max(...sizes)).toBeLessThan(1700);
  });

  it('has a target that the first columns explain and noise blurs', () => {
    const { columns, target } = generate({ ...spec, task: 'regression' }).train;
    const signal = Float64Array.from(target, (_, i) => {
      const [a, b, c, d, e] = columns.map((column) => column[i]!) as [number, number, number, number, number];
      return 2 * Math.sin(3 * a) + 3 * b * c + 2 * Math.abs(d) + e;
    });
    const rest = target.reduce((sum, y, i) => sum + (y - signal[i]!) ** 2, 0) / target.length;
    expect(Math.sqrt(rest)).toBeGreaterThan(0.6);
    expect(Math.sqrt(rest)).toBeLessThan(0.66);
  });

  it('reads a name, and refuses too few columns', () => {
    expect(parseGenerated('generated-classification7-100000x10')).toMatchObject({
      task: 'classification',
      classes: 7,
      rows: 100_000,
      columns: 10,
      testRows: 25_000,
    });
    expect(parseGenerated('generated-regression-1000000x10')).toMatchObject({
      task: 'regression',
      testRows: 50_000,
    });
    expect(parseGenerated('ames')).toBeUndefined();
    expect(() => generate({ ...spec, columns: 4 })).toThrow(RangeError);
  });

  it('resamples with jitter: whole numbers near a row of the base, columns to keep unchanged', () => {
    const base = {
      columns: [
        Float32Array.from({ length: 100 }, (_, i) => 1000 * i),
        Float32Array.from({ length: 100 }, (_, i) => i),
      ],
      target: Float64Array.from({ length: 100 }, (_, i) => i),
    };
    const { columns, target } = resample(base, 500, 0.0001, 9, (j) => j === 1);
    expect(target.length).toBe(500);
    expect(new Set(target).size).toBeGreaterThan(80);
    for (let i = 0; i < 500; i++) {
      expect(columns[1]![i]).toBe(target[i]);
      expect(Number.isInteger(columns[0]![i])).toBe(true);
      expect(Math.abs(columns[0]![i]! - 1000 * target[i]!)).toBeLessThan(50);
    }
    expect(columns[0]!.some((x, i) => x !== 1000 * target[i]!)).toBe(true);
  });
});

describe('stored data sets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-data-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const part = {
    columns: [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(0, 1, Number.NaN, 1, 0)],
    target: Float64Array.of(0, 1, 0, 1, 1),
  };
  const header = {
    name: 'tiny',
    task: 'classification' as const,
    classes: ['no', 'yes'],
    features: [{ name: 'a' }, { name: 'b', categories: ['x', 'y'] }],
    rows: { train: 5, test: 5 },
    recipe: 'one',
  };

  it('come back as they went', () => {
    writeDataset(folder, header, { train: part, test: part });
    const { x, y } = readPart(folder, 'train');
    expect(x).toEqual({
      rowCount: 5,
      names: ['a', 'b'],
      columns: [Float64Array.of(1, 2, 3, 4, 5), Float64Array.of(0, 1, Number.NaN, 1, 0)],
      categories: [undefined, ['x', 'y']],
    });
    expect(y).toEqual({
      task: 'classification',
      classes: ['no', 'yes'],
      values: Int32Array.of(0, 1, 0, 1, 1),
    });
    expect(readHeader(folder)).toEqual(header);
  });

  it('give the first rows, and all but some', () => {
    writeDataset(folder, header, { train: part, test: part });
    expect([...readPart(folder, 'test', { rows: 3 }).x.columns[0]!]).toEqual([1, 2, 3]);
    const { x, y } = readPart(folder, 'train', { omit: [1, 3] });
    expect(x.rowCount).toBe(3);
    expect([...x.columns[0]!]).toEqual([1, 4, 5]);
    expect([...y.values]).toEqual([0, 1, 1]);
    expect([...readPart(folder, 'train', { rows: 4, omit: [0, 1] }).x.columns[0]!]).toEqual([2, 3, 4]);
  });

  it('are known by their recipe, and made anew for another', () => {
    expect(isStored(folder, 'one')).toBe(false);
    writeDataset(folder, header, { train: part, test: part });
    expect(isStored(folder, 'one')).toBe(true);
    expect(isStored(folder, 'two')).toBe(false);
  });
});
