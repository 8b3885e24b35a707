import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedModel, SearchPosition } from '../../../../lib/tracking/index.ts';
import { RUN, type World, WS, world } from '../helpers.ts';

const names = (models: readonly LoggedModel[]) => models.map(({ name }) => name);

async function many({ loggedModels }: World, experimentId: string, count: number) {
  const made: LoggedModel[] = [];
  for (let i = 0; i < count; i += 1) {
    made.push(
      await loggedModels.create(WS, { experimentId, name: `${experimentId}-${i}`, params: { i: String(i) } }),
    );
  }
  return made;
}

/** All pages one after the other. */
async function pages(w: World, wanted: Parameters<World['loggedModels']['search']>[1]) {
  const found: LoggedModel[][] = [];
  let after: SearchPosition | undefined;
  do {
    const page = await w.loggedModels.search(WS, { ...wanted, ...(after && { after }) });
    found.push(page.models);
    after = page.next;
  } while (after !== undefined);
  return found;
}

describe('a search of logged models', () => {
  it('finds the active ones of the experiments asked for, newest first, in pages without a gap', async () => {
    const w = world();
    const made = await many(w, '1', 7);
    await many(w, '2', 2);
    await w.loggedModels.delete(WS, made[5]!.modelId);
    expect((await pages(w, { experimentIds: ['1'], limit: 3 })).map(names)).toEqual([
      ['1-6', '1-4', '1-3'],
      ['1-2', '1-1', '1-0'],
    ]);
    expect((await pages(w, { experimentIds: ['2', '1', '2'], limit: 5 })).map(names)).toEqual([
      ['2-1', '2-0', '1-6', '1-4', '1-3'],
      ['1-2', '1-1', '1-0'],
    ]);
    expect(await w.loggedModels.search(WS, { experimentIds: [], limit: 3 })).toEqual({ models: [] });
  });

  it('keeps to a filter and an order', async () => {
    const w = world();
    await many(w, '1', 9);
    const wanted = {
      experimentIds: ['1'],
      limit: 2,
      matches: ({ params }: LoggedModel) => Number(params.i) % 2 === 0,
      compare: (a: LoggedModel, b: LoggedModel) => Number(a.params.i) - Number(b.params.i),
    };
    expect((await pages(w, wanted)).map(names)).toEqual([['1-0', '1-2'], ['1-4', '1-6'], ['1-8']]);
  });

  it('goes on behind the last page while new models come', async () => {
    const w = world();
    await many(w, '1', 3);
    const first = await w.loggedModels.search(WS, { experimentIds: ['1'], limit: 2 });
    await w.loggedModels.create(WS, { experimentId: '1', name: 'new' });
    const second = await w.loggedModels.search(WS, { experimentIds: ['1'], limit: 2, after: first.next! });
    expect([names(first.models), names(second.models), second.next]).toEqual([
      ['1-2', '1-1'],
      ['1-0'],
      undefined,
    ]);
  });

  it('cuts a page that would be too large for an answer, never to nothing', async () => {
    const w = world();
    for (let i = 0; i < 4; i += 1) {
      await w.loggedModels.create(WS, {
        experimentId: '1',
        name: `n${i}`,
        params: { big: 'x'.repeat(1_000) },
      });
    }
    const cut = await pages(w, { experimentIds: ['1'], limit: 10, maxBytes: 3_000 });
    expect(cut.map((page) => page.length)).toEqual([2, 2]);
    expect(
      (await pages(w, { experimentIds: ['1'], limit: 10, maxBytes: 1 })).map((page) => page.length),
    ).toEqual([1, 1, 1, 1]);
  });

  it('leaves out what its maker was ended over: rows without a header', async () => {
    const w = world();
    const [model] = await many(w, '1', 1);
    const rows = w.items.dump().filter((item) => item.pk.endsWith('#logged-models#1'));
    const header = rows.find((item) => item.name === model!.name)!;
    await w.items.remove(header);
    expect(await w.loggedModels.search(WS, { experimentIds: ['1'], limit: 3 })).toEqual({ models: [] });
    await expect(w.loggedModels.get(WS, model!.modelId)).rejects.toThrow('not found');
  });

  it('gives each model once, with all its rows, whatever was logged in whatever order', async () => {
    const entry = fc.record({
      model: fc.nat(4),
      kind: fc.constantFrom('tag', 'metric', 'param'),
      name: fc.string({ minLength: 1, maxLength: 5 }).filter((text) => !/[\p{C}\u2028\u2029]/u.test(text)),
      value: fc.double(),
    });
    const property = fc.asyncProperty(
      fc.array(entry, { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      async (log, limit) => {
        const w = world();
        const made = await many(w, '1', 5);
        const told = made.map(() => ({
          tags: new Map<string, string>(),
          metrics: new Set<string>(),
          params: new Set(['i']),
        }));
        for (const { model, kind, name, value } of log) {
          const { modelId } = made[model]!;
          const text = String(value);
          if (kind === 'tag') {
            await w.loggedModels.setTags(WS, modelId, { [name]: text });
            told[model]!.tags.set(name, text);
          } else if (kind === 'param') {
            // One value a name: its own.
            await w.loggedModels.logParams(WS, modelId, name === 'i' ? {} : { [name]: name });
            told[model]!.params.add(name);
          } else {
            await w.loggedModels.logMetrics(WS, [
              { modelId, key: name, value, step: 0, timestamp: 1, runId: RUN },
            ]);
            told[model]!.metrics.add(JSON.stringify([name, value === 0 ? '0' : text]));
          }
        }
        const found = (await pages(w, { experimentIds: ['1'], limit })).flat();
        expect(names(found)).toEqual(['1-4', '1-3', '1-2', '1-1', '1-0']);
        found.reverse().forEach((model, i) => {
          expect(new Map(Object.entries(model.tags))).toEqual(told[i]!.tags);
          expect(new Set(Object.keys(model.params))).toEqual(told[i]!.params);
          const metrics = model.metrics.map(({ key, value }) => JSON.stringify([key, String(value)]));
          expect(new Set(metrics)).toEqual(told[i]!.metrics);
          expect(metrics).toHaveLength(told[i]!.metrics.size);
        });
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});
