import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../../lib/learn/explain/grid.ts';
import { partialDependence } from '../../../../lib/learn/explain/partial-dependence.ts';
import { type FeatureMatrix, getTrainer, type Model } from '../../../../lib/learn/index.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const random = uniform(19);
const rows = Array.from({ length: 100 }, () => [random() * 8, random() * 2 - 1, Math.floor(random() * 3)]);
const x = matrixOf(rows, ['a', 'b', 'kind']);
const native: FeatureMatrix = { ...x, categories: [undefined, undefined, ['blue', 'green', 'red']] };
const y = numbers(rows.map(([a, b, kind]) => 2 * a! - 3 * b! + kind! ** 2));
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A model that is a function of the row. */
const modelOf = (features: readonly string[], answer: (row: number[]) => number): Model =>
  ({
    features,
    classes: [],
    task: 'regression',
    algorithm: 'function',
    predict: (m: FeatureMatrix) =>
      Float64Array.from({ length: m.rowCount }, (_, i) => answer(m.columns.map((column) => column[i]!))),
  }) as unknown as Model;

describe('partialDependence', () => {
  it('of a linear model is its line, through the mean prediction at the mean', () => {
    const model = fitWith(getTrainer('linear-regression'), x, y);
    const { average, axes, rows: count } = partialDependence(model, x, 'a', { grid: [0, 1, 4] });
    expect(axes).toEqual([{ feature: 'a', kind: 'number', labels: [0, 1, 4] }]);
    expect(count).toBe(100);
    const slope = average[1]! - average[0]!;
    expect(slope).toBeCloseTo(2, 0);
    expect(average[2]! - average[1]!).toBeCloseTo(3 * slope, 9);
    const middle = partialDependence(model, x, 'a', { grid: [mean(x.columns[0]!)] });
    expect(middle.average[0]).toBeCloseTo(mean(model.predict(x)), 9);
  });

  it('averages over the rows: by hand', () => {
    const model = modelOf(['a', 'b'], ([a, b]) => a! * b!);
    const { average } = partialDependence(
      model,
      matrixOf(
        [
          [9, 1],
          [9, 2],
          [9, 6],
        ],
        ['a', 'b'],
      ),
      'a',
      {
        grid: [0, 1, 10],
      },
    );
    expect([...average]).toEqual([0, 3, 30]);
  });

  it('of two features is a table, the first by rows', () => {
    const model = modelOf(['a', 'b', 'c'], ([a, b, c]) => 100 * a! + 10 * b! + c!);
    const given = matrixOf(
      [
        [0, 0, 1],
        [0, 0, 3],
      ],
      ['a', 'b', 'c'],
    );
    const { axes, average } = partialDependence(model, given, ['b', 'a'], {
      grid: [
        [1, 2],
        [5, 6, 7],
      ],
    });
    expect(axes.map(({ feature, labels }) => [feature, labels])).toEqual([
      ['b', [1, 2]],
      ['a', [5, 6, 7]],
    ]);
    expect([...average]).toEqual([512, 612, 712, 522, 622, 722]);
  });

  it('of classes gives the mean probability of each, which sum to 1', () => {
    const kinds = labels(
      rows.map(([a, b]) => (a! > 4 ? 2 : b! > 0 ? 1 : 0)),
      ['low', 'mid', 'top'],
    );
    const model = fitWith(getTrainer('logistic-regression'), x, kinds);
    const { classes, average } = partialDependence(model, x, 'a', { grid: [0, 8] });
    expect(classes).toEqual(['low', 'mid', 'top']);
    expect(average).toHaveLength(6);
    for (const point of [0, 1]) {
      expect(average[3 * point]! + average[3 * point + 1]! + average[3 * point + 2]!).toBeCloseTo(1, 12);
    }
    expect(average[5]).toBeGreaterThan(0.9);
    expect(average[2]).toBeLessThan(0.1);
  });

  it('of a native category goes through its names', () => {
    const model = fitWith(getTrainer('gradient-boosting'), native, y, { rounds: 60, minSamplesLeaf: 3 });
    const { axes, average } = partialDependence(model, native, 'kind');
    expect(axes).toEqual([{ feature: 'kind', kind: 'category', labels: ['blue', 'green', 'red'] }]);
    expect(average[1]! - average[0]!).toBeCloseTo(1, 0);
    expect(average[2]! - average[0]!).toBeGreaterThan(3);
    const some = partialDependence(model, native, 'kind', { grid: ['red'] });
    expect(some.average[0]).toBe(average[2]);
  });

  it('of one-hot columns sets one and clears the others', () => {
    const features = ['n', 'c=x', 'c=y', 'c=z'];
    const model = modelOf(
      features,
      ([n, first, second, third]) => n! + 10 * first! + 20 * second! + 40 * third!,
    );
    const given = matrixOf(
      [
        [1, 1, 0, 0],
        [3, 0, 0, 1],
      ],
      features,
    );
    const { axes, average } = partialDependence(model, given, 'c', { origins: ['n', 'c', 'c', 'c'] });
    expect(axes[0]).toEqual({ feature: 'c', kind: 'category', labels: ['x', 'y', 'z'] });
    expect([...average]).toEqual([12, 22, 42]);
    expect(given.columns[1]![0]).toBe(1);
  });

  it('of a number with an indicator clears the indicator', () => {
    const model = modelOf(['n', 'n_missing'], ([n, missing]) => n! + 100 * missing!);
    const given = matrixOf(
      [
        [5, 1],
        [7, 0],
      ],
      ['n', 'n_missing'],
    );
    const { average } = partialDependence(model, given, 'n', { grid: [1, 2], origins: ['n', 'n'] });
    expect([...average]).toEqual([1, 2]);
    // A column of that name that is no indicator stays as it is; an indicator of another name is cleared.
    const stranger = partialDependence(model, given, 'n', { grid: [1, 2], origins: ['n', 'n_missing'] });
    expect([...stranger.average]).toEqual([51, 52]);
    const numbered = modelOf(['n', 'n_missing_2'], ([n, missing]) => n! + 100 * missing!);
    const renamed = { ...given, names: numbered.features };
    const cleared = partialDependence(numbered, renamed, 'n', { grid: [1, 2], origins: ['n', 'n'] });
    expect([...cleared.average]).toEqual([1, 2]);
  });

  it('puts columns in the order of the model', () => {
    const model = modelOf(['a', 'b'], ([a, b]) => 10 * a! + b!);
    const turned = matrixOf(
      [
        [4, 1],
        [6, 1],
      ],
      ['b', 'a'],
    );
    expect([...partialDependence(model, turned, 'a', { grid: [2] }).average]).toEqual([25]);
  });

  it('refuses no rows, unknown features, and what is several columns', () => {
    const model = modelOf(['d_year', 'd_month'], ([a]) => a!);
    const given = matrixOf([[1, 2]], ['d_year', 'd_month']);
    const none = { ...given, rowCount: 0, columns: [new Float64Array(0), new Float64Array(0)] };
    expect(thrownBy(() => partialDependence(model, none, 'd_year')).code).toBe('BAD_DATA');
    expect(thrownBy(() => partialDependence(model, given, 'nothing')).message).toContain('"nothing"');
    const origins = ['d', 'd'];
    expect(thrownBy(() => partialDependence(model, given, 'd', { origins })).code).toBe('BAD_DEFINITION');
    expect(partialDependence(model, given, 'd_month', { origins }).axes[0]!.labels).toEqual([2]);
  });
});

