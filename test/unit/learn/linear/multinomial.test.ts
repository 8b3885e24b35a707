import { describe, expect, it } from 'vitest';
import { logisticRegression } from '../../../../lib/learn/linear/logistic-regression.ts';
import { fitWeighted, labels, matrixOf } from '../support.ts';

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(within);
};

const index = Array.from({ length: 24 }, (_, i) => i);
const x = matrixOf(index.map((i) => [((i * 7) % 11) / 5 - 1, ((i * 5) % 13) / 6 - 1, ((i * 3) % 7) / 3 - 1]));
const y = labels(
  index.map((i) => (i * i + Math.floor(i / 3)) % 4),
  ['a', 'b', 'c', 'd'],
);
const weights = index.map((i) => 1 + (i % 3));
const trained = (params: Record<string, unknown>, given?: number[]) =>
  fitWeighted(logisticRegression, x, y, { tolerance: 1e-11, ...params }, given);

describe("four classes of 24 rows are scikit-learn 1.9's (newton-cg, tol 1e-13)", () => {
  it.each([
    [
      { C: 1 },
      undefined,
      [
        ...[0.10154852667813667, -0.1623613061413971, 0.014151366279281482],
        ...[0.10245517053281704, -0.7684530813377799, 0.8109123139882062],
        ...[0.572152781880609, 0.33375649115326433, -0.056556231802155306],
        ...[-0.776156479091562, 0.5970578963259127, -0.7685074484653325],
      ],
      [0.48579458668879233, -0.41616217590438287, 0.42555293707793757, -0.49518534786234647],
      [0.3784375792742172, 0.1267882743649551, 0.14544456816315687, 0.34932957819767085],
    ],
    [
      { C: 0.1, fitIntercept: false },
      undefined,
      [
        ...[-0.002122612597471493, -0.0573273301019587, 0.0017038995054683174],
        ...[-0.013859442266186293, -0.1427444959348878, 0.1605761503129057],
        ...[0.16801030626662866, 0.11119204905861893, -0.0041861257111719995],
        ...[-0.1520282514029709, 0.08887977697822752, -0.15809392410720202],
      ],
      [0, 0, 0, 0],
      [0.2607759531509705, 0.2451679206842645, 0.18696087097146644, 0.3070952551932985],
    ],
    [
      { C: 10 },
      weights,
      [
        ...[0.209053350833081, 0.10980015899654252, 0.26646323525328036],
        ...[1.319026286582064, -2.299629431643388, 2.1225719642646976],
        ...[0.2170957671365281, 0.778066428353574, -0.529765042612641],
        ...[-1.7451754045516727, 1.4117628442932655, -1.8592701569053371],
      ],
      [0.846283065781332, -0.8584625762235389, 0.8123282864384168, -0.8001487759962114],
      [0.1888757531707266, 0.019681747671497916, 0.20583074834659265, 0.5856117508111829],
    ],
  ])('%o', (params, given, coefficients, intercepts, first) => {
    const model = trained(params, given);
    expect(model.notes).toEqual([]);
    near(model.linear!.coefficients, coefficients, 1e-8);
    near(model.linear!.intercepts, intercepts, 1e-8);
    near(model.predictProbability(x).subarray(0, 4), first, 1e-9);
  });
});

describe('of the four classes', () => {
  it('coefficients of each column add up to 0, as the penalty wants it, and so do the intercepts', () => {
    const { coefficients, intercepts } = trained({ C: 3 }, weights).linear!;
    for (let j = 0; j < 3; j++) {
      expect(Math.abs([0, 1, 2, 3].reduce((sum, k) => sum + coefficients[3 * k + j]!, 0))).toBeLessThan(1e-9);
    }
    expect(Math.abs(intercepts.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-9);
  });

  it('weighted mean probabilities are the weighted shares of the rows', () => {
    const shares = trained({}, weights).predictProbability(x);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let k = 0; k < 4; k++) {
      const mean = index.reduce((sum, i) => sum + weights[i]! * shares[4 * i + k]!, 0) / total;
      const share = index.reduce((sum, i) => sum + weights[i]! * Number(y.values[i] === k), 0) / total;
      expect(Math.abs(mean - share)).toBeLessThan(1e-10);
    }
  });

  it('a fit cut short says after how many iterations and how far off, and keeps saying so through its file', () => {
    const short = trained({ maxIterations: 1 });
    expect(short.notes).toHaveLength(1);
    expect(short.notes![0]).toMatch(
      /^the fit did not converge in 1 iterations \(gradient \d\.\de-\d+\): scale the columns or raise maxIterations$/,
    );
    const { features, classes } = short;
    const again = logisticRegression.fromFile(short.toFile(), { features, classes } as never);
    expect(again.notes).toEqual(short.notes);
    expect(again.predictProbability(x)).toEqual(short.predictProbability(x));
  });
});
