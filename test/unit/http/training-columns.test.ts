import { describe, expect, it } from 'vitest';
import { describeModel } from '../../../lib/http/documented-models.ts';
import { trainingColumn, trainingColumns } from '../../../lib/http/training-columns.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import { exampleRow } from '../../../lib/serving/index.ts';
import { sampleRows } from '../../../lib/table/sample-rows.ts';
import { houseFile, load, treeFile } from '../learn/model-fixture.ts';

const described = async (file: Promise<Uint8Array>) => {
  const model = await load(file);
  const version = { name: 'm', version: '1' };
  return { model, rows: describeModel({ version, model } as unknown as Parameters<typeof describeModel>[0]) };
};

describe('what training saw', () => {
  it('is told of each column that is sent: range and histogram of numbers, shares of categories, gaps', async () => {
    const { rows } = await described(houseFile());
    const columns = trainingColumns(rows);
    expect(columns.map(({ name }) => name)).toEqual(['area', 'rooms', 'quarter', 'age']);
    for (const column of columns) expect(trainingColumn.parse(column)).toEqual(column);
    const [area, rooms, quarter, age] = columns;
    expect(area?.range?.minimum).toBeGreaterThanOrEqual(40);
    expect(area?.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(rooms).toMatchObject({ distinct: 5, missing: 0, range: { minimum: 1, maximum: 5 } });
    expect(quarter?.categories).toEqual(
      ['harbour', 'north', 'south'].map((value) => ({ value, share: 1 / 3 })),
    );
    expect(age?.missing).toBeCloseTo(7 / 60);
  });

  it('is nothing where the model has no profile', async () => {
    const { rows } = await described(treeFile());
    expect(trainingColumns({ ...rows, profile: undefined } as never)).toEqual([]);
  });

  it.each([houseFile, treeFile])('gives rows that the model itself answers', async (file) => {
    const { model, rows } = await described(file());
    const tried = [exampleRow(rows), ...sampleRows(rows, { count: 50, seed: 42 })];
    const { predictions, warnings } = predictRows(model, tried);
    expect(predictions).toHaveLength(51);
    expect(warnings).toEqual([]);
  });
});
