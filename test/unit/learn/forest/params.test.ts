import { describe, expect, it } from 'vitest';
import { growSettings } from '../../../../lib/learn/forest/params.ts';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import { thrownBy } from '../support.ts';

const parse = randomForest.parseParams;
const settings = (
  params: Record<string, unknown>,
  task: 'classification' | 'regression' = 'classification',
) => growSettings(1000, 54, parse(params), task);

describe('parameters', () => {
  it('have the defaults of scikit-learn', () => {
    expect(parse({})).toEqual({
      ...{ trees: 100, minSamplesSplit: 2, minSamplesLeaf: 1, bootstrap: true, oobScore: false },
    });
    expect(settings({})).toMatchObject({ tried: 7, drawn: 1000, criterion: 'gini', minSplit: 2 });
    expect(settings({}, 'regression')).toMatchObject({ tried: 54, criterion: 'squared-error' });
    expect(settings({}).maxDepth).toBe(Number.MAX_SAFE_INTEGER);
  });

  // max_features of 54: sqrt and shares are cut, not rounded.
  it.each([
    ['sqrt', 7],
    ['log2', 5],
    ['all', 54],
    [0.999, 53],
    [0.001, 1],
    [1, 1],
    [12, 12],
  ])('tries as many features as scikit-learn: maxFeatures %s gives %d', (maxFeatures, tried) => {
    expect(settings({ maxFeatures }).tried).toBe(tried);
  });

  it('rounds shares of rows as scikit-learn: leaves and splits up, samples to the nearest', () => {
    expect(settings({ minSamplesLeaf: 0.0012, minSamplesSplit: 0.0031 })).toMatchObject({
      minLeaf: 2,
      minSplit: 4,
    });
    expect(settings({ maxSamples: 0.0016 }).drawn).toBe(2);
    expect(settings({ maxSamples: 0.0001 }).drawn).toBe(1);
    expect(settings({ maxSamples: 300 }).drawn).toBe(300);
  });

  it('splits no node that is too small for two leaves', () => {
    expect(settings({ minSamplesLeaf: 5 }).minSplit).toBe(10);
    expect(settings({ minSamplesLeaf: 5, minSamplesSplit: 30 }).minSplit).toBe(30);
  });

  it.each([
    [{ trees: 0 }, 'trees'],
    [{ minSamplesSplit: 1 }, 'minSamplesSplit'],
    [{ maxFeatures: 'half' }, 'maxFeatures'],
    [{ maxFeatures: 1.5 }, 'maxFeatures'],
    [{ classWeight: { a: 0 } }, 'classWeight.a'],
    [{ n_estimators: 5 }, 'n_estimators'],
  ])('refuses %j', (params, field) => {
    expect(thrownBy(() => parse(params))).toMatchObject({ code: 'BAD_DEFINITION', field });
  });

  it.each([
    [{ maxFeatures: 55 }, 'maxFeatures', 'classification'],
    [{ maxSamples: 1001 }, 'maxSamples', 'classification'],
    [{ maxSamples: 10, bootstrap: false }, 'maxSamples', 'classification'],
    [{ criterion: 'gini' }, 'criterion', 'regression'],
    [{ criterion: 'squared-error' }, 'criterion', 'classification'],
  ] as const)('refuses %j for 1000 x 54', (params, field, task) => {
    const error = thrownBy(() => growSettings(1000, 54, parse(params), task));
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field });
    expect(error.remedy).toBeTruthy();
  });
});
