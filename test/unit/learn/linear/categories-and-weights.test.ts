import { describe, expect, it } from 'vitest';
import type { FeatureMatrix, Model, Target, Trainer } from '../../../../lib/learn/index.ts';
import { linearRegression } from '../../../../lib/learn/linear/linear-regression.ts';
import { logisticRegression } from '../../../../lib/learn/linear/logistic-regression.ts';
import { labels, matrixOf, numbers, sklearnCases, thrownBy, uniform } from '../support.ts';

interface Given {
  name: string;
  X: number[][];
  a: number[];
  b: number[];
  y: number[];
  weights: number[];
}
interface LinearCase extends Given {
  kind: 'linear';
  alpha: number;
  coefficients: number[];
  intercept: number;
  predictions: number[];
}
interface LogisticCase extends Given {
  kind: 'logistic';
  C: number;
  coefficients: number[];
  intercepts: number[];
  probabilities: number[];
}
const cases = sklearnCases<LinearCase | LogisticCase>('linear-models');
const linear = cases.filter((one): one is LinearCase => one.kind === 'linear');
const logistic = cases.filter((one): one is LogisticCase => one.kind === 'logistic');

const A = ['harbour', 'north', 'south'];
const B = ['b0', 'b1', 'b2', 'b3', 'b4'];

/** Numbers and two native category columns; `scale` divides the large one. */
function mixed({ X, a, b }: Given, scale = 1): FeatureMatrix {
  const plain = matrixOf(X);
  const columns = [
    plain.columns[0]!,
    plain.columns[1]!.map((value) => value / scale),
    plain.columns[2]!,
    Float64Array.from(a),
    Float64Array.from(b),
  ];
  const categories = [undefined, undefined, undefined, A, B];
  return { rowCount: X.length, names: ['x', 'big', 'count', 'a', 'b'], columns, categories };
}

/** The same, one-hot. */
function encoded(x: FeatureMatrix): FeatureMatrix {
  const names: string[] = [];
  const columns: Float64Array[] = [];
  for (const [f, column] of x.columns.entries()) {
    const known = x.categories?.[f];
    if (known === undefined) {
      names.push(x.names[f]!);
      columns.push(column);
    } else
      for (const [c, name] of known.entries()) {
        names.push(`${x.names[f]}=${name}`);
        columns.push(column.map((code) => (code === c ? 1 : 0)));
      }
  }
  return { rowCount: x.rowCount, names, columns };
}

const trained = <P>(
  trainer: Trainer<P>,
  x: FeatureMatrix,
  y: Target,
  params: Record<string, unknown> = {},
  weights?: Float64Array,
): Model => trainer.fit(x, y, trainer.parseParams(params), { seed: 1, ...(weights && { weights }) });

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!))).toBeLessThan(within);
  }
};
const arrays = (model: Model) => model.toFile().sections as Record<string, Float64Array>;
const reload = (trainer: Trainer, model: Model): Model => trainer.fromFile(model.toFile(), model);

describe('linear regression over native categories, against scikit-learn and numpy', () => {
  it.each(linear)('$name', ({ alpha, weights, y, coefficients, intercept, predictions, ...given }) => {
    const x = mixed({ ...given, weights, y });
    const model = trained(linearRegression, x, numbers(y), { alpha }, Float64Array.from(weights));
    near(arrays(model).coefficients!, coefficients, 1e-7);
    near([model.toFile().facts.intercept as number], [intercept], 1e-7);
    near(model.predict(x), predictions, 1e-8);
    expect(model.notes).toEqual([]);
  });

  it.each(linear)('$name: one-hot columns give the same', ({ alpha, weights, y, predictions, ...given }) => {
    const x = encoded(mixed({ ...given, weights, y }));
    const model = trained(linearRegression, x, numbers(y), { alpha }, Float64Array.from(weights));
    near(model.predict(x), predictions, 1e-8);
  });
});

describe('logistic regression over native categories, against scikit-learn', () => {
  it.each(logistic)('$name', ({ C, weights, y, coefficients, intercepts, probabilities, ...given }) => {
    const x = mixed({ ...given, weights, y }, 1e6);
    const classes = labels(y, intercepts.length === 1 ? ['n', 'y'] : ['p', 'q', 'r']);
    const model = trained(
      logisticRegression,
      x,
      classes,
      { C, tolerance: 1e-11 },
      Float64Array.from(weights),
    );
    expect(model.notes).toEqual([]);
    near(arrays(model).coefficients!, coefficients, 1e-6);
    near(arrays(model).intercepts!, intercepts, 1e-6);
    near(model.predictProbability(x), probabilities, 1e-7);
    const same = trained(
      logisticRegression,
      encoded(x),
      classes,
      { C, tolerance: 1e-11 },
      Float64Array.from(weights),
    );
    near(same.predictProbability(encoded(x)), probabilities, 1e-7);
  });
});

