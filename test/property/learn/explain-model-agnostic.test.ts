import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../../lib/learn/explain/explain-rows.ts';
import { featureOrigins, groupContributions } from '../../../lib/learn/explain/origins.ts';
import { partialDependence } from '../../../lib/learn/explain/partial-dependence.ts';
import { permutationImportance } from '../../../lib/learn/explain/permutation.ts';
import { type FeatureMatrix, getTrainer } from '../../../lib/learn/index.ts';
import { fitWith, matrixOf, numbers } from '../../unit/learn/support.ts';

const value = fc.integer({ min: -40, max: 40 }).map((n) => n / 4);
/** 12 to 30 rows of 2 to 5 columns, with a target; names are any different texts. */
const data = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.record({
    names: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: width, maxLength: width }),
    rows: fc.array(fc.tuple(fc.array(value, { minLength: width, maxLength: width }), value), {
      minLength: 12,
      maxLength: 30,
    }),
    keys: fc.array(fc.nat(), { minLength: width, maxLength: width }),
    seed: fc.nat(1e6),
  }),
);

const reorder = (x: FeatureMatrix, keys: readonly number[]): FeatureMatrix => {
  const order = [...x.names.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
  return { ...x, names: order.map((j) => x.names[j]!), columns: order.map((j) => x.columns[j]!) };
};

describe('permutation importance', () => {
  it('permuted columns give permuted importances, of the model fitted on them too', () => {
    fc.assert(
      fc.property(data, ({ names, rows, keys, seed }) => {
        const x = matrixOf(
          rows.map(([row]) => row),
          names,
        );
        const y = numbers(rows.map(([, target]) => target));
        const train = (given: FeatureMatrix) =>
          fitWith(getTrainer('gradient-boosting'), given, y, { rounds: 4, minSamplesLeaf: 2 });
        const importances = (fitted: FeatureMatrix, asked: FeatureMatrix) =>
          new Map(
            permutationImportance(train(fitted), asked, y, { metric: 'rmse', repeats: 2, seed }).features.map(
              ({ feature, mean, std }) => [feature, [mean, std]],
            ),
          );
        const plain = importances(x, x);
        const turned = reorder(x, keys);
        expect(plain.size).toBe(names.length);
        for (const found of [importances(x, turned), importances(turned, turned)]) {
          for (const name of names) expect(found.get(name)).toEqual(plain.get(name));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of a feature that is the same in all rows is 0', () => {
    fc.assert(
      fc.property(data, ({ names, rows, seed }) => {
        const x = matrixOf(
          rows.map(([row]) => [7, ...row.slice(1)]),
          names,
        );
        const y = numbers(rows.map(([, target]) => target));
        const model = fitWith(getTrainer('linear-regression'), x, y);
        const { features } = permutationImportance(model, x, y, { metric: 'mae', seed });
        expect(features.find(({ feature }) => feature === names[0])).toMatchObject({ mean: 0, std: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

describe('partial dependence', () => {
  it('stays in the hull of the predictions it averages, and is the prediction of one row', () => {
    fc.assert(
      fc.property(data, ({ names, rows }) => {
        const x = matrixOf(
          rows.map(([row]) => row),
          names,
        );
        const y = numbers(rows.map(([, target]) => target));
        const model = fitWith(getTrainer('gradient-boosting'), x, y, { rounds: 5, minSamplesLeaf: 2 });
        const one: FeatureMatrix = {
          ...x,
          rowCount: 1,
          columns: x.columns.map((column) => column.slice(0, 1)),
        };
        const alone = partialDependence(model, one, names[0]!, { grid: [x.columns[0]![0]!] });
        expect(alone.average[0]).toBe(model.predict(one)[0]);
        const { average } = partialDependence(model, x, names[0]!);
        const trained = Array.from(y.values);
        // Small steps of boosting from the mean stay between the targets.
        for (const mean of average) {
          expect(mean).toBeGreaterThanOrEqual(Math.min(...trained) - 1e-6);
          expect(mean).toBeLessThanOrEqual(Math.max(...trained) + 1e-6);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('groupContributions', () => {
  it('keeps each row’s sum, whatever the groups', () => {
    const shapes = fc.record({
      rowCount: fc.nat(4),
      origins: fc.array(fc.constantFrom('a', 'b', '__proto__', 'city'), { minLength: 1, maxLength: 7 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(shapes, ({ rowCount, origins, outputs, seed }) => {
        const explanation: Explanation = {
          rowCount,
          features: origins.map((name, j) => `${name}${j}`),
          outputs,
          classes: [],
          score: 'value',
          base: new Float64Array(outputs),
          contributions: Float64Array.from(
            { length: rowCount * origins.length * outputs },
            (_, i) => ((i * 7 + seed) % 13) - 6,
          ),
        };
        const grouped = groupContributions(explanation, origins);
        expect(grouped.features).toEqual([...new Set(origins)]);
        const sums = ({ features, contributions }: Explanation): number[] =>
          Array.from({ length: rowCount * outputs }, (_, at) => {
            const [i, k] = [Math.floor(at / outputs), at % outputs];
            return features.reduce(
              (sum, _name, j) => sum + contributions[(i * features.length + j) * outputs + k]!,
              0,
            );
          });
        expect(sums(grouped)).toEqual(sums(explanation));
      }),
    );
  });
});

describe('featureOrigins', () => {
  it('without steps is the names themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        expect(featureOrigins({ steps: [] }, names)).toEqual(names);
      }),
    );
  });
});
