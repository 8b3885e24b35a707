import { z } from 'zod';
import {
  getTrainer,
  inferTask,
  type LoadedModel,
  readModelFile,
  toMatrix,
  toTarget,
  writeModelFile,
} from '../../../lib/learn/index.ts';
import {
  applyPreprocessing,
  type CleanStep,
  encode,
  fillMissing,
  fitPreprocessing,
  profileTable,
  readCsv,
  schemaFromZod,
  standardScale,
} from '../../../lib/table/index.ts';
import { uniform } from './support.ts';

export const houses = z.object({
  area: z.number().positive(),
  rooms: z.number().int(),
  quarter: z.enum(['north', 'south', 'harbour']),
  age: z.number().nullable(),
  price: z.number(),
});
export const trees = z.object({
  height: z.number(),
  leaf: z.enum(['needle', 'broad']),
  kind: z.enum(['alder', 'birch', '__proto__']),
});

const random = uniform(77);
const houseLines = Array.from({ length: 60 }, (_, i) => {
  const [area, rooms, age] = [
    40 + Math.floor(random() * 100),
    1 + Math.floor(random() * 5),
    Math.floor(random() * 80),
  ];
  const quarter = ['north', 'south', 'harbour'][i % 3]!;
  return `${area},${rooms},${quarter},${i % 9 === 0 ? '' : age},${area * 1000 + rooms * 5000 + (quarter === 'harbour' ? 40_000 : 0) - age * 100}`;
});
const treeLines = Array.from({ length: 60 }, (_, i) => {
  const height = 5 + random() * 20;
  const leaf = i % 2 === 0 ? 'needle' : 'broad';
  return `${height.toFixed(3)},${leaf},${leaf === 'needle' ? '__proto__' : height > 15 ? 'birch' : 'alder'}`;
});

async function* csv(header: string, lines: readonly string[]): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(`${header}\n${lines.join('\n')}\n`);
}

/** Trains on rows of text as a pipeline would, and gives the file's bytes. */
async function trainFile(
  row: z.ZodObject,
  target: string,
  lines: readonly string[],
  algorithm: string,
  params: Record<string, unknown>,
): Promise<Uint8Array> {
  const schema = schemaFromZod(row);
  const { table } = await readCsv(csv(Object.keys(row.shape).join(','), lines), { schema, row });
  const steps: CleanStep[] = [
    fillMissing('numeric', { strategy: 'median' }),
    standardScale('numeric'),
    encode('categorical', { method: 'onehot' }),
  ];
  const preprocessing = fitPreprocessing(table, steps, { target, schema });
  const prepared = applyPreprocessing(preprocessing, table);
  const trainer = getTrainer(algorithm);
  const parsed = trainer.parseParams(params);
  const model = trainer.fit(
    toMatrix(prepared, { target }),
    toTarget(table, target, inferTask(schema, target)),
    parsed,
    { seed: 7 },
  );
  return writeModelFile({
    name: 'fixture',
    model,
    preprocessing,
    rowSchema: schema,
    target,
    params: parsed as Record<string, unknown>,
    seed: 7,
    profile: profileTable(table),
  });
}

export const houseFile = (algorithm = 'linear-regression', params: Record<string, unknown> = {}) =>
  trainFile(houses, 'price', houseLines, algorithm, params);
export const treeFile = (algorithm = 'logistic-regression', params: Record<string, unknown> = {}) =>
  trainFile(trees, 'kind', treeLines, algorithm, params);

/** One of each algorithm, small. */
export const everyFile = (): Promise<Uint8Array[]> =>
  Promise.all([
    houseFile(),
    treeFile(),
    houseFile('ml-random-forest', { trees: 3 }),
    treeFile('ml-random-forest', { trees: 3 }),
  ]);

export const load = async (file: Promise<Uint8Array>): Promise<LoadedModel> => readModelFile(await file);

export const sampleRows = (loaded: LoadedModel): Record<string, unknown>[] =>
  loaded.manifest.target === 'price'
    ? [
        { area: 80, rooms: 3, quarter: 'harbour', age: 12 },
        { area: 55, rooms: 2, quarter: 'north', age: null },
        { area: 120, rooms: 5, quarter: 'south', age: 70 },
      ]
    : [
        { height: 20, leaf: 'broad' },
        { height: 8, leaf: 'broad' },
        { height: 12, leaf: 'needle' },
      ];
