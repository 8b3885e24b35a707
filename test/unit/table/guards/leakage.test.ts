import { describe, expect, it } from 'vitest';
import {
  applyPreprocessing,
  type Column,
  checkLeakage,
  dateParts,
  encode,
  fillMissing,
  findLeakage,
  fitPreprocessing,
  requireColumn,
  seededRandom,
  type Table,
  tableSchema,
} from '../../../../lib/table/index.ts';
import {
  type HonestFile,
  honestFiles,
  numbers,
  REAL,
  readHonest,
  tableOf,
  texts,
  thrownBy,
} from '../support.ts';

const random = seededRandom(2);
const rows = 1000;
const labels = Array.from(
  { length: rows },
  () => ['Average', 'Good', 'Vg', 'Excellent'][Math.floor(random() ** 1.5 * 4)]!,
);
const classes = [...new Set(labels)];
const code = (label: string) => classes.indexOf(label);
const price = Array.from({ length: rows }, () => Math.exp(11 + random() * 2));
const noise = numbers('noise', Array.from({ length: rows }, random));
const id = numbers(
  'id',
  Array.from({ length: rows }, (_, i) => 10_000 + i),
  'integer',
);

/** Each value with a chance of 1 in 200 put for another row's. */
const faithful = <T>(values: readonly T[], seed = 1): T[] => {
  const draw = seededRandom(seed);
  return values.map((value) => (draw() < 0.005 ? values[Math.floor(draw() * values.length)]! : value));
};
const classified = (...columns: Column[]) => tableOf(noise, id, ...columns, texts('grade', labels));
const priced = (...columns: Column[]) => tableOf(noise, id, ...columns, numbers('price', price));
const named = (table: Table) =>
  findLeakage(
    table,
    table.columns.at(-1)!.name,
    table.columns.at(-1)!.kind === 'category' ? 'classification' : 'regression',
  ).map(({ columns }) => columns);

describe('the leakage guard on classes', () => {
  it.each<[string, Column]>([
    ['under another name', texts('copy', labels)],
    [
      'in other words',
      texts(
        'copy',
        labels.map((label) => label.toUpperCase().slice(0, 1)),
      ),
    ],
    [
      'as integer codes',
      numbers(
        'copy',
        labels.map((label) => (code(label) * 7 + 3) % 11),
      ),
    ],
    [
      'as codes in a text column',
      texts(
        'copy',
        labels.map((label) => `${code(label)}.0`),
        'text',
      ),
    ],
    ['as a 99.5 % copy', texts('copy', faithful(labels))],
    ['as a 99.5 % copy in codes', numbers('copy', faithful(labels).map(code))],
    [
      'as codes with noise',
      numbers(
        'copy',
        faithful(labels).map((label) => code(label) + random() * 0.8),
      ),
    ],
    [
      'split into finer classes',
      numbers(
        'copy',
        labels.map((label) => code(label) * 100 + Math.floor(random() * 50)),
      ),
    ],
    [
      'as a score whose ranges are the classes',
      numbers(
        'copy',
        labels.map((label) => code(label) * 25 + random() * 25),
      ),
    ],
    [
      'with some values missing',
      texts(
        'copy',
        labels.map((label) => (random() < 0.005 ? null : label)),
      ),
    ],
  ])('catches the target %s', (_, copy) => {
    expect(named(classified(copy))).toEqual([['copy']]);
  });

  it.each<[string, (label: string) => number]>([
    ['an indicator of one class', (label) => Number(label === 'Good')],
    ['an indicator turned round', (label) => Number(label !== 'Good')],
  ])('catches %s', (_, flag) => {
    const finding = findLeakage(classified(numbers('flag', labels.map(flag))), 'grade', 'classification');
    expect(finding).toMatchObject([{ columns: ['flag'], score: 1, reason: 'alone flags the class "Good"' }]);
  });

  it('catches a value that is missing for one class alone', () => {
    const graduated = numbers(
      'graduated',
      labels.map((label) => (label === 'Vg' ? Number.NaN : Math.floor(random() * 5))),
    );
    expect(named(classified(graduated))).toEqual([['graduated']]);
  });

  it('catches the one-hot columns of the target, each and together, 99.5 % faithful too', () => {
    const copy = faithful(labels);
    const hot = classes.map((label) =>
      numbers(
        `grade_${label}`,
        copy.map((one) => Number(one === label)),
        'boolean',
      ),
    );
    const found = named(classified(...hot));
    expect(found).toContainEqual(hot.map(({ name }) => name));
    expect(new Set(found.flat())).toEqual(new Set(hot.map(({ name }) => name)));
  });

  it('catches the bits of the target’s code, which tell nothing one by one', () => {
    const bits = [0, 1].map((bit) =>
      numbers(
        `bit${bit}`,
        labels.map((label) => (code(label) >> bit) & 1),
      ),
    );
    expect(named(classified(...bits))).toEqual([['bit0', 'bit1']]);
  });

  it('catches a copy of a rare class, and is not misled by many false alarms', () => {
    const ill = Array.from({ length: 5000 }, (_, i) => (i % 100 === 0 ? 'yes' : 'no'));
    const target = texts('ill', ill);
    const copy = texts('copy', faithful(ill));
    expect(findLeakage(tableOf(copy, target), 'ill', 'classification')).toHaveLength(1);
    // Finds every ill row, and calls one healthy row in twenty ill: honest, and useful.
    const screening = numbers(
      'test',
      ill.map((one) => Number(one === 'yes' || random() < 0.05)),
    );
    expect(findLeakage(tableOf(screening, target), 'ill', 'classification')).toEqual([]);
  });

  it('is silent on ids, noise, constants, and honest features that are often right', () => {
    const honest = (share: number) =>
      labels.map((label) => (random() < share ? label : classes[Math.floor(random() * 4)]!));
    const table = classified(
      numbers('constant', Array(rows).fill(1)),
      texts(
        'name',
        labels.map((_, i) => `person ${i}`),
        'text',
      ),
      numbers('empty', Array(rows).fill(Number.NaN)),
      texts('right 80 %', honest(0.8)),
      texts('right 95 %', honest(0.95)),
    );
    expect(findLeakage(table, 'grade', 'classification')).toEqual([]);
  });

  it('is not misled by the order of the file', () => {
    const sorted = tableOf(
      numbers(
        'coin',
        Array.from({ length: rows }, () => Math.floor(random() * 2)),
      ),
      texts('y', [...Array(500).fill('a'), ...Array(500).fill('b')]),
    );
    expect(findLeakage(sorted, 'y', 'classification')).toEqual([]);
  });

  it('names an id that runs with the class: the file was sorted by it', () => {
    const sorted = tableOf(
      numbers(
        'id',
        Array.from({ length: 300 }, (_, i) => i),
      ),
      texts(
        'y',
        ['a', 'b', 'c'].flatMap((one) => Array(100).fill(one)),
      ),
    );
    expect(findLeakage(sorted, 'y', 'classification').map(({ columns }) => columns)).toEqual([['id']]);
  });
});

