import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainPredictions } from '../../../lib/learn/explain/explain-predictions.ts';
import { type LoadedModel, predictRows } from '../../../lib/learn/index.ts';
import { houseFile, load, treeFile } from '../../unit/learn/model-fixture.ts';

const house = fc.record({
  area: fc.double({ min: 1, max: 1e4, noNaN: true }),
  rooms: fc.integer({ min: -3, max: 40 }),
  quarter: fc.constantFrom('north', 'south', 'harbour'),
  age: fc.option(fc.double({ min: -5, max: 200, noNaN: true })),
});
const tree = fc.record({
  height: fc.double({ min: -50, max: 500, noNaN: true }),
  leaf: fc.constantFrom('needle', 'broad'),
});

const sumOf = (base: number, parts: Record<string, number>): number =>
  Object.values(parts).reduce((sum, value) => sum + value, base);
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

/** What the model answered, from the raw scores that an explanation sums to. */
function fromScores(scores: Record<string, number>, classes: readonly string[]): Record<string, number> {
  const [first] = Object.keys(scores);
  if (Object.keys(scores).length === 1) {
    const p = 1 / (1 + Math.exp(-scores[first!]!));
    return Object.fromEntries(classes.map((name) => [name, name === first ? p : 1 - p]));
  }
  const most = Math.max(...Object.values(scores));
  const total = Object.values(scores).reduce((sum, score) => sum + Math.exp(score - most), 0);
  return Object.fromEntries(
    Object.entries(scores).map(([name, score]) => [name, Math.exp(score - most) / total]),
  );
}

async function checkNumbers(loaded: LoadedModel): Promise<void> {
  await fc.assert(
    fc.property(fc.array(house, { minLength: 1, maxLength: 5 }), (rows) => {
      const { predictions } = predictRows(loaded, rows);
      const explanations = explainPredictions(loaded, rows);
      expect(explanations).toHaveLength(rows.length);
      for (const [i, { space, output, base, contributions }] of explanations.entries()) {
        expect(space).toBe('value');
        expect(Object.keys(contributions).sort()).toEqual(['age', 'area', 'quarter', 'rooms']);
        const sum = sumOf(base as number, contributions as Record<string, number>);
        expect(relative(sum, output as number)).toBeLessThan(1e-9);
        expect(relative(sum, predictions[i]!.prediction as number)).toBeLessThan(1e-6);
      }
    }),
    { numRuns: 60 },
  );
}

async function checkClasses(loaded: LoadedModel, space: string): Promise<void> {
  const { classes } = loaded.model;
  await fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 5 }), (rows) => {
      const { predictions } = predictRows(loaded, rows);
      for (const [i, explanation] of explainPredictions(loaded, rows).entries()) {
        expect(explanation.space).toBe(space);
        const output = explanation.output as Record<string, number>;
        const base = explanation.base as Record<string, number>;
        const parts = explanation.contributions as Record<string, Record<string, number>>;
        for (const name of Object.keys(output)) {
          expect(Object.keys(parts[name]!).sort()).toEqual(['height', 'leaf']);
          expect(relative(sumOf(base[name]!, parts[name]!), output[name]!)).toBeLessThan(1e-9);
        }
        const shown = space === 'probability' ? output : fromScores(output, classes);
        for (const name of classes) {
          expect(Math.abs(shown[name]! - predictions[i]!.probabilities![name]!)).toBeLessThan(1e-9);
        }
      }
    }),
    { numRuns: 60 },
  );
}

describe('an explanation sums to what the model answered, by the columns of the raw row', () => {
  it.each([
    ['linear-regression', {}],
    ['random-forest', { trees: 12 }],
    ['gradient-boosting', { rounds: 15 }],
  ])('of a number: %s', async (algorithm, params) => {
    await checkNumbers(await load(houseFile(algorithm, params)));
  });

  it.each([
    ['logistic-regression', {}, 'score'],
    ['random-forest', { trees: 12 }, 'probability'],
    ['gradient-boosting', { rounds: 15 }, 'score'],
  ])('of three classes: %s', async (algorithm, params, space) => {
    await checkClasses(await load(treeFile(algorithm, params)), space);
  });
});
