import { describe, expect, it } from 'vitest';
import { evaluate, getTrainer } from '../../../lib/learn/index.ts';
import { learningCurve, stepsOf } from '../../../lib/learn/learning-curve.ts';
import type { FeatureMatrix, Model, Target } from '../../../lib/learn/types.ts';
import { uniform } from '../../support/random.ts';

const random = uniform(5);
/** Rows whose target hangs on the first of three numbers and a bit of chance. */
function rows(count: number, task: 'regression' | 'two' | 'three'): { x: FeatureMatrix; y: Target } {
  const columns = [0, 1, 2].map(() => Float64Array.from({ length: count }, () => random() * 10));
  const signal = Array.from(
    columns[0]!,
    (value, i) => Math.sin(value) + columns[1]![i]! / 10 + random() * 0.3,
  );
  const x = { rowCount: count, names: ['a', 'b', 'c'], columns };
  if (task === 'regression') return { x, y: { task, values: Float64Array.from(signal) } };
  const classes = task === 'two' ? ['no', 'yes'] : ['high', 'low', 'middle'];
  const values = Int32Array.from(signal, (value) =>
    task === 'two' ? Number(value > 0.5) : value > 1 ? 0 : value < 0 ? 1 : 2,
  );
  return { x, y: { task: 'classification', classes, values } };
}

const TASKS = ['regression', 'two', 'three'] as const;
const fitted = (algorithm: string, params: object, { x, y }: ReturnType<typeof rows>): Model => {
  const trainer = getTrainer(algorithm);
  return trainer.fit(x, y, trainer.parseParams(params), { seed: 3 });
};
const figureOf = (model: Model, { x, y }: ReturnType<typeof rows>): number => {
  const { metrics } = evaluate(model, x, y);
  return y.task === 'regression' ? metrics.rmse! : metrics.log_loss!;
};

describe('the curve of a model of trees', () => {
  it.each(TASKS)('of boosting is that of models of fewer rounds: %s', (task) => {
    const [train, held] = [rows(400, task), rows(150, task)];
    const params = { learningRate: 0.2, maxLeaves: 8 };
    const model = fitted('gradient-boosting', { ...params, rounds: 30 }, train);
    const curve = learningCurve(model, held.x, held.y)!;
    expect(curve.map(([step]) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    for (const step of [1, 2, 13, 29, 30]) {
      const smaller = fitted('gradient-boosting', { ...params, rounds: step }, train);
      expect(curve[step - 1]![1], `${step} rounds`).toBeCloseTo(figureOf(smaller, held), 10);
    }
    const own = learningCurve(model, train.x, train.y)!.map(([, loss]) => loss);
    // On its own rows each round lowers the loss; and the last point is the model's figure.
    expect(own.every((loss, i) => i === 0 || loss < own[i - 1]!)).toBe(true);
    expect(own.at(-1)).toBeCloseTo(figureOf(model, train), 10);
  });

  it.each(TASKS)('of a forest is the mean over its first trees: %s', (task) => {
    const [train, held] = [rows(300, task), rows(100, task)];
    const model = fitted('random-forest', { trees: 20 }, train);
    const curve = learningCurve(model, held.x, held.y)!;
    expect(curve).toHaveLength(20);
    expect(curve.at(-1)![1]).toBeCloseTo(figureOf(model, held), 8);
    expect(curve.at(-1)![1]).toBeLessThan(curve[0]![1]);
  });

  it('looks at some rows of many, evenly spaced, and takes 50 steps at most', () => {
    const train = rows(400, 'regression');
    const model = fitted('gradient-boosting', { rounds: 200, maxLeaves: 4 }, train);
    const many = rows(45_000, 'regression');
    const curve = learningCurve(model, many.x, many.y)!;
    expect(curve).toHaveLength(50);
    expect([curve[0]![0], curve[49]![0]]).toEqual([1, 200]);
    const whole = figureOf(model, many);
    expect(Math.abs(curve[49]![1] - whole) / whole).toBeLessThan(0.03);
  });

  it('is none where there are no trees, one tree or no rows', () => {
    const data = rows(60, 'regression');
    expect(learningCurve(fitted('linear-regression', {}, data), data.x, data.y)).toBeUndefined();
    expect(learningCurve(fitted('random-forest', { trees: 1 }, data), data.x, data.y)).toBeUndefined();
    const none = rows(0, 'regression');
    expect(learningCurve(fitted('random-forest', { trees: 3 }, data), none.x, none.y)).toBeUndefined();
  });
});

describe('its steps', () => {
  it('are all of few, and 50 of many with the first and the last', () => {
    expect(stepsOf(2)).toEqual([1, 2]);
    expect(stepsOf(50)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    for (const rounds of [51, 99, 1_000]) {
      const steps = stepsOf(rounds);
      expect(steps).toHaveLength(50);
      expect([steps[0], steps.at(-1)]).toEqual([1, rounds]);
      expect(new Set(steps).size).toBe(50);
    }
  });
});
