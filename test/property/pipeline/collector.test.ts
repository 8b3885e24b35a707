import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SourceFaultError } from '../../../lib/pipeline/collect/errors.ts';
import type { Answer } from '../../../lib/pipeline/collect/get.ts';
import { answer, collectingWorld, noMore, P, sampleOf, WS } from '../../support/collecting.ts';
import { storm, type Weather } from '../../support/storm.ts';

const SUBSETS = 3;

/** What the source answers to one call: any batch in any order, errors of each kind, the word that it has no more. */
const answers: fc.Arbitrary<Answer | Error> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.nat(5), fc.nat(1000)).map(([batch, mark]) => sampleOf(batch, mark)) },
  { weight: 2, arbitrary: fc.constant(noMore()) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Answer | Error>(
      answer(500, 'oops'),
      answer(200, '{"batch_number": 1, "data": [[1, 2,'),
      answer(200, { batch_number: 1, data: [[1]] }),
      new SourceFaultError('timeout', 'no answer'),
    ),
  },
);

const weathers: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Weather>({ kind: 'calm' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: fc.integer({ min: 1, max: 8 }),
      mode: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('held' as const), deliveries: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Weather>({ kind: 'twice' }) },
);

it('stores each batch of a pass once and starts each full round once, whatever is delivered and wherever it crashes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(weathers, answers), { minLength: 1, maxLength: 30 }),
      async (deliveries) => {
        const queue = deliveries.map(([, one]) => one);
        const world = collectingWorld(async () => {
          const next = queue.shift() ?? answer(503, 'all said');
          if (next instanceof Error) throw next;
          return next;
        });
        const report = await storm(world, WS, P, {
          subsets: SUBSETS,
          columns: 3,
          weather: deliveries.map(([weather]) => weather),
        });
        expect(report.identities).toBe(report.stored);
        expect(report.equal).toBe(report.stored);
        expect(report.whole).toBe(report.closed);
        expect([report.runs, report.distinctRuns, report.startsDue]).toEqual([
          report.closed,
          report.closed,
          0,
        ]);
        const { round, stored } = await world.deps.collection.state(WS, P);
        expect(round).toBe(report.closed + report.incomplete + 1);
        expect(stored).toBeLessThan(SUBSETS);
      },
    ),
    { numRuns: 150 },
  );
});
