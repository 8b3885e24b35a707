import { describe, expect, it } from 'vitest';
import { DRIFT_BOUNDS, judgeDrift } from '../../../../lib/serving/drift/index.ts';
import { joinThinCells } from '../../../../lib/serving/drift/tests.ts';
import {
  type NumericProfile,
  profileColumn,
  profileTable,
  seededRandom,
} from '../../../../lib/table/index.ts';
import { numbers, tableOf, texts } from '../../table/support.ts';

const random = seededRandom(7);
const normal = (count: number, mean = 0) =>
  Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return mean + radius * Math.cos(2 * Math.PI * random());
  });
const drawn = (count: number, values: string[]) =>
  Array.from({ length: count }, () => values[Math.floor(random() * values.length)]!);

const training = profileTable(
  tableOf(
    numbers('height', normal(2_000)),
    numbers('age', normal(2_000, 40)),
    texts('kind', drawn(2_000, ['a', 'b', 'c'])),
  ),
);
const recent = (rows: number, change: { height?: number[]; age?: number[]; kind?: (string | null)[] } = {}) =>
  tableOf(
    numbers('height', change.height ?? normal(rows)),
    numbers('age', change.age ?? normal(rows, 40)),
    texts('kind', change.kind ?? drawn(rows, ['a', 'b', 'c'])),
  );
const reasons = ({ features }: ReturnType<typeof judgeDrift>) =>
  features.filter(({ drifted }) => drifted).map(({ name, reasons }) => [name, ...reasons]);

