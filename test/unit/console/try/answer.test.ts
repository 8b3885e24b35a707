import { describe, expect, it } from 'vitest';
import { agreement } from '../../../../console/pages/try/agreement.ts';
import { type Answer, explained, likeliestFirst } from '../../../../console/pages/try/answer.ts';

const answer = (more: Partial<Answer>): Answer => ({
  model: 'm',
  version: '1',
  requestId: 'r',
  predictions: [{ prediction: 'oak' }],
  warnings: [],
  ...more,
});

describe('an explanation', () => {
  it('of a number has its greatest contributions, whichever way they push, and the sum of the rest', () => {
    const contributions = { a: 1, b: -5, c: 0.5, d: 0.25, e: 3 };
    const given = answer({
      predictions: [{ prediction: 9.75 }],
      explanations: [{ output: 9.75, base: 10, contributions, space: 'value' }],
    });
    expect(explained(given, 3)).toEqual({
      label: undefined,
      base: 10,
      output: 9.75,
      space: 'value',
      top: [
        { feature: 'b', value: -5 },
        { feature: 'e', value: 3 },
        { feature: 'a', value: 1 },
      ],
      rest: { count: 2, value: 0.75 },
    });
  });

  it('of classes is that of the class that was predicted', () => {
    const explanations = [
      {
        space: 'probability',
        output: { elm: 0.25, oak: 0.75 },
        base: { elm: 0.5, oak: 0.5 },
        contributions: { elm: { a: -0.25 }, oak: { a: 0.25 } },
      },
    ];
    const found = explained(answer({ explanations }));
    expect(found).toMatchObject({ label: 'oak', base: 0.5, output: 0.75, space: 'probability' });
    expect(found?.top).toEqual([{ feature: 'a', value: 0.25 }]);
    expect(found?.rest).toEqual({ count: 0, value: 0 });
    const other = answer({ explanations });
    expect(explained(other, 8, 'elm')?.top).toEqual([{ feature: 'a', value: -0.25 }]);
  });

  it('is none where none was given', () => expect(explained(answer({}))).toBeUndefined());
});

it('the likeliest class comes first', () => {
  const classes = likeliestFirst({ prediction: 'b', probabilities: { a: 0.2, b: 0.5, c: 0.3 } });
  expect(classes.map(([name]) => name)).toEqual(['b', 'c', 'a']);
});

describe('the agreement with a file that has the answers', () => {
  const results = (...predictions: (string | number | undefined)[]) =>
    predictions.map((prediction) => (prediction === undefined ? { error: 'x' } : { answer: { prediction } }));

  it('of classes is the share that is right, of the rows that have both', () => {
    expect(agreement('classification', ['a', 'b', '', 'a'], results('a', 'a', 'b', undefined))).toEqual({
      kind: 'classes',
      rows: 2,
      accuracy: 0.5,
    });
    expect(agreement('classification', ['2.0', ' 3 '], results(2, 3))).toMatchObject({ accuracy: 1 });
  });

  it('of numbers is how far off they are', () => {
    expect(agreement('regression', ['1', '2', 'x'], results(2, 5, 1))).toEqual({
      kind: 'numbers',
      rows: 2,
      mae: 2,
      rmse: Math.sqrt(5),
    });
  });

  it('is none where no row has both', () => {
    expect(agreement('regression', [undefined], results(1))).toBeUndefined();
    expect(agreement('classification', ['a'], [undefined])).toBeUndefined();
  });
});
