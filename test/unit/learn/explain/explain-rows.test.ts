import { describe, expect, it } from 'vitest';
import { buildEnsemble } from '../../../../lib/learn/ensemble/build.ts';
import { canExplain, explainRows } from '../../../../lib/learn/explain/explain-rows.ts';
import { type FeatureMatrix, getTrainer, type Model } from '../../../../lib/learn/index.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const nan = Number.NaN;
const random = uniform(31);
const rows = Array.from({ length: 80 }, () => [random() * 4 - 2, random() * 10, Math.floor(random() * 3)]);
const x = matrixOf(rows, ['a', 'b', 'kind']);
const native: FeatureMatrix = { ...x, categories: [undefined, undefined, ['blue', 'green', 'red']] };
const y = numbers(rows.map(([a, b, kind]) => 3 * a! - b! + (kind === 2 ? 5 : 0)));
const three = labels(
  rows.map(([a, , kind]) => (a! > 0.5 ? 2 : kind === 1 ? 1 : 0)),
  ['low', 'mid', 'top'],
);
const two = labels(
  rows.map(([a, b]) => Number(a! * 3 + b! > 5)),
  ['no', 'yes'],
);

/** base + contributions of a row, one an output. */
const total = (explanation: ReturnType<typeof explainRows>, row: number): number[] => {
  const { base, contributions, features, outputs } = explanation;
  return Array.from(base, (value, k) => {
    let sum = value;
    for (let j = 0; j < features.length; j++) {
      sum += contributions[(row * features.length + j) * outputs + k]!;
    }
    return sum;
  });
};
const softmax = (scores: number[]): number[] => {
  const exps = scores.map(Math.exp);
  return exps.map((value) => value / exps.reduce((sum, other) => sum + other, 0));
};
const near = (ours: readonly number[], theirs: readonly number[], by = 1e-9): void => {
  expect(ours).toHaveLength(theirs.length);
  for (const [i, value] of ours.entries()) expect(Math.abs(value - theirs[i]!)).toBeLessThan(by);
};

describe('a linear regression', () => {
  it('contributes coefficient x (x - mean of training): by hand', () => {
    // y = 2 a + 1 exactly, mean of a is 2.
    const model = fitWith(
      getTrainer('linear-regression'),
      matrixOf([[0], [2], [4]], ['a']),
      numbers([1, 5, 9]),
    );
    const { base, contributions, outputs, classes, score } = explainRows(model, matrixOf([[3], [2]], ['a']));
    near([...base], [5]);
    near([...contributions], [2, 0]);
    expect([outputs, classes, score]).toEqual([1, [], 'value']);
  });

  it('sums to what it predicts; the base is the mean prediction of training', () => {
    const model = fitWith(getTrainer('linear-regression'), x, y, { alpha: 2 });
    const explanation = explainRows(model, x);
    const predicted = model.predict(x);
    for (let i = 0; i < 80; i++) near(total(explanation, i), [predicted[i]!]);
    near([...explanation.base], [predicted.reduce((sum, value) => sum + value, 0) / 80]);
  });

  it('weighs the mean as it weighed the rows', () => {
    const trainer = getTrainer('linear-regression');
    const model = trainer.fit(matrixOf([[0], [4]], ['a']), numbers([0, 4]), trainer.parseParams({}), {
      seed: 1,
      weights: Float64Array.of(1, 3),
    });
    near([...explainRows(model, matrixOf([[4]], ['a'])).contributions], [1]);
  });

  it('takes categories natively, what is missing or unknown too', () => {
    const model = fitWith(getTrainer('linear-regression'), native, y);
    const asked = { ...native, columns: native.columns.map((column) => column.slice()) };
    asked.columns[2]![0] = nan;
    const explanation = explainRows(model, asked);
    const predicted = model.predict(asked);
    for (const i of [0, 1, 2, 40]) near(total(explanation, i), [predicted[i]!]);
  });

  it('survives the file', () => {
    const model = fitWith(getTrainer('linear-regression'), native, y);
    const again = getTrainer('linear-regression').fromFile(model.toFile(), model);
    expect([...explainRows(again, native).contributions]).toEqual([
      ...explainRows(model, native).contributions,
    ]);
  });

  it('of a file without means measures from zero', () => {
    const trainer = getTrainer('linear-regression');
    const parts = fitWith(trainer, x, y).toFile();
    const { means: _, ...sections } = parts.sections;
    const model = trainer.fromFile(
      { ...parts, sections },
      { task: 'regression', features: x.names, classes: [] },
    );
    const explanation = explainRows(model, x);
    const predicted = model.predict(x);
    for (const i of [0, 9]) near(total(explanation, i), [predicted[i]!]);
    near([...explanation.base], [parts.facts.intercept as number]);
  });
});

