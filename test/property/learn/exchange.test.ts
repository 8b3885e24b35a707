import fc from 'fast-check';
import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { describe, expect, it } from 'vitest';
import { above32, below32, firstAbove, lessThan32 } from '../../../lib/learn/exchange/float32.ts';
import {
  exportForestJson,
  exportOnnx,
  importForestJson,
  importOnnx,
} from '../../../lib/learn/exchange/index.ts';
import { largestDifference } from '../../unit/learn/exchange/support/cases.ts';
import { grownModel, kinds, rowsFor } from '../../unit/learn/exchange/support/ensembles.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });

describe('float32 boundaries', () => {
  const doubles = fc.double({ noNaN: true, min: -1e30, max: 1e30 });
  const floats = fc.float({ noNaN: true, noDefaultInfinity: true });

  it('nothing lies between a number and its float32 neighbours', () => {
    fc.assert(
      fc.property(doubles, (value) => {
        expect(below32(value)).toBeLessThan(value);
        expect(above32(value)).toBeGreaterThan(value);
        expect(above32(below32(value))).toBeGreaterThanOrEqual(
          Math.fround(value) === value ? value : below32(value),
        );
        expect(Math.fround(below32(value))).toBe(below32(value));
      }),
    );
  });

  it('fround(x) <= t and x < firstAbove(t) say the same of every double', () => {
    fc.assert(
      fc.property(floats, doubles, fc.integer({ min: -3, max: 3 }), (threshold, far, steps) => {
        const limit = firstAbove(threshold);
        const near = limit + steps * Math.abs(limit) * Number.EPSILON;
        for (const x of [far, near, limit, threshold]) {
          expect(x < limit).toBe(Math.fround(x) <= threshold);
        }
      }),
    );
  });

  it('a question at a decimal or between two parts decimals as doubles do', () => {
    const decimals = fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000);
    fc.assert(
      fc.property(decimals, decimals, decimals, (a, b, x) => {
        for (const value of [a, (a + b) / 2]) {
          expect(Math.fround(x) <= lessThan32(value)).toBe(x < value);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a question between two float32 parts them, even neighbours', () => {
    fc.assert(
      fc.property(floats, (low) => {
        const high = above32(low);
        fc.pre(Number.isFinite(high));
        const threshold = lessThan32((low + high) / 2);
        expect(low <= threshold && high > threshold).toBe(true);
      }),
    );
  });
});

describe('what is exported to ONNX is imported as it was', () => {
  it.each(kinds)('%s with %i outputs, categories and missing values', (link, outputs) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const model = grownModel(seed, link, outputs);
        const again = importOnnx(exportOnnx(model)).model;
        const x = rowsFor(seed, model, 60);
        expect(again.features).toEqual(model.features);
        expect(again.categories).toEqual(model.categories);
        expect(again.classes).toEqual(model.classes);
        const [own, other] = [model, again].map((one) =>
          Array.from(link === 'identity' ? one.predict(x) : one.predictProbability(x)),
        );
        expect(largestDifference(other!, own!)).toBeLessThan(1e-7);
        expect(Array.from(again.ensemble!.cover)).toHaveLength(model.ensemble!.cover.length);
      }),
      { numRuns: 25 },
    );
  });

  it('no change of a byte crashes the reader: it is read, or refused with an error of ours', () => {
    const bytes = exportOnnx(grownModel(1, 'none', 3));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const changed = bytes.slice(0, cut ? at : bytes.length);
        if (!cut) changed[at] = byte;
        try {
          importOnnx(changed);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(
            /^(INTEGRITY|UNSUPPORTED_MODEL|INVALID_INPUT|BAD_DEFINITION)$/,
          );
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('forests in the JSON of ml-random-forest', () => {
  it('the library loads ours, and answers with the class that most of our trees vote for', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const model = grownModel(seed, 'none', 3, false);
        const x = rowsFor(seed, model, 40);
        for (const column of x.columns)
          for (let i = 0; i < 40; i++) if (Number.isNaN(column[i])) column[i] = 0;
        const json = JSON.parse(JSON.stringify(exportForestJson(model).json));
        const loaded = RandomForestClassifier.load(json);
        const rows = Array.from({ length: 40 }, (_, i) => x.columns.map((column) => column[i]!));
        const again = importForestJson(JSON.stringify(json)).model;
        const votes = again.predictProbability({ ...x, names: again.features });
        const width = again.classes.length;
        for (const [i, answer] of loaded.predict(rows).entries()) {
          // Ties go to whichever class was met first there, to the first class here.
          expect(votes[i * width + answer]).toBe(Math.max(...votes.subarray(i * width, (i + 1) * width)));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('a forest that the library trained predicts the same here, and after going back', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rows = Array.from({ length: 80 }, (_, i) => [
          ((i * 7919 + seed) % 101) / 10,
          ((i * 104729) % 97) / 100,
        ]);
        const y = rows.map(([a, b]) => a! * 2 - b!);
        const forest = new RandomForestRegression({ nEstimators: 5, seed: 1, noOOB: true } as never);
        forest.train(rows, y);
        const { model } = importForestJson(JSON.stringify(forest));
        const columns = [0, 1].map((j) => Float64Array.from(rows, (row) => row[j]!));
        const found = model.predict({ rowCount: 80, names: model.features, columns });
        expect(largestDifference(found, forest.predict(rows))).toBeLessThan(1e-6);
        const back = RandomForestRegression.load(JSON.parse(JSON.stringify(exportForestJson(model).json)));
        expect(largestDifference(back.predict(rows), Array.from(found))).toBeLessThan(1e-12);
      }),
      { numRuns: 10 },
    );
  });
});