describe('the leakage guard on numbers', () => {
  it.each<[string, Column]>([
    ['under another name', numbers('copy', price)],
    [
      'scaled and shifted',
      numbers(
        'copy',
        price.map((value) => -3.2 * value + 1e6),
      ),
    ],
    ['as its logarithm', numbers('copy', price.map(Math.log))],
    [
      'as its inverse',
      numbers(
        'copy',
        price.map((value) => 1 / value),
      ),
    ],
    [
      'rounded',
      numbers(
        'copy',
        price.map((value) => Math.round(value / 1000)),
      ),
    ],
    [
      'in another currency, with a little noise',
      numbers(
        'copy',
        price.map((value) => value * 5.4 * (1 + 0.01 * (random() - 0.5))),
      ),
    ],
    ['as a 99.5 % copy', numbers('copy', faithful(price))],
    [
      'as a 99.5 % copy, the rest far off',
      numbers(
        'copy',
        price.map((value) => (random() < 0.005 ? 1e12 : value)),
      ),
    ],
    [
      'as text',
      texts(
        'copy',
        price.map((value) => `$${value.toFixed(2)}`),
        'text',
      ),
    ],
    [
      'with some values missing',
      numbers(
        'copy',
        price.map((value) => (random() < 0.005 ? Number.NaN : value)),
      ),
    ],
  ])('catches the target %s', (_, copy) => {
    expect(named(priced(copy))).toEqual([['copy']]);
  });

  it('is silent on ids, noise, and honest features', () => {
    const good = (r2: number) =>
      price.map((value) => Math.log(value) + (random() - 0.5) * 2 * Math.sqrt((1 - r2) / r2));
    const table = priced(
      numbers('strong', good(0.9)),
      numbers('constant', Array(rows).fill(1)),
      numbers('empty', Array(rows).fill(Number.NaN)),
      texts(
        'name',
        price.map((_, i) => `house ${i}`),
        'text',
      ),
      texts(
        'band',
        price.map((value) => (value > 150_000 ? 'dear' : 'cheap')),
      ),
    );
    expect(findLeakage(table, 'price', 'regression')).toEqual([]);
  });

  it('is not misled by rows sorted by the target', () => {
    const sorted = [...price].sort((a, b) => a - b);
    const coins = numbers(
      'coin',
      sorted.map(() => Math.floor(random() * 400)),
      'integer',
    );
    expect(findLeakage(tableOf(coins, numbers('price', sorted)), 'price', 'regression')).toEqual([]);
  });

  it.each([30, 60, 200])('catches a copy among %i rows', (count) => {
    const few = price.slice(0, count);
    const table = tableOf(
      numbers(
        'copy',
        few.map((value) => 2 * value),
      ),
      numbers('price', few),
    );
    expect(findLeakage(table, 'price', 'regression')).toHaveLength(1);
  });
});