describe('a logistic regression', () => {
  it('of two classes shares one margin, the log-odds of the second', () => {
    const model = fitWith(getTrainer('logistic-regression'), native, two);
    const explanation = explainRows(model, native);
    const probabilities = model.predictProbability(native);
    expect([explanation.outputs, explanation.classes, explanation.score]).toEqual([1, ['yes'], 'margin']);
    for (const i of [0, 5, 79]) {
      const [margin] = total(explanation, i);
      near([1 / (1 + Math.exp(-margin!))], [probabilities[2 * i + 1]!]);
    }
  });

  it('of three has a margin each', () => {
    const model = fitWith(getTrainer('logistic-regression'), x, three);
    const explanation = explainRows(model, x);
    expect(explanation.classes).toEqual(['low', 'mid', 'top']);
    for (const i of [0, 33]) {
      near(softmax(total(explanation, i)), [...model.predictProbability(x).subarray(3 * i, 3 * i + 3)]);
    }
  });

  it('leaves out the class that training never saw', () => {
    const seen = labels(
      rows.map(([a]) => (a! > 0 ? 2 : 0)),
      ['low', 'mid', 'top'],
    );
    const model = fitWith(getTrainer('logistic-regression'), x, seen);
    const { classes, outputs, contributions } = explainRows(model, x);
    expect([classes, outputs, contributions.length]).toEqual([['top'], 1, 80 * 3]);
  });

  it('survives the file', () => {
    const model = fitWith(getTrainer('logistic-regression'), native, three);
    const again = getTrainer('logistic-regression').fromFile(model.toFile(), model);
    expect([...explainRows(again, native).contributions]).toEqual([
      ...explainRows(model, native).contributions,
    ]);
  });
});

describe('trees', () => {
  const holed: FeatureMatrix = {
    ...native,
    columns: native.columns.map((column, j) =>
      column.map((value, i) => (j !== 1 && i % (7 + j) === 0 ? nan : value)),
    ),
  };

  it('boosting of a regression sums to what it predicts', () => {
    const model = fitWith(getTrainer('gradient-boosting'), holed, y, { rounds: 20, minSamplesLeaf: 4 });
    const explanation = explainRows(model, holed);
    const predicted = model.predict(holed);
    expect(explanation.score).toBe('value');
    for (let i = 0; i < 80; i++) near(total(explanation, i), [predicted[i]!]);
  });

  it('boosting of two classes sums to the log-odds of the second', () => {
    const model = fitWith(getTrainer('gradient-boosting'), holed, two, { rounds: 10, minSamplesLeaf: 4 });
    const explanation = explainRows(model, holed);
    expect([explanation.classes, explanation.score]).toEqual([['yes'], 'margin']);
    for (const i of [0, 7, 50]) {
      near([1 / (1 + Math.exp(-total(explanation, i)[0]!))], [model.predictProbability(holed)[2 * i + 1]!]);
    }
  });

  it('boosting of three classes sums to the scores before softmax', () => {
    const model = fitWith(getTrainer('gradient-boosting'), holed, three, { rounds: 10, minSamplesLeaf: 4 });
    const explanation = explainRows(model, holed);
    expect(explanation.classes).toEqual(['low', 'mid', 'top']);
    for (const i of [0, 50]) {
      near(
        softmax(total(explanation, i)),
        [...model.predictProbability(holed).subarray(3 * i, 3 * i + 3)],
        1e-6,
      );
    }
  });

  it('the feature that decides has the largest contributions', () => {
    const model = fitWith(getTrainer('gradient-boosting'), x, numbers(rows.map(([a]) => 10 * a!)), {
      rounds: 20,
      minSamplesLeaf: 4,
    });
    const { contributions } = explainRows(model, x);
    const sizes = [0, 1, 2].map((j) =>
      contributions.reduce((sum, value, at) => sum + (at % 3 === j ? Math.abs(value) : 0), 0),
    );
    expect(sizes[0]).toBeGreaterThan(20 * (sizes[1]! + sizes[2]!));
  });

  it('names the output of a forest by class, as a probability', () => {
    const ensemble = buildEnsemble({
      featureCount: 1,
      outputs: 2,
      aggregate: 'mean',
      trees: [
        {
          feature: [0, -1, -1],
          threshold: [0, 0, 0],
          left: [1, 0, 0],
          right: [2, 0, 0],
          value: [0, 0, 1, 0, 0, 1],
        },
      ],
    });
    const model = {
      features: ['a'],
      classes: ['no', 'yes'],
      ensemble,
      task: 'classification',
    } as unknown as Model;
    const { classes, score, base, contributions } = explainRows(model, matrixOf([[3]], ['a']));
    expect([classes, score, [...base], [...contributions]]).toEqual([
      ['no', 'yes'],
      'probability',
      [0.5, 0.5],
      [-0.5, 0.5],
    ]);
  });
});

