import { describe, expect, it } from 'vitest';
import { exportOnnx, importOnnx } from '../../../lib/learn/exchange/index.ts';
import {
  explainRows,
  type FeatureMatrix,
  getTrainer,
  type Model,
  metricDirection,
  partialDependence,
  permutationImportance,
  type Target,
} from '../../../lib/learn/index.ts';
import { labels, matrixOf, numbers, thrownBy, uniform } from './support.ts';

interface Shape {
  x: FeatureMatrix;
  y: Target;
  /** What each row must be answered with, where any algorithm can know it. */
  answers?: readonly number[];
}

const NONE = Number.NaN;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const next = uniform(17);
const noise = range(60).map(() => [next(), next()]);
const classNames = (count: number): string[] =>
  range(count).map((k) => `class ${String(k).padStart(3, '0')}`);
/** One category column of 300 names, each twice. */
const coded: FeatureMatrix = {
  rowCount: 600,
  names: ['code'],
  columns: [Float64Array.from(range(600), (i) => i % 300)],
  categories: [classNames(300)],
};

const shapes: Record<string, Shape> = {
  'one row of one number': { x: matrixOf([[4]]), y: numbers([7]), answers: [7] },
  'two rows that are the same, of other answers': {
    x: matrixOf([[1], [1]]),
    y: numbers([0, 1]),
    answers: [0.5, 0.5],
  },
  'a target that is always the same': {
    x: matrixOf(noise),
    y: numbers(noise.map(() => -3)),
    answers: noise.map(() => -3),
  },
  'columns that are always the same': {
    x: matrixOf(noise.map(() => [5, -1])),
    y: numbers(noise.map((_, i) => i % 2)),
    answers: noise.map(() => 0.5),
  },
  'one row of each class': { x: matrixOf([[0], [9]]), y: labels([1, 0], ['no', 'yes']) },
  'columns that are always the same, for classes': {
    x: matrixOf(noise.map(() => [5, -1])),
    y: labels(
      noise.map((_, i) => Number(i % 3 > 0)),
      ['no', 'yes'],
    ),
    answers: noise.map(() => 1),
  },
  'a class that has no row': {
    x: matrixOf(noise),
    y: labels(
      noise.map(([a]) => (a! > 0.5 ? 2 : 0)),
      ['a', 'b', 'c'],
    ),
  },
  '300 classes, each its own category': {
    x: coded,
    y: labels(
      range(600).map((i) => i % 300),
      classNames(300),
    ),
  },
  'numbers by 300 categories': { x: coded, y: numbers(range(600).map((i) => i % 300)) },
  'a target of huge numbers of both signs': {
    x: matrixOf(range(40).map((i) => [i])),
    y: numbers(range(40).map((i) => (i < 20 ? -1e30 : 1e30))),
  },
};
const params: Record<string, Record<string, unknown>> = {
  'random-forest': { trees: 5, bootstrap: false },
  'gradient-boosting': { rounds: 5, minSamplesLeaf: 1 },
  'linear-regression': {},
  'logistic-regression': {},
};

const trained = (algorithm: string, { x, y }: Shape): Model => {
  const trainer = getTrainer(algorithm);
  return trainer.fit(x, y, trainer.parseParams(params[algorithm]), { seed: 3 });
};
const answersOf = (model: Model, x: FeatureMatrix): Float64Array =>
  model.task === 'classification' ? model.predictProbability(x) : model.predict(x);
const cases = Object.keys(params).flatMap((algorithm) =>
  Object.entries(shapes)
    .filter(([, { y }]) => getTrainer(algorithm).tasks.includes(y.task))
    .map(([name, shape]): [string, string, Shape] => [algorithm, name, shape]),
);

