import { describe, expect, it } from 'vitest';
import { BadDefinitionError } from '../../../lib/errors/index.ts';
import { type SplitSpec, splitRows, splitSpecSchema } from '../../../lib/table/index.ts';
import { apportion } from '../../../lib/table/split.ts';
import { numbers, tableOf, texts, thrownBy } from './support.ts';

const spec = (more: Partial<SplitSpec> = {}): SplitSpec => ({
  train: 0.8,
  validation: 0.1,
  test: 0.1,
  seed: 42,
  ...more,
});
const ofRows = (count: number) =>
  tableOf(
    numbers(
      'y',
      Array.from({ length: count }, (_, i) => i),
    ),
  );
const repeat = (label: string, count: number) => Array.from({ length: count }, () => label);

describe('splitRows at random', () => {
  it('gives each row to one part, ascending, in sizes of the largest remainder', () => {
    const { train, validation, test, rareClasses } = splitRows(ofRows(1003), spec(), 'y');
    expect([train.length, validation.length, test.length]).toEqual([803, 100, 100]);
    expect([...train, ...validation, ...test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1003 }, (_, i) => i),
    );
    for (const part of [train, validation, test]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
    expect(rareClasses).toEqual([]);
  });

  it('depends on the seed, and on nothing but the number of rows', () => {
    const other = tableOf(
      numbers(
        'x',
        Array.from({ length: 100 }, () => 7),
      ),
      texts('y', repeat('a', 100)),
    );
    expect(splitRows(other, spec(), 'y')).toEqual(splitRows(ofRows(100), spec(), 'y'));
    expect(splitRows(ofRows(100), spec({ seed: 43 }), 'y')).not.toEqual(splitRows(ofRows(100), spec(), 'y'));
  });

  it('is this split of ten rows, today and tomorrow', () => {
    const { train, validation, test } = splitRows(
      ofRows(10),
      spec({ train: 0.6, validation: 0.2, test: 0.2 }),
      'y',
    );
    expect({ train: [...train], validation: [...validation], test: [...test] }).toMatchInlineSnapshot(`
      {
        "test": [
          1,
          4,
        ],
        "train": [
          0,
          3,
          5,
          6,
          7,
          8,
        ],
        "validation": [
          2,
          9,
        ],
      }
    `);
  });

  it('leaves out parts without a share', () => {
    const { train, validation, test } = splitRows(
      ofRows(10),
      spec({ train: 0.7, validation: 0, test: 0.3 }),
      'y',
    );
    expect([train.length, validation.length, test.length]).toEqual([7, 0, 3]);
    expect(splitRows(ofRows(3), spec({ train: 1, validation: 0, test: 0 }), 'y').train).toHaveLength(3);
  });

  it('refuses to leave a part with a share empty', async () => {
    const error = await thrownBy(() => splitRows(ofRows(4), spec(), 'y'));
    expect(error).toMatchObject({ code: 'TOO_FEW_ROWS', details: { part: 'test' } });
  });
});

describe('splitRows stratified', () => {
  const labels = [...repeat('a', 500), ...repeat('b', 83), ...repeat('c', 17)];
  const table = tableOf(texts('y', labels));

  it('keeps each class within a row of its share in each part, and the parts within one of theirs', () => {
    const parts = splitRows(table, spec({ stratify: true }), 'y');
    for (const [name, share] of [
      ['train', 0.8],
      ['validation', 0.1],
      ['test', 0.1],
    ] as const) {
      expect(Math.abs(parts[name].length - 600 * share)).toBeLessThanOrEqual(1);
      for (const label of ['a', 'b', 'c']) {
        const ideal = labels.filter((one) => one === label).length * share;
        const count = parts[name].filter((row) => labels[row] === label).length;
        expect(Math.abs(count - ideal)).toBeLessThan(1);
      }
    }
  });

  it('puts classes of fewer rows than parts into train, and says which', () => {
    const withRare = tableOf(texts('y', [...labels, 'rare', 'rare', 'single']));
    const { train, rareClasses } = splitRows(withRare, spec({ stratify: true }), 'y');
    expect(rareClasses).toEqual(['rare', 'single']);
    expect([...train].slice(-3)).toEqual([600, 601, 602]);
  });

  it('never leaves train without a class', () => {
    const { train } = splitRows(
      tableOf(texts('y', [...repeat('a', 90), ...repeat('b', 3)])),
      spec({ train: 0.1, validation: 0.1, test: 0.8, stratify: true }),
      'y',
    );
    expect(train.filter((row) => row >= 90)).toHaveLength(1);
  });

  it('takes integers and booleans as classes, and refuses a number without classes', async () => {
    const classes = tableOf(numbers('y', [...Array(50).fill(0), ...Array(50).fill(1)], 'integer'));
    expect(splitRows(classes, spec({ stratify: true }), 'y').test.filter((row) => row < 50)).toHaveLength(5);
    const error = await thrownBy(() => splitRows(ofRows(1000), spec({ stratify: true }), 'y'));
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field: 'split.stratify' });
    expect((await thrownBy(() => splitRows(classes, spec({ stratify: true }), 'z'))).code).toBe(
      'UNKNOWN_COLUMN',
    );
  });
});