describe('what comes in', () => {
  const model = fitWith(getTrainer('gradient-boosting'), native, y, { rounds: 5, minSamplesLeaf: 4 });
  const plain = explainRows(model, native);

  it('columns in another order are put right by name', () => {
    const turned: FeatureMatrix = {
      rowCount: native.rowCount,
      names: native.names.toReversed(),
      columns: native.columns.toReversed(),
      categories: native.categories!.toReversed(),
    };
    expect(explainRows(model, turned).features).toEqual(model.features);
    expect([...explainRows(model, turned).contributions]).toEqual([...plain.contributions]);
  });

  it('categories under other codes are put right by name', () => {
    const recoded: FeatureMatrix = {
      ...native,
      columns: [native.columns[0]!, native.columns[1]!, native.columns[2]!.map((code) => 2 - code)],
      categories: [undefined, undefined, ['red', 'green', 'blue']],
    };
    expect([...explainRows(model, recoded).contributions]).toEqual([...plain.contributions]);
  });

  it('refuses other columns', () => {
    expect(thrownBy(() => explainRows(model, matrixOf([[1]], ['a']))).code).toBe('FEATURE_MISMATCH');
  });

  it('refuses a model without trees and coefficients, and says what to do', () => {
    const forest = fitWith(getTrainer('ml-random-forest'), x, y, { trees: 2 });
    expect(canExplain(forest)).toBe(false);
    expect(canExplain(model)).toBe(true);
    const error = thrownBy(() => explainRows(forest, x));
    expect(error.code).toBe('BAD_DEFINITION');
    expect(error.message).toContain('ml-random-forest');
    expect(error.remedy).toContain('permutation importance');
  });

  it('no rows: a base and nothing else', () => {
    const none = { ...native, rowCount: 0, columns: native.columns.map(() => new Float64Array(0)) };
    const explanation = explainRows(model, none);
    expect(explanation.contributions).toHaveLength(0);
    expect([...explanation.base]).toEqual([...plain.base]);
  });
});

describe('a random forest as it is trained here', () => {
  it.each(['regression', 'classification'])('sums to what it predicts: %s', (task) => {
    const target = task === 'regression' ? y : three;
    const model = fitWith(getTrainer('random-forest'), native, target, { trees: 15 });
    const explanation = explainRows(model, native);
    const predicted = task === 'regression' ? model.predict(native) : model.predictProbability(native);
    const { outputs } = explanation;
    expect(explanation.score).toBe(task === 'regression' ? 'value' : 'probability');
    for (let i = 0; i < 80; i++)
      near(total(explanation, i), [...predicted.subarray(i * outputs, (i + 1) * outputs)]);
  });
});