describe('axisOf', () => {
  const column = (...values: number[]): FeatureMatrix =>
    matrixOf(
      values.map((value) => [value]),
      ['f'],
    );

  it('takes the different values of few, sorted, without the missing', () => {
    expect(axisOf(column(3, 1, 3, Number.NaN, 2, -1), 'f').labels).toEqual([-1, 1, 2, 3]);
  });

  it('takes 20 points from the 5 % to the 95 % quantile of many, as numpy.quantile gives them', () => {
    const { labels: points } = axisOf(column(...Array.from({ length: 101 }, (_, i) => 100 - i)), 'f');
    expect(points).toHaveLength(20);
    expect(points[0]).toBeCloseTo(5, 12);
    expect(points[19]).toBeCloseTo(95, 12);
    expect((points[1] as number) - (points[0] as number)).toBeCloseTo(90 / 19, 12);
    // Between two values: numpy.quantile([0, 1, ..., 29], 0.05) is 1.45.
    expect(axisOf(column(...Array.from({ length: 30 }, (_, i) => i)), 'f').labels[0]).toBeCloseTo(1.45, 12);
  });

  it('has finite points between the largest numbers of both signs', () => {
    const values = Array.from({ length: 101 }, (_, i) => (i - 50) * (Number.MAX_VALUE / 50));
    const points = axisOf(column(...values), 'f').labels as number[];
    expect(points).toHaveLength(20);
    for (const [i, point] of points.entries()) {
      expect(point / Number.MAX_VALUE).toBeCloseTo(-0.9 + (1.8 * i) / 19, 12);
    }
  });

  it('of values that are nearly all equal takes the ends too', () => {
    const values = [
      ...new Array(500).fill(7),
      ...Array.from({ length: 12 }, (_, i) => i - 100),
      ...Array.from({ length: 12 }, (_, i) => i + 100),
    ];
    expect(axisOf(column(...values), 'f').labels).toEqual([-100, 7, 111]);
  });

  it('takes 0 where all is missing', () => {
    expect(axisOf(column(Number.NaN, Number.NaN), 'f').labels).toEqual([0]);
  });

  it('of many categories takes the 30 with most rows, in their own order', () => {
    const names = Array.from({ length: 50 }, (_, code) => `c${String(code).padStart(2, '0')}`);
    // Category 49 has most rows, 0 the fewest.
    const codes = names.flatMap((_, code) => new Array<number>(code + 1).fill(code));
    const given: FeatureMatrix = { ...column(...codes), categories: [names] };
    expect(axisOf(given, 'f').labels).toEqual(names.slice(20));
  });

  it('refuses a grid that is not of the feature', () => {
    const given: FeatureMatrix = { ...column(0, 1), categories: [['x', 'y']] };
    expect(thrownBy(() => axisOf(given, 'f', { grid: ['z'] })).message).toContain('"z"');
    expect(thrownBy(() => axisOf(column(0, 1), 'f', { grid: ['z'] })).code).toBe('BAD_DEFINITION');
    expect(thrownBy(() => axisOf(column(0, 1), 'f', { grid: [] })).code).toBe('BAD_DEFINITION');
  });
});
