import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchName, batchRows } from '../../../lib/pipeline/training/batches.ts';

const sizes = {
  count: fc.integer({ min: 0, max: 400 }),
  rows: fc.integer({ min: 1, max: 150 }),
  seed: fc.integer(),
};

it('puts every row into one batch, whole ones before the last', () => {
  fc.assert(
    fc.property(fc.record(sizes), ({ count, rows, seed }) => {
      const batches = batchRows(count, { rows, seed });
      expect(batches.flatMap((batch) => Array.from(batch)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
      expect(batches.slice(0, -1).every((batch) => batch.length === rows)).toBe(true);
      if (count > 0) expect(batches.at(-1)!.length).toBe(((count - 1) % rows) + 1);
    }),
  );
});

it('depends on the seed alone', () => {
  fc.assert(
    fc.property(fc.record(sizes), ({ count, rows, seed }) => {
      expect(batchRows(count, { rows, seed })).toEqual(batchRows(count, { rows, seed }));
    }),
  );
  expect(batchRows(100, { rows: 50, seed: 1 })).not.toEqual(batchRows(100, { rows: 50, seed: 2 }));
});

it('names batches so that they sort by number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 998 }), (batch) => {
      expect(batchName(batch) < batchName(batch + 1)).toBe(true);
    }),
  );
});
