import { describe, expect, it } from 'vitest';
import { isWhole, itemName, parseItem, shardRange } from '../../../../lib/pipeline/training/item.ts';
import { checkItemName } from '../../../../lib/tracking/names.ts';

describe('names of items', () => {
  it.each([
    ['0', { index: 0 }],
    ['17', { index: 17 }],
    ['3_2of8', { index: 3, shard: { number: 2, of: 8 } }],
    ['0_1of1', { index: 0, shard: { number: 1, of: 1 } }],
  ])('%s is read, and written the same', (name, item) => {
    expect(parseItem(name)).toEqual(item);
    expect(itemName(item.index, 'shard' in item ? item.shard : undefined)).toBe(name);
    expect(checkItemName(name)).toBe(name);
  });

  it.each(['', 'x', '-1', '1.5', '3_0of8', '3_9of8', '3_2of', '3_2of8x', '3-2of8', ' 3'])(
    '%j is refused',
    (name) => {
      expect(() => parseItem(name)).toThrowError(
        expect.objectContaining({ code: 'BAD_DEFINITION', field: 'item' }),
      );
    },
  );

  it('tells a model from a part of one', () => {
    expect([isWhole('0'), isWhole('12'), isWhole('0_1of2'), isWhole(undefined)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("stands in a log's key so that the log's reader finds the item again", () => {
    // lib/http/run-logs.ts: STAGE[-ITEM]-ATTEMPT.jsonl
    const file = /^([a-z]+)(?:-([A-Za-z0-9_]+))?-(\d+)\.jsonl$/;
    expect(file.exec('train-3_2of8-1.jsonl')?.slice(1)).toEqual(['train', '3_2of8', '1']);
  });
});

describe('shardRange', () => {
  it.each([
    [10, 3, ['0-3', '3-6', '6-10']],
    [100, 1, ['0-100']],
    [8, 8, ['0-1', '1-2', '2-3', '3-4', '4-5', '5-6', '6-7', '7-8']],
    [7, 2, ['0-3', '3-7']],
  ])('%i pieces over %i shards', (pieces, of, expected) => {
    const ranges = Array.from({ length: of }, (_, k) => shardRange(pieces, { number: k + 1, of }));
    expect(ranges.map(({ from, to }) => `${from}-${to}`)).toEqual(expected);
  });

  it('covers every piece once, evenly, for any count', () => {
    for (let pieces = 1; pieces <= 60; pieces++) {
      for (let of = 1; of <= pieces; of++) {
        let at = 0;
        const lengths = new Set<number>();
        for (let number = 1; number <= of; number++) {
          const { from, to } = shardRange(pieces, { number, of });
          expect(from).toBe(at);
          lengths.add(to - from);
          at = to;
        }
        expect(at).toBe(pieces);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        expect(Math.min(...lengths)).toBeGreaterThan(0);
      }
    }
  });
});