describe.each([
  ['linear-regression', linearRegression as unknown as Trainer, numbers(linear[0]!.y)],
  ['logistic-regression', logisticRegression as unknown as Trainer, labels(logistic[0]!.y, ['n', 'y'])],
] as const)('%s', (_, trainer, y) => {
  const x = mixed(linear[0]!);

  it('takes an unknown or missing category as none of those it knows', () => {
    const model = trained(trainer, x, y);
    const odd = (code: number): FeatureMatrix => ({
      ...x,
      rowCount: 1,
      columns: [
        ...x.columns.slice(0, 3).map((column) => column.slice(0, 1)),
        Float64Array.of(code),
        x.columns[4]!.slice(0, 1),
      ],
    });
    // A model whose first category of `a` has no weight at all answers what the unknown one gets.
    const { facts, sections } = model.toFile();
    const without = (sections.coefficients as Float64Array).slice();
    without[3] = 0;
    const blind = trainer.fromFile({ facts, sections: { ...sections, coefficients: without } }, model);
    const unknown = scoresOf(model, odd(Number.NaN));
    near(unknown, scoresOf(blind, odd(0)), 1e-12);
  });

  it('still refuses a missing number, and names the column alone', () => {
    const holed = { ...x, columns: [x.columns[0]!.with(4, Number.NaN), ...x.columns.slice(1)] };
    const error = thrownBy(() => trained(trainer, holed, y));
    expect(error).toMatchObject({ code: 'MISSING_VALUES', details: { columns: ['x'] } });
    expect(error.remedy).toContain('fillMissing');
    expect(thrownBy(() => trained(trainer, x, y).predict(holed)).code).toBe('MISSING_VALUES');
  });

  it('keeps its categories through a file, and one importance a feature', () => {
    const model = trained(trainer, x, y);
    expect(model.categories).toEqual([undefined, undefined, undefined, A, B]);
    const again = reload(trainer, model);
    expect([...again.predict(x)]).toEqual([...model.predict(x)]);
    expect(again.importance()).toHaveLength(5);
    expect([...again.importance()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('refuses a file whose coefficients are of other categories', () => {
    const model = trained(trainer, x, y);
    const fewer = { ...model, categories: [undefined, undefined, undefined, A, B.slice(1)] };
    expect(thrownBy(() => trainer.fromFile(model.toFile(), fewer)).code).toBe('INTEGRITY');
  });

  it('takes a row of weight 2 for two rows, and weights all alike for none', () => {
    const heavy = Float64Array.from({ length: x.rowCount }, (_, i) => (i % 3 === 0 ? 2 : 1));
    const twice = [...heavy.keys()].flatMap((i) => (heavy[i] === 2 ? [i, i] : [i]));
    const many: FeatureMatrix = {
      ...x,
      rowCount: twice.length,
      columns: x.columns.map((column) => Float64Array.from(twice, (i) => column[i]!)),
    };
    const values = twice.map((i) => y.values[i]!);
    const manyY = y.task === 'regression' ? numbers(values) : labels(values, y.classes);
    const weighted = trained(trainer, x, y, {}, heavy);
    const repeated = trained(trainer, many, manyY);
    near(scoresOf(weighted, x), scoresOf(repeated, x), 1e-6);
    near(
      scoresOf(
        trained(
          trainer,
          x,
          y,
          {},
          heavy.map(() => 1),
        ),
        x,
      ),
      scoresOf(trained(trainer, x, y), x),
      1e-9,
    );
  });

  it.each([
    ['too few', Float64Array.of(1, 2)],
    ['a zero', new Float64Array(60)],
    ['a negative one', new Float64Array(60).fill(1).with(3, -1)],
    ['one that is no number', new Float64Array(60).fill(1).with(3, Number.NaN)],
  ])('refuses weights: %s', (_, weights) => {
    expect(thrownBy(() => trained(trainer, x, y, {}, weights))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'weights',
    });
  });

  it('counts categories as columns where it refuses a size', () => {
    const wide: FeatureMatrix = {
      rowCount: 3,
      names: ['id'],
      columns: [Float64Array.of(0, 1, 2)],
      categories: [Array.from({ length: 90_000_000 / 1000 }, (_, c) => `c${c}`)],
    };
    const three = y.task === 'regression' ? numbers([1, 2, 3]) : labels([0, 1, 0], y.classes);
    const params =
      trainer.algorithm === 'logistic-regression' ? { maxIterations: 100_000, tolerance: 0.1 } : {};
    const call = () => trained(trainer, { ...wide, rowCount: 3 }, three, params);
    if (trainer.algorithm === 'linear-regression') expect(thrownBy(call).code).toBe('TRAINING_TOO_LARGE');
    else
      expect(thrownBy(() => trainer.checkSize(1e6, 90_000, trainer.parseParams(params))).code).toBe(
        'TRAINING_TOO_LARGE',
      );
  });
});

/** What a model computes before it decides: values, or probabilities. */
function scoresOf(model: Model, x: FeatureMatrix): Float64Array {
  return model.task === 'regression' ? model.predict(x) : model.predictProbability(x);
}

describe('notes on columns that say nothing new', () => {
  const random = uniform(5);
  const base = Array.from({ length: 40 }, () => [random(), random(), Math.floor(random() * 3)]);
  const y = numbers(base.map(([p, q, c]) => p! + 2 * q! + c!));
  const x: FeatureMatrix = {
    rowCount: 40,
    names: ['p', 'q', 'twice', 'still', 'kind'],
    columns: [
      Float64Array.from(base, (row) => row[0]!),
      Float64Array.from(base, (row) => row[1]!),
      Float64Array.from(base, (row) => 2 * row[0]! + 1),
      new Float64Array(40).fill(7),
      Float64Array.from(base, (row) => row[2]!),
    ],
    categories: [undefined, undefined, undefined, undefined, ['a', 'b', 'c']],
  };

  it('names a sum and a constant, but not the category that the others give', () => {
    const model = trained(linearRegression, x, y);
    expect(model.notes).toEqual([
      '2 of 7 columns are constant or sums of others ("twice", "still"); the answer of least norm was taken',
    ]);
    expect(model.toFile().facts.rank).toBe(4);
    near(model.predict(x), y.values, 1e-9);
    expect(reload(linearRegression as unknown as Trainer, model).notes).toEqual(model.notes);
  });

  it('reads the facts of files of before, which name no columns', () => {
    const model = trained(linearRegression, x, y);
    const { facts, sections } = model.toFile();
    const { dependent: _, ...before } = facts;
    const old = linearRegression.fromFile({ facts: before, sections }, model);
    expect(old.notes[0]).toMatch(/^3 of 7 columns are constant or sums of others; /);
    expect([...old.predict(x)]).toEqual([...model.predict(x)]);
  });

  it('without an intercept takes the first whole category column for it', () => {
    const two: FeatureMatrix = {
      ...x,
      names: ['p', 'kind', 'other'],
      columns: [x.columns[0]!, x.columns[4]!, Float64Array.from(base, (_, i) => i % 2)],
      categories: [undefined, ['a', 'b', 'c'], ['even', 'odd']],
    };
    expect(trained(linearRegression, two, y, { fitIntercept: false }).notes).toEqual([]);
    expect(trained(linearRegression, two, y).notes).toEqual([]);
  });
});

describe('class weights', () => {
  const random = uniform(11);
  const rows = Array.from({ length: 150 }, () => [random() - 0.5, random() - 0.5]);
  const y = labels(
    rows.map(([a, b]) => (a! + 0.4 * b! + 0.3 * random() > 0.35 ? 1 : 0)),
    ['no', 'yes'],
  );

  it('by name are those of the rows', () => {
    const x = matrixOf(rows);
    const byName = trained(logisticRegression, x, y, { classWeight: { yes: 3 }, tolerance: 1e-10 });
    const byRow = trained(
      logisticRegression,
      x,
      y,
      { tolerance: 1e-10 },
      Float64Array.from(y.values, (k) => (k === 1 ? 3 : 1)),
    );
    near(arrays(byName).coefficients!, arrays(byRow).coefficients!, 1e-7);
    near(arrays(byName).intercepts!, arrays(byRow).intercepts!, 1e-7);
  });

  it('refuse a class that is not there', () => {
    const error = thrownBy(() =>
      trained(logisticRegression, matrixOf(rows), y, { classWeight: { maybe: 2 } }),
    );
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field: 'classWeight' });
    expect(error.remedy).toContain('"yes"');
  });
});
