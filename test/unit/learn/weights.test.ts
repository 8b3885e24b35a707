import { describe, expect, it } from 'vitest';
import { getTrainer } from '../../../lib/learn/index.ts';
import type { Target } from '../../../lib/learn/types.ts';
import { trueWeights } from '../../../lib/learn/weights.ts';
import { labels, matrixOf, numbers, thrownBy } from './support.ts';

const classes = ['no', 'yes', 'never'];
const y = labels([0, 0, 0, 1], classes);
const weigh = (
  given: number[] | undefined,
  classWeight?: 'balanced' | Record<string, number>,
  target: Target = y,
) => trueWeights('a-forest', target, given && Float64Array.from(given), classWeight);

describe('trueWeights', () => {
  it('are the given ones, or none, where classes have no weights', () => {
    expect(weigh(undefined)).toBeUndefined();
    expect(weigh([1, 2, 3, 4])).toEqual(Float64Array.of(1, 2, 3, 4));
    expect(weigh([2, 1], undefined, numbers([5, 6]))).toEqual(Float64Array.of(2, 1));
  });

  it('balance the classes that have rows, as scikit-learn', () => {
    // compute_class_weight('balanced', classes=[0, 1], y=[0, 0, 0, 1]) is [2/3, 2].
    expect(weigh(undefined, 'balanced')).toEqual(Float64Array.of(2 / 3, 2 / 3, 2 / 3, 2));
  });

  it('balance the sums of weights where rows have some, as scikit-learn', () => {
    // compute_class_weight('balanced', classes=[0, 1], y=[0, 0, 0, 1], sample_weight=[1, 2, 3, 18]) is [2, 2/3].
    expect(weigh([1, 2, 3, 18], 'balanced')).toEqual(Float64Array.of(2, 4, 6, 12));
  });

  it('take a class by its name, and 1 for the others', () => {
    expect(weigh(undefined, { yes: 5 })).toEqual(Float64Array.of(1, 1, 1, 5));
    expect(weigh([2, 1, 1, 3], { no: 0.5, never: 9 })).toEqual(Float64Array.of(1, 0.5, 0.5, 3));
  });

  it('take a class that is named like a property of every object', () => {
    const odd = labels([0, 1], ['constructor', 'toString']);
    expect(weigh(undefined, { toString: 3 }, odd)).toEqual(Float64Array.of(1, 3));
    expect(thrownBy(() => weigh(undefined, { valueOf: 3 }, odd)).message).toContain('"valueOf"');
  });

  it.each([
    [
      'a class that is none',
      [1, 1, 1, 1],
      { maybe: 2 },
      'classWeight',
      'classWeight names "maybe", which is no class',
    ],
    ['a weight of 0', [1, 0, 1, 1], undefined, 'weights', 'not 4 positive numbers'],
    ['a weight below 0', [-1, -1, -1, -1], undefined, 'weights', 'not 4 positive numbers'],
    ['no number', [1, Number.NaN, 1, 1], undefined, 'weights', 'not 4 positive numbers'],
    ['infinity', [1, Number.POSITIVE_INFINITY, 1, 1], undefined, 'weights', 'not 4 positive numbers'],
    ['too few', [1, 1, 1], undefined, 'weights', 'not 4 positive numbers'],
    [
      'weights that nearly vanish',
      [1e-300, 1e-300, 1e-300, 1e-300],
      undefined,
      'weights',
      'add up to 4e-300',
    ],
    ['a sum beyond all numbers', [1e308, 1e308, 1, 1], undefined, 'weights', 'add up to Infinity'],
    ['products beyond all numbers', [1e300, 1, 1, 1], { no: 1e300 }, 'weights', 'not 4 positive numbers'],
  ] as const)('refuse %s', (_, given, classWeight, field, message) => {
    const error = thrownBy(() => weigh([...given], classWeight));
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field });
    expect(error.message).toContain('a-forest: ');
    expect(error.message).toContain(message);
  });

  it('refuse weights of classes for numbers, and name the classes that there are', () => {
    expect(thrownBy(() => weigh(undefined, 'balanced', numbers([1, 2])))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'classWeight',
    });
    expect(thrownBy(() => weigh(undefined, { maybe: 2 })).remedy).toBe(
      'The classes are: "no", "yes", "never".',
    );
  });
});

describe.each(['random-forest', 'gradient-boosting', 'logistic-regression'])('%s', (name) => {
  const x = matrixOf(Array.from({ length: 40 }, (_, i) => [i]));
  const target = labels(
    Array.from({ length: 40 }, (_, i) => Number(i > 25)),
    ['no', 'yes'],
  );
  const weighted = (classWeight: unknown, weights?: Float64Array) => {
    const trainer = getTrainer(name);
    return trainer.fit(x, target, trainer.parseParams({ classWeight }), {
      seed: 1,
      ...(weights && { weights }),
    });
  };

  it('refuses a weight of a class that is none, and says which', () => {
    expect(thrownBy(() => weighted({ yes: 2, maybe: 2 }))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'classWeight',
    });
    expect(() => weighted({ yes: 2, maybe: 2 })).toThrow(
      `${name}: classWeight names "maybe", which is no class`,
    );
  });

  it('refuses weights that are not one a row', () => {
    expect(() => weighted('balanced', new Float64Array(39).fill(1))).toThrow(
      `${name}: the row weights are not 40 positive`,
    );
    expect(() => weighted('balanced', new Float64Array(40).fill(-1))).toThrow(
      `${name}: the row weights are not 40 positive`,
    );
  });

  it('balances as the record of the same weights does, rows weighted or not', () => {
    const weights = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 4));
    for (const given of [undefined, weights]) {
      const sums = [0, 0];
      for (const [i, label] of target.values.entries()) sums[label]! += given?.[i] ?? 1;
      const record = {
        no: (sums[0]! + sums[1]!) / 2 / sums[0]!,
        yes: (sums[0]! + sums[1]!) / 2 / sums[1]!,
      };
      const balanced = weighted('balanced', given).predictProbability(x);
      expect(balanced).toEqual(weighted(record, given).predictProbability(x));
    }
  });
});

it('ml-random-forest says that it cannot weigh rows, where it once took no notice', () => {
  const trainer = getTrainer('ml-random-forest');
  const weights = Float64Array.of(1, 2);
  const error = thrownBy(() =>
    trainer.fit(matrixOf([[1], [2]]), numbers([1, 2]), trainer.parseParams({ trees: 1 }), {
      seed: 1,
      weights,
    }),
  );
  expect(error).toMatchObject({ code: 'BAD_DEFINITION', field: 'weights' });
});