describe('checkLeakage', () => {
  const table = classified(texts('copy', labels), numbers('codes', labels.map(code)));

  it('fails, naming the columns with their scores', async () => {
    const error = await thrownBy(() => checkLeakage(table, 'grade', 'classification'));
    expect(error).toMatchObject({ code: 'LEAKAGE', status: 422, name: 'LeakageError' });
    expect(error.message).toContain('"copy" alone predicts the class (1.0000)');
    expect(error.details).toMatchObject({ target: 'grade', columns: ['copy', 'codes'] });
    expect((error.details as { findings: { score: number }[] }).findings.map(({ score }) => score)).toEqual([
      1, 1,
    ]);
  });

  it('lets pass what is allowed, and only that', async () => {
    expect(() => checkLeakage(table, 'grade', 'classification', { allow: ['copy', 'codes'] })).not.toThrow();
    const error = await thrownBy(() => checkLeakage(table, 'grade', 'classification', { allow: ['copy'] }));
    expect(error.details).toMatchObject({ columns: ['codes'] });
  });

  it('finds the target among encoded features', () => {
    const schema = tableSchema(table);
    const fitted = fitPreprocessing(table, [encode('categorical')], { target: 'grade', schema });
    const found = findLeakage(applyPreprocessing(fitted, table), 'grade', 'classification');
    expect(found.map(({ columns }) => columns)).toContainEqual(['codes']);
    expect(found.some(({ columns }) => columns.length === 4 && columns[0]!.startsWith('copy='))).toBe(true);
  });

  it('says nothing of fewer rows than ten', () => {
    const tiny = tableOf(texts('copy', ['a', 'b', 'a']), texts('y', ['a', 'b', 'a']));
    expect(findLeakage(tiny, 'y', 'classification')).toEqual([]);
  });

  it('passes rows without a target over', () => {
    const some = labels.map((label, i) => (i % 3 === 0 ? null : label));
    const found = findLeakage(tableOf(texts('copy', labels), texts('y', some)), 'y', 'classification');
    expect(found).toHaveLength(1);
  });
});

const AMES = 'housing/ames_rooms_area_age.csv.gz';

describe('the real files', () => {
  it('are all six where their folder is, and else five stand for them: none drops out unseen', () => {
    expect(honestFiles).toHaveLength(REAL ? 6 : 5);
    expect(honestFiles.filter(({ make }) => make === undefined).map(({ path }) => path)).toEqual(
      REAL ? [AMES, 'housing/california_housing.csv.gz'] : [AMES],
    );
  });

  /** As a pipeline would prepare it: missing values filled, categories of few values one-hot. */
  const encoded = (table: Table, target: string) => {
    const few = table.columns.filter(
      (column) => column.name !== target && 'codes' in column && column.categories.length <= 40,
    );
    const kept = {
      ...table,
      columns: table.columns.filter(
        (column) => 'values' in column || few.includes(column) || column.name === target,
      ),
    };
    const steps = [
      fillMissing('numeric', { strategy: 'median' as const }),
      dateParts('all'),
      ...(few.length > 0 ? [encode(few.map(({ name }) => name))] : []),
    ];
    return applyPreprocessing(fitPreprocessing(kept, steps, { target, schema: tableSchema(kept) }), kept);
  };

  const planted = (column: Column, file: HonestFile): Column => {
    if (!('values' in column))
      return { ...column, name: 'copy', codes: Int32Array.from(faithful([...column.codes], 9)) };
    const values = faithful([...column.values], 9);
    return numbers('copy', file.task === 'regression' ? values.map((value) => Math.log1p(value)) : values);
  };

  it.each(honestFiles.map((file) => [file.path, file] as const))(
    '%s: silent on it, raw and encoded, with a wide margin; not on a copy of its target',
    async (_, file) => {
      const { table } = await readHonest(file);
      expect(findLeakage(table, file.target, file.task, { threshold: 0.75 })).toEqual([]);
      expect(() => checkLeakage(encoded(table, file.target), file.target, file.task)).not.toThrow();
      const target = requireColumn(table, file.target);
      const others = table.columns.filter((column) => column !== target).slice(0, 5);
      const copied = { ...table, columns: [...others, planted(target, file), target] };
      expect(findLeakage(copied, file.target, file.task).map(({ columns }) => columns)).toEqual([['copy']]);
    },
    180_000,
  );
});
