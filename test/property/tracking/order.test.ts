import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../lib/store/cursor.ts';
import { BadCursorError } from '../../../lib/store/errors.ts';
import { key, partition } from '../../../lib/tracking/keys.ts';
import { numberText, orderedFloat, orderedInteger } from '../../../lib/tracking/numbers.ts';
import { RunDocument } from '../../../lib/tracking/run-document.ts';
import { newRun, RUN, WS, world } from '../../unit/tracking/helpers.ts';

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

describe('keys', () => {
  it('order floats as numbers are ordered', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(compare(orderedFloat(a), orderedFloat(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(compare(orderedFloat(a), orderedFloat(Number.NaN))).toBe(-1);
        expect(orderedFloat(a)).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });

  it('order integers as numbers are ordered', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(compare(orderedInteger(a, 'x'), orderedInteger(b, 'x'))).toBe(Math.sign(a - b));
      }),
    );
  });

  it('say every float exactly', () => {
    fc.assert(fc.property(fc.double(), (value) => Object.is(Number(numberText(value)), value)));
  });

  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

  it('are never one for two names, and never another partition', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const of = (text: string) => {
          try {
            return [partition.model('ws', text), key.model('ws', text).sk, partition.points('ws', RUN, text)];
          } catch (error) {
            return (error as { code: string }).code;
          }
        };
        const [left, right] = [of(a), of(b)];
        if (typeof left === 'string' || typeof right === 'string') return;
        left.forEach((text, i) => {
          expect(text === right[i]).toBe(a === b);
          expect(text.split('#')).toHaveLength([3, 1, 4][i] as number);
        });
      }),
    );
  });
});

describe('a cursor', () => {
  const text = fc.string({ minLength: 1, maxLength: 60 });

  it('gives back the place in its own query, and no place in another', () => {
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (pk, sk, other, descending) => {
        const request = { pk, descending };
        const cursor = encodeCursor(request, { pk, sk });
        expect(decodeCursor({ ...request, cursor })).toEqual({ pk, sk });
        expect(() => decodeCursor({ ...request, descending: !descending, cursor })).toThrow(BadCursorError);
        if (other !== pk)
          expect(() => decodeCursor({ ...request, pk: other, cursor })).toThrow(BadCursorError);
      }),
    );
  });

  it('of any other text is refused, never believed', () => {
    const request = { pk: 'p', skPrefix: 'a' };
    const own = Buffer.from(encodeCursor(request, { pk: 'p', sk: 'a1' }), 'base64url').toString();
    const binding = JSON.parse(own)[0] as string;
    const forged = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc
        .array(fc.string())
        .map((parts) => Buffer.from(JSON.stringify([binding, ...parts])).toString('base64url')),
    );
    fc.assert(
      fc.property(forged, (cursor) => {
        try {
          // What a forger may reach: a place within the very range that the query reads anyway.
          expect(decodeCursor({ ...request, cursor })).toMatchObject({
            pk: 'p',
            sk: expect.stringMatching(/^a/),
          });
        } catch (error) {
          expect(error).toBeInstanceOf(BadCursorError);
        }
      }),
    );
  });
});

describe('a run', () => {
  const entries = fc.dictionary(
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
    fc.string({ maxLength: 50 }),
  );

  it('gives back tags and params of any text', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, async (tags, params) => {
        const w = world();
        await w.runs.create(WS, newRun(RUN, { tags, params }));
        await w.runs.setTags(WS, RUN, { ...tags, more: 'x' });
        const run = await w.runs.get(WS, RUN);
        expect(Object.entries(run.params).sort()).toEqual(Object.entries(params).sort());
        expect(Object.entries(run.tags).sort()).toEqual(Object.entries({ ...tags, more: 'x' }).sort());
      }),
      { numRuns: 50 },
    );
  });

  it('has the same latest metric and history in whatever order points come', () => {
    const point = fc.record({
      key: fc.constantFrom('a', 'b'),
      value: fc.double(),
      step: fc.integer({ min: -3, max: 3 }),
      timestamp: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (points, order) => {
        const shuffled = points
          .map((each) => ({ each, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at);
        const [straight, mixed] = [new RunDocument(), new RunDocument()];
        for (const each of points) straight.setMetric(each);
        for (const { each } of shuffled) mixed.setMetric(each);
        const byKey = (a: { key: string }, b: { key: string }) => compare(a.key, b.key);
        // -0 and 0 are one place in the order, and either may stand.
        const plain = (document: RunDocument) =>
          document.latest.map((each) => ({ ...each, value: each.value + 0 })).sort(byKey);
        expect(plain(straight)).toEqual(plain(mixed));
      }),
    );
  });
});
