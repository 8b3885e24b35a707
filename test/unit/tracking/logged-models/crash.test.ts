import { describe, expect, it } from 'vitest';
import { modelIdOf } from '../../../../lib/tracking/index.ts';
import { CrashError } from '../../../support/memory.ts';
import { RUN, type World, WS, world } from '../helpers.ts';

const modelId = modelIdOf(WS, RUN);
const given = { experimentId: '1', modelId, name: 'm', params: { a: '1', b: '2' }, tags: { t: 'x' } };
const make = (w: World) => w.loggedModels.create(WS, given);

const operations: [string, (w: World) => Promise<unknown>, (w: World) => Promise<unknown>][] = [
  ['create', async () => undefined, make],
  ['finalize', make, (w) => w.loggedModels.finalize(WS, modelId, 'READY')],
  ['setTags', make, (w) => w.loggedModels.setTags(WS, modelId, { t: 'y', u: 'z' })],
  [
    'logParams',
    make,
    (w) =>
      w.loggedModels.logParams(
        WS,
        modelId,
        Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`p${i}`, 'v'])),
      ),
  ],
  [
    'logMetrics',
    make,
    (w) =>
      w.loggedModels.logMetrics(
        WS,
        Array.from({ length: 60 }, (_, step) => ({
          modelId,
          key: 'm',
          value: step,
          step,
          timestamp: 1,
          runId: RUN,
        })),
      ),
  ],
  ['delete', make, (w) => w.loggedModels.delete(WS, modelId)],
];

/** What is stored, but for times. */
async function state(w: World) {
  const { createdAt: _, updatedAt: __, ...model } = await w.loggedModels.get(WS, modelId, { deleted: true });
  return { model, items: w.items.dump().length };
}

describe.each(operations)('a crash within LoggedModels.%s', (_name, setup, act) => {
  it('before or after any write is mended by doing it again', async () => {
    const calm = world();
    await setup(calm);
    const before = calm.items.writes;
    await act(calm);
    const wanted = await state(calm);
    const writes = calm.items.writes - before;
    expect(writes).toBeGreaterThan(0);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at += 1) {
        const w = world();
        await setup(w);
        w.items.failWrite({ at, mode });
        await expect(act(w)).rejects.toThrow(CrashError);
        await act(w);
        expect(await state(w), `crash ${mode} write ${at}`).toEqual(wanted);
      }
    }
  });
});

describe('several clients at once', () => {
  it('make one model of one id', async () => {
    const w = world();
    const made = await Promise.all(Array.from({ length: 20 }, () => make(w)));
    expect(new Set(made.map((model) => JSON.stringify(model))).size).toBe(1);
    expect(w.items.dump()).toHaveLength(5);
  });

  it('log to one model without losing or doubling anything', async () => {
    const w = world();
    await make(w);
    const writer = (n: number) => [
      w.loggedModels.setTags(WS, modelId, { [`t${n}`]: 'x' }),
      w.loggedModels.logParams(WS, modelId, { [`p${n}`]: 'x', shared: 'same' }),
      w.loggedModels.logMetrics(WS, [{ modelId, key: 'm', value: n % 4, step: 0, timestamp: 1, runId: RUN }]),
    ];
    await Promise.all(Array.from({ length: 8 }, (_, n) => writer(n)).flat());
    const model = await w.loggedModels.get(WS, modelId);
    expect(Object.keys(model.tags)).toHaveLength(9);
    expect(Object.keys(model.params)).toHaveLength(11);
    expect(model.metrics.map(({ value }) => value).toSorted()).toEqual([0, 1, 2, 3]);
  });
});