describe('judgeDrift', () => {
  it('finds nothing in rows of the same source', () => {
    const report = judgeDrift(training, recent(400), undefined);
    expect(report).toMatchObject({ status: 'ok', rows: 400 });
    expect(report.features.map(({ name, test }) => [name, test])).toEqual([
      ['height', 'ks'],
      ['age', 'ks'],
      ['kind', 'chi2'],
    ]);
    expect(reasons(report)).toEqual([]);
  });

  it('raises no alarm on 50 rows, whatever they hold', () => {
    const report = judgeDrift(training, recent(50, { height: normal(50, 9) }), undefined);
    expect(report.status).toBe('too-few-rows');
    expect(reasons(report)).toEqual([]);
    // The figures are there all the same, for the eye.
    expect(report.features[0]!.psi).toBeGreaterThan(1);
  });

  it('names a number that moved, a column that lost its values and a category that is new', () => {
    const rows = 300;
    const holed = normal(rows, 40).map((value, i) => (i % 5 === 0 ? Number.NaN : value));
    const kind = drawn(rows, ['a', 'b', 'c']).map((value, i) => (i % 12 === 0 ? 'z' : value));
    const report = judgeDrift(
      training,
      recent(rows, { height: normal(rows, 1), age: holed, kind }),
      undefined,
    );
    expect(report.status).toBe('drift');
    expect(reasons(report)).toEqual([
      ['height', 'distribution'],
      ['age', 'missing'],
      ['kind', 'new-categories'],
    ]);
    expect(report.features[2]!.newCategories).toEqual([{ value: 'z', count: 25 }]);
    expect(report.features[1]!.missing).toMatchObject({ reference: 0, current: 0.2 });
  });

  it('takes a difference that is certain but small for none', () => {
    const report = judgeDrift(training, recent(10_000, { height: normal(10_000, 0.15) }), undefined);
    const [height] = report.features;
    expect(height!.adjustedPValue).toBeLessThan(1e-3);
    expect(height!.psi).toBeLessThan(DRIFT_BOUNDS.psi);
    expect(report.status).toBe('ok');
  });

  it('gives each bin the shares of both sides, the outer ones open', () => {
    const { features } = judgeDrift(training, recent(500, { height: normal(500, 100) }), undefined);
    const { bins } = features[0]!;
    expect(bins).toHaveLength(10);
    for (const { reference } of bins) expect(reference).toBeCloseTo(0.1, 2);
    expect(bins.map(({ current }) => current)).toEqual([...Array(9).fill(0), 1]);
    expect([bins[0]!.label.slice(0, 1), bins[9]!.label.slice(0, 1)]).toEqual(['≤', '>']);
  });

  it('compares answers with what the model answered to rows it was not trained on, and says where it cannot', () => {
    const table = recent(300);
    const answers = texts('prediction', drawn(300, ['yes']));
    const predictions = profileColumn(texts('prediction', drawn(500, ['yes', 'no'])));
    const judged = judgeDrift({ ...training, predictions }, table, answers);
    expect(judged.prediction).toMatchObject({ name: 'prediction', drifted: true, test: 'chi2' });
    expect(judged.status).toBe('drift');
    const old = judgeDrift(training, table, answers);
    expect(old.prediction).toBeUndefined();
    expect(old.notes).toEqual([expect.stringContaining('does not tell what the model answered')]);
  });

  it('works from the histogram of an older model file, and says so', () => {
    const columns = training.columns.map((column) => {
      const { points: _, ...rest } = column as NumericProfile;
      return rest as NumericProfile;
    });
    const old = { ...training, columns };
    const report = judgeDrift(old, recent(400, { height: normal(400, 1) }), undefined);
    expect(reasons(report)).toEqual([['height', 'distribution']]);
    expect(report.notes[0]).toContain('histograms');
    const whole = judgeDrift(training, recent(400, { height: normal(400, 1) }), undefined);
    expect(whole.notes.join()).not.toContain('histograms');
  });

  it('answers where there is nothing to compare: no profile, no rows, no values', () => {
    const none = judgeDrift({ rows: 0, columns: [] }, recent(300), undefined);
    expect(none).toMatchObject({ status: 'ok', features: [] });
    expect(none.notes[0]).toContain('no profile');
    expect(judgeDrift(training, recent(0), undefined).status).toBe('too-few-rows');
    const empty = judgeDrift(training, recent(300, { height: Array(300).fill(Number.NaN) }), undefined);
    expect(empty.features[0]).toMatchObject({ psi: null, pValue: null, reasons: ['missing'] });
  });

  it('sees a constant column leave its value, on either side', () => {
    const constant = profileTable(tableOf(numbers('n', Array(500).fill(3))));
    for (const value of [2, 4]) {
      const now = judgeDrift(constant, tableOf(numbers('n', Array(200).fill(value))), undefined);
      expect(now.features[0]).toMatchObject({ statistic: 1, drifted: true });
    }
    const same = judgeDrift(constant, tableOf(numbers('n', Array(200).fill(3))), undefined);
    expect(same.features[0]).toMatchObject({ statistic: 0, psi: 0, drifted: false });
  });

  it('does not call a category new that the profile may have summed up', () => {
    const many = profileTable(
      tableOf(
        texts(
          'c',
          drawn(
            5_000,
            Array.from({ length: 80 }, (_, i) => `c${i}`),
          ),
        ),
      ),
    );
    const now = judgeDrift(
      many,
      tableOf(
        texts(
          'c',
          drawn(
            300,
            Array.from({ length: 80 }, (_, i) => `c${i}`),
          ),
        ),
      ),
      undefined,
    );
    expect(now.features[0]).toMatchObject({ newCategories: [], drifted: false });
  });
});

describe('joinThinCells', () => {
  it('keeps every row and leaves no cell that fewer than 5 are expected in', () => {
    const [a, b] = joinThinCells([500, 300, 3, 2, 1, 0], [100, 50, 1, 0, 0, 4]);
    expect(a!.reduce((x, y) => x + y)).toBe(806);
    expect(b!.reduce((x, y) => x + y)).toBe(155);
    const share = 155 / (806 + 155);
    for (const [i, count] of a!.entries()) expect((count + b![i]!) * share).toBeGreaterThanOrEqual(5);
  });
});
