import { describe, expect, it } from 'vitest';
import { Catalog } from '../../../lib/pipeline/catalog.ts';
import { watchRules } from '../../../lib/pipeline/control/watch-rules.ts';
import { whenAbove, whenBelow, whenDrift } from '../../../lib/pipeline/index.ts';
import { tinyClasses, tinyHouses } from '../../support/definitions.ts';

describe('what a definition asks to be watched', () => {
  it('is in seconds, with what was left out', () => {
    expect(whenDrift()).toEqual({ rule: 'when-drift', window: 86_400 });
    expect(whenDrift({ window: '2 weeks' }).window).toBe(1_209_600);
    expect(whenBelow({ metric: 'accuracy', threshold: 0.8 })).toEqual({
      rule: 'when-below',
      metric: 'accuracy',
      threshold: 0.8,
      minLabels: 100,
      over: 604_800,
    });
    expect(whenAbove({ metric: 'rmse', threshold: 9, retrain: true }).retrain).toEqual({ window: 86_400 });
  });

  it('is found by the model that the pipeline makes', () => {
    const catalog = new Catalog([
      tinyClasses({
        retrain: whenDrift(),
        alert: whenBelow({ metric: 'accuracy', threshold: 0.7, retrain: { window: '1 day' } }),
      }),
      tinyHouses({ model: 'prices' }),
    ]);
    expect(watchRules(catalog, 'tiny-classes')).toEqual([
      {
        pipeline: 'tiny-classes',
        whenDrift: { window: 86_400 },
        metric: expect.objectContaining({ metric: 'accuracy', wrong: 'below', retrain: { window: 86_400 } }),
      },
    ]);
    expect(watchRules(catalog, 'prices')).toEqual([{ pipeline: 'tiny-houses' }]);
    expect(watchRules(catalog, 'tiny-houses')).toEqual([]);
  });

  it('is refused where it makes no sense, naming the field', () => {
    expect(() => whenDrift({ window: 'soon' })).toThrow(expect.objectContaining({ field: 'retrain.window' }));
    expect(() => tinyHouses({ alert: whenBelow({ metric: 'accuracy', threshold: 1 }) })).toThrow(
      expect.objectContaining({ field: 'alert.metric' }),
    );
    expect(() => tinyClasses({ alert: whenAbove({ metric: 'rmse', threshold: 1 }) })).toThrow(/no rmse/);
    const wrongWay = { ...whenBelow({ metric: 'accuracy', threshold: 1 }), rule: 'when-above' as const };
    expect(() => tinyClasses({ alert: wrongWay })).toThrow(/whenBelow/);
    expect(() => tinyClasses({ retrain: whenDrift({ window: 60 }) })).toThrow(/retrain/);
  });
});
