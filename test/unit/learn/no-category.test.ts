import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  explainRows,
  getTrainer,
  inferTask,
  predictRows,
  readModelFile,
  toMatrix,
  toTarget,
  writeModelFile,
} from '../../../lib/learn/index.ts';
import { applyPreprocessing, fitPreprocessing, readCsv, schemaFromZod } from '../../../lib/table/index.ts';

/** 40 rows; `note` is empty in all of them. */
const lines = Array.from({ length: 40 }, (_, i) => {
  const south = i % 2 === 1;
  return {
    head: `${i},${south ? 'south' : 'north'},,`,
    price: i + (south ? 100 : 0),
    dear: south ? 'yes' : 'no',
  };
});
const targets = { price: z.number(), dear: z.enum(['no', 'yes']) };

async function* csv(target: 'price' | 'dear'): AsyncGenerator<Uint8Array> {
  const rows = lines.map((line) => line.head + line[target]);
  yield new TextEncoder().encode(`size,quarter,note,${target}\n${rows.join('\n')}\n`);
}

async function trained(algorithm: string, target: 'price' | 'dear') {
  const row = z.object({
    size: z.number(),
    quarter: z.enum(['north', 'south']),
    note: z.enum(['never', 'seen']).nullable(),
    [target]: targets[target],
  });
  const schema = schemaFromZod(row);
  const { table } = await readCsv(csv(target), { schema, row });
  const preprocessing = fitPreprocessing(table, [], { target, schema });
  const x = toMatrix(applyPreprocessing(preprocessing, table), { target, categories: 'native' });
  expect(x.categories![x.names.indexOf('note')]).toEqual([]);
  const trainer = getTrainer(algorithm);
  const params = algorithm === 'random-forest' ? { trees: 10 } : { minSamplesLeaf: 2 };
  const y = toTarget(table, target, inferTask(schema, target));
  const model = trainer.fit(x, y, trainer.parseParams(params), { seed: 1 });
  const file = { name: 'm', model, preprocessing, rowSchema: schema, target, params, seed: 1 };
  return { x, model, loaded: readModelFile(writeModelFile(file)) };
}

describe.each([
  ['random-forest', 'price'],
  ['random-forest', 'dear'],
  ['gradient-boosting', 'price'],
  ['gradient-boosting', 'dear'],
] as const)('%s of %s with a column of categories that is missing throughout', (algorithm, target) => {
  it('trains, is saved and answers as before, and the column counts for nothing', async () => {
    const { x, model, loaded } = await trained(algorithm, target);
    const note = model.features.indexOf('note');
    expect(model.categories![note]).toEqual([]);
    expect(model.importance()[note]).toBe(0);
    expect([...loaded.model.predict(x)]).toEqual([...model.predict(x)]);
    expect(loaded.model.categories).toEqual(model.categories);
  });

  it('gives one answer for a missing and for any unknown name', async () => {
    const { loaded } = await trained(algorithm, target);
    const rows = [null, 'seen', 'a name of its own'].map((name) => ({
      size: 7,
      quarter: 'south',
      note: name,
    }));
    const [missing, ...others] = predictRows(loaded, rows).predictions;
    for (const other of others) expect(other).toEqual(missing);
    const answer = missing!.prediction;
    if (target === 'dear') expect(answer).toBe('yes');
    else expect(answer).toBeGreaterThan(90);
  });

  it('is explained with nothing for the column', async () => {
    const { x, loaded } = await trained(algorithm, target);
    const { contributions: values, features, outputs } = explainRows(loaded.model, x);
    const ofNote = values.filter(
      (_, i) => Math.floor(i / outputs) % features.length === features.indexOf('note'),
    );
    expect([...new Set(ofNote)]).toEqual([0]);
    expect(values.some((value) => value !== 0)).toBe(true);
  });
});
