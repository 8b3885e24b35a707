import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { explainPredictions } from '../../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../../lib/learn/file/model-file.ts';
import {
  getTrainer,
  type LoadedModel,
  toMatrix,
  toTarget,
  writeModelFile,
} from '../../../lib/learn/index.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import { PredictionService } from '../../../lib/serving/index.ts';
import {
  applyPreprocessing,
  encode,
  fillMissing,
  fitPreprocessing,
  type RowSchema,
  readCsv,
  standardScale,
} from '../../../lib/table/index.ts';
import { Registry } from '../../../lib/tracking/index.ts';
import { FixedClock, MemoryItemStore, MemoryObjectStore } from '../../support/memory.ts';

/** The service over learn's own model files: what a deployed function runs. */
const schema: RowSchema = {
  columns: [
    { name: 'area', kind: 'number', nullable: false },
    { name: 'age', kind: 'number', nullable: true },
    { name: 'zone', kind: 'category', categories: ['A', 'B'], nullable: false },
    { name: 'price', kind: 'number', nullable: false },
  ],
};

let service: PredictionService<LoadedModel>;

beforeAll(async () => {
  // price = 10 area + 100 if zone B; age says nothing and is missing at times.
  const rows = Array.from({ length: 40 }, (_, i) => {
    const zone = i % 2 === 0 ? 'A' : 'B';
    return `${i},${i % 5 === 0 ? '' : 7},${zone},${10 * i + (zone === 'B' ? 100 : 0)}`;
  });
  const csv = Buffer.from(`area,age,zone,price\n${rows.join('\n')}\n`);
  const { table } = await readCsv(
    (async function* () {
      yield csv;
    })(),
    { schema },
  );
  const steps = [
    fillMissing(['age'], { strategy: 'median' }),
    standardScale('numeric'),
    encode('categorical', { method: 'onehot', unknown: 'ignore' }),
  ];
  const preprocessing = fitPreprocessing(table, steps, { target: 'price', schema });
  const prepared = applyPreprocessing(preprocessing, table);
  const trainer = getTrainer('linear-regression');
  const params = trainer.parseParams({});
  const model = trainer.fit(
    toMatrix(prepared, { target: 'price' }),
    toTarget(table, 'price', 'regression'),
    params,
    {
      seed: 1,
    },
  );
  const bytes = writeModelFile({
    name: 'prices',
    model,
    preprocessing,
    rowSchema: schema,
    target: 'price',
    params: {},
    seed: 1,
  });
  const clock = new FixedClock();
  const objects = new MemoryObjectStore(clock);
  const registry = new Registry(new MemoryItemStore(clock), clock);
  const modelSha256 = createHash('sha256').update(bytes).digest('hex');
  const modelKey = `default/models/${modelSha256}.arbm`;
  await objects.put(modelKey, bytes, { contentType: 'application/octet-stream' });
  await registry.createModel('default', { name: 'prices' });
  await registry.createVersion('default', 'prices', {
    identity: 'one',
    runId: 'c'.repeat(32),
    modelKey,
    modelSha256,
    sizeBytes: bytes.length,
    algorithm: 'linear-regression',
    task: 'regression',
  });
  service = new PredictionService({
    registry,
    objects,
    engine: { read: readModelFile, predict: predictRows, explain: explainPredictions },
    clock,
  });
});

const predict = (body: unknown) => service.predict('default', 'prices', body, { version: '1' });
const one = async (row: unknown) => Number((await predict(row)).predictions[0]?.prediction);

describe('a real model behind the service', () => {
  it('predicts what the training data says', async () => {
    expect(await one({ area: 12, age: 7, zone: 'A' })).toBeCloseTo(120, 6);
    expect(await one({ area: 12, age: 7, zone: 'B' })).toBeCloseTo(220, 6);
    const { predictions } = await predict({
      rows: [
        { area: 1, age: 7, zone: 'A' },
        { area: 1, age: 7, zone: 'B' },
      ],
    });
    expect(Number(predictions[1]?.prediction) - Number(predictions[0]?.prediction)).toBeCloseTo(100, 6);
  });

  it('fills a missing value as in training, and says so', async () => {
    const { predictions, warnings } = await predict({ area: 12, zone: 'A' });
    expect(Number(predictions[0]?.prediction)).toBeCloseTo(120, 6);
    expect(warnings).toMatchObject([{ row: 0, field: 'age', code: 'missing_value' }]);
    expect(warnings[0]?.message).not.toMatch(/rows\[0\]/);
  });

  it('takes an unknown category with a warning', async () => {
    const { warnings } = await predict({
      rows: [
        { area: 12, age: 7, zone: 'A' },
        { area: 12, age: 7, zone: 'Z' },
      ],
    });
    expect(warnings).toMatchObject([{ row: 1, field: 'zone', code: 'unknown_category' }]);
  });

  it.each([
    [{ area: 'x', age: 7, zone: 'A' }, 'area'],
    [{ age: 7, zone: 'A' }, 'area'],
    [{ area: 1, age: 7, zone: 'A', colour: 'red' }, 'colour'],
    [
      {
        rows: [
          { area: 1, age: 7, zone: 'A' },
          { area: null, age: 7, zone: 'A' },
        ],
      },
      'rows[1].area',
    ],
  ])('refuses %j by its field', async (body, field) => {
    await expect(predict(body)).rejects.toMatchObject({ status: 400, field });
  });

  it('ignores the target where a caller sends it', async () => {
    expect(await one({ area: 12, age: 7, zone: 'A', price: 1 })).toBeCloseTo(120, 6);
  });
});
