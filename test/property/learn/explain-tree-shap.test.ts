import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ensemble } from '../../../lib/learn/ensemble/ensemble.ts';
import { treeShap } from '../../../lib/learn/explain/tree-shap.ts';
import {
  columnsOf,
  farthest,
  type RandomShape,
  randomEnsemble,
  randomRow,
  rawScore,
  shapleyByDefinition,
} from '../../unit/learn/explain/shap-support.ts';
import { uniform } from '../../unit/learn/support.ts';

const shape = (most: { features: number; depth: number; outputs: number }): fc.Arbitrary<RandomShape> =>
  fc
    .record({
      seed: fc.nat(1e9),
      features: fc.integer({ min: 1, max: most.features }),
      outputs: fc.integer({ min: 1, max: most.outputs }),
      trees: fc.integer({ min: 1, max: 4 }),
      depth: fc.integer({ min: 0, max: most.depth }),
      aggregate: fc.constantFrom('mean' as const, 'sum' as const),
      leaves: fc.constantFrom('value' as const, 'distribution' as const),
      categories: fc.boolean(),
    })
    // One class is no distribution that a tree could part.
    .map((made) => (made.outputs === 1 ? { ...made, leaves: 'value' as const } : made));

const rowsFor = (ensemble: Ensemble, seed: number, count: number): number[][] => {
  const next = uniform(seed + 1);
  return Array.from({ length: count }, () => randomRow(ensemble, next));
};
const explain = (ensemble: Ensemble, rows: number[][]) =>
  treeShap(ensemble, { rowCount: rows.length, columns: columnsOf(rows, ensemble.featureCount) });

describe('TreeSHAP', () => {
  it('is the Shapley values of the trees by their definition', () => {
    fc.assert(
      fc.property(shape({ features: 6, depth: 6, outputs: 3 }), (given) => {
        const ensemble = randomEnsemble(given);
        const rows = rowsFor(ensemble, given.seed, 2);
        const { base, contributions } = explain(ensemble, rows);
        const size = ensemble.featureCount * ensemble.outputs;
        for (const [i, row] of rows.entries()) {
          const ours = contributions.subarray(i * size, (i + 1) * size);
          expect(farthest(ours, shapleyByDefinition(ensemble, row))).toBeLessThan(1e-12);
        }
        expect(base).toHaveLength(ensemble.outputs);
      }),
      { numRuns: 150 },
    );
  });

  it('sums to the raw score less the base, however many features, levels and classes there are', () => {
    fc.assert(
      fc.property(shape({ features: 70, depth: 9, outputs: 11 }), (given) => {
        const ensemble = randomEnsemble(given);
        const rows = rowsFor(ensemble, given.seed, 3);
        const { base, contributions } = explain(ensemble, rows);
        const { featureCount, outputs } = ensemble;
        for (const [i, row] of rows.entries()) {
          const sum = base.slice();
          for (let j = 0; j < featureCount; j++) {
            for (let k = 0; k < outputs; k++) sum[k]! += contributions[(i * featureCount + j) * outputs + k]!;
          }
          expect(farthest(sum, rawScore(ensemble, row))).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives nothing to a feature that no tree asks', () => {
    fc.assert(
      fc.property(shape({ features: 8, depth: 3, outputs: 2 }), (given) => {
        const ensemble = randomEnsemble({ ...given, trees: 1 });
        const rows = rowsFor(ensemble, given.seed, 1);
        const asked = new Set<number>();
        const { nodes, slotBits, featureCount, outputs } = ensemble;
        for (let i = 0; 2 * i < nodes.length; i++) {
          const word = nodes[2 * i + 1]!;
          const slot = word & (2 ** slotBits - 1);
          if (word >>> slotBits !== i)
            asked.add(slot < 2 * featureCount ? slot >> 1 : slot - 2 * featureCount);
        }
        const { contributions } = explain(ensemble, rows);
        for (let j = 0; j < featureCount; j++) {
          if (asked.has(j)) continue;
          expect([...contributions.subarray(j * outputs, (j + 1) * outputs)]).toEqual(
            new Array(outputs).fill(0),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('answers a batch as it answers each row alone', () => {
    fc.assert(
      fc.property(shape({ features: 10, depth: 5, outputs: 9 }), (given) => {
        const ensemble = randomEnsemble(given);
        const rows = rowsFor(ensemble, given.seed, 4);
        const batch = explain(ensemble, rows).contributions;
        const alone = rows.flatMap((row) => [...explain(ensemble, [row]).contributions]);
        expect([...batch]).toEqual(alone);
      }),
      { numRuns: 40 },
    );
  });
});