describe('splitRows by group', () => {
  const patients = Array.from({ length: 400 }, (_, i) => `p${Math.floor(i ** 1.2 / 9)}`);
  const table = tableOf(
    texts('patient', patients),
    numbers(
      'y',
      patients.map((_, i) => i),
    ),
  );

  it('keeps all rows of a patient on one side', () => {
    const { train, validation, test } = splitRows(table, spec({ groupBy: 'patient' }), 'y');
    const sides = [train, validation, test].map((rows) => new Set([...rows].map((row) => patients[row])));
    expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(new Set(patients).size);
    expect(train.length + validation.length + test.length).toBe(400);
    expect(Math.abs(train.length - 320)).toBeLessThan(20);
  });

  it('takes a row without a group for a group of its own', () => {
    const some = tableOf(
      texts(
        'g',
        Array.from({ length: 100 }, () => null),
      ),
    );
    const { train, validation, test } = splitRows(some, spec({ groupBy: 'g' }), 'g');
    expect([train.length, validation.length, test.length]).toEqual([80, 10, 10]);
  });

  it('groups by numbers too', () => {
    const ids = Array.from({ length: 60 }, (_, i) => i % 20);
    const { train, test } = splitRows(tableOf(numbers('g', ids, 'integer')), spec({ groupBy: 'g' }), 'g');
    expect([...train].some((row) => [...test].some((other) => ids[row] === ids[other]))).toBe(false);
  });

  it('says so where there are fewer groups than parts, or no such column', async () => {
    const two = tableOf(texts('g', [...repeat('a', 50), ...repeat('b', 50)]));
    expect((await thrownBy(() => splitRows(two, spec({ groupBy: 'g' }), 'g'))).code).toBe('TOO_FEW_ROWS');
    expect((await thrownBy(() => splitRows(two, spec({ groupBy: 'h' }), 'g'))).code).toBe('UNKNOWN_COLUMN');
  });
});

describe('splitSpecSchema', () => {
  it.each<[string, object]>([
    ['shares past 1', { test: 0.2 }],
    ['shares below 1', { test: 0.05 }],
    ['a negative share', { train: 1.1, validation: -0.2 }],
    ['nothing to train on', { train: 0, validation: 0.5, test: 0.5 }],
    ['both ways at once', { stratify: true, groupBy: 'g' }],
    ['a seed that is no integer', { seed: 0.5 }],
    ['an unknown word', { shuffle: true }],
  ])('refuses %s', async (_, more) => {
    expect(splitSpecSchema.safeParse(spec(more)).success).toBe(false);
    expect(await thrownBy(() => splitRows(ofRows(50), spec(more), 'y'))).toBeInstanceOf(BadDefinitionError);
  });

  it('takes shares that sum to 1 but for rounding', () => {
    expect(splitSpecSchema.safeParse(spec({ train: 0.7, validation: 0.2, test: 0.1 })).success).toBe(true);
    expect(splitSpecSchema.safeParse(spec({ train: 1 / 3, validation: 1 / 3, test: 1 / 3 })).success).toBe(
      true,
    );
  });
});

describe('apportion', () => {
  it('is exact where the shares come out even, whatever floating point says', () => {
    expect(apportion(10, [0.7, 0.2, 0.1])).toEqual([7, 2, 1]);
    expect(apportion(1000, [0.1, 0.2, 0.7])).toEqual([100, 200, 700]);
  });

  it('gives the rest to the largest remainders, to none without a share', () => {
    expect(apportion(7, [0.5, 0.25, 0.25])).toEqual([3, 2, 2]);
    expect(apportion(1, [0.4, 0, 0.6])).toEqual([0, 0, 1]);
  });
});