describe.each(cases)('%s on %s', (algorithm, _, shape) => {
  const { x, y, answers } = shape;
  const model = trained(algorithm, shape);

  it('answers every row with a number, or with shares that add up to 1', () => {
    const found = answersOf(model, x);
    expect(found.every(Number.isFinite)).toBe(true);
    if (y.task === 'classification') {
      const width = y.classes.length;
      for (let i = 0; i < x.rowCount; i++) {
        const row = found.subarray(i * width, (i + 1) * width);
        expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(row.every((share) => share >= 0)).toBe(true);
      }
    }
    if (answers !== undefined) {
      for (const [i, value] of model.predict(x).entries()) expect(value).toBeCloseTo(answers[i]!, 6);
    }
    const total = model.importance().reduce((sum, share) => sum + share, 0);
    expect(Math.abs(total) < 1e-12 || Math.abs(total - 1) < 1e-9).toBe(true);
  });

  it('is the same after its file', () => {
    const shapeOf = { task: model.task, features: model.features, classes: model.classes };
    const again = getTrainer(algorithm).fromFile(model.toFile(), {
      ...shapeOf,
      ...(model.categories && { categories: model.categories }),
    });
    expect(answersOf(again, x)).toEqual(answersOf(model, x));
    expect(again.notes).toEqual(model.notes);
  });

  it('is taken apart into contributions that add up to its score', () => {
    const few = {
      ...x,
      rowCount: Math.min(x.rowCount, 3),
      columns: x.columns.map((column) => column.slice(0, 3)),
    };
    const { base, contributions, outputs, score, classes } = explainRows(model, few);
    expect(contributions.every(Number.isFinite)).toBe(true);
    const found = answersOf(model, few);
    const scale = found.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (let i = 0; i < few.rowCount; i++) {
      const sums = base.map((start, k) =>
        range(x.names.length).reduce(
          (sum, f) => sum + contributions[(i * x.names.length + f) * outputs + k]!,
          start,
        ),
      );
      // Margins become shares: of two classes one has the score, and the other 0.
      const rest = outputs === 1 ? 1 : 0;
      const whole = sums.reduce((sum, value) => sum + Math.exp(value), rest);
      for (const [k, sum] of sums.entries()) {
        const told = score === 'margin' ? Math.exp(sum) / whole : sum;
        const place =
          model.task === 'regression' ? i : i * model.classes.length + model.classes.indexOf(classes[k]!);
        expect(Math.abs(told - found[place]!) / scale).toBeLessThan(1e-6);
      }
    }
  });

  it('is judged by permutations and varied one feature at a time', () => {
    const metric = y.task === 'classification' ? 'accuracy' : 'rmse';
    expect(metricDirection(metric)).toBeDefined();
    const { features, baseline } = permutationImportance(model, x, y, { metric, repeats: 2, seed: 1 });
    expect(Number.isFinite(baseline)).toBe(true);
    for (const { mean, std } of features) expect(Number.isFinite(mean) && std >= 0).toBe(true);
    const { average } = partialDependence(model, x, x.names[0]!);
    expect(average.every(Number.isFinite)).toBe(true);
  });

  if (model.ensemble !== undefined) {
    it('goes to ONNX and back', () => {
      const again = importOnnx(exportOnnx(model)).model;
      const [found, wanted] = [answersOf(again, x), answersOf(model, x)];
      const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(found.length).toBe(wanted.length);
      for (const [i, value] of wanted.entries())
        expect(Math.abs(found[i]! - value) / scale).toBeLessThan(1e-6);
    });
  }
});

describe('columns in which every number is missing', () => {
  const holes = matrixOf(
    noise.map(([a]) => [a!, NONE]),
    ['size', 'gap'],
  );
  const y = numbers(noise.map(([a]) => a!));

  it.each(['random-forest', 'gradient-boosting'])('do not hinder %s, and count for nothing', (algorithm) => {
    const model = trained(algorithm, { x: holes, y });
    expect(model.predict(holes).every(Number.isFinite)).toBe(true);
    expect(model.importance()[model.features.indexOf('gap')]).toBe(0);
    const { contributions } = explainRows(model, holes);
    for (let i = 0; i < holes.rowCount; i++) {
      expect(contributions[2 * i + model.features.indexOf('gap')]).toBe(0);
    }
  });

  it.each(['random-forest', 'gradient-boosting'])(
    'are answered by %s with the mean where there are no others',
    (algorithm) => {
      const gaps = matrixOf(noise.map(() => [NONE]));
      const values = noise.map((_, i) => i);
      const model = trained(algorithm, { x: gaps, y: numbers(values) });
      for (const value of model.predict(gaps)) expect(value).toBeCloseTo(29.5, 4);
      expect(model.importance()).toEqual(new Float64Array(1));
    },
  );

  it.each([
    ['linear-regression', y],
    [
      'logistic-regression',
      labels(
        noise.map(([a]) => Number(a! > 0.5)),
        ['no', 'yes'],
      ),
    ],
  ] as const)('are refused by %s, which names them', (algorithm, target) => {
    const error = thrownBy(() => trained(algorithm, { x: holes, y: target }));
    expect(error.message).toContain('"gap"');
    expect(error.message).not.toContain('"size"');
    expect(error.remedy).toContain('fillMissing(["gap"]');
  });
});

describe('300 classes that a category tells apart', () => {
  const shape = shapes['300 classes, each its own category']!;

  it('are told apart by a model of one coefficient each', () => {
    const model = trained('logistic-regression', shape);
    expect(Array.from(model.predict(shape.x))).toEqual(Array.from(shape.y.values));
    expect(model.notes).toEqual([]);
  });

  it('are told apart by trees as far as codes of one byte go, and the note says so', () => {
    const model = trained('random-forest', shape);
    const right = model.predict(shape.x).map((value, i) => Number(value === shape.y.values[i]));
    // 254 categories of their own, and a code for the other 46, of which one class is right; two rows each.
    expect(right.reduce((sum, one) => sum + one, 0)).toBe(2 * 255);
    expect(model.notes.join()).toContain(
      'the 254 most frequent count each for itself, the other 46 together',
    );
  });
});
