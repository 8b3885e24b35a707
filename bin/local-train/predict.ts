import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InvalidInputError } from '../../lib/errors/index.ts';
import { type LoadedModel, readModelFile, toMatrix } from '../../lib/learn/index.ts';
import { applyPreprocessing, type ColumnSpec, readCsv, type Table } from '../../lib/table/index.ts';
import { MISSING_MARKERS, openFile } from './source.ts';

export interface PredictFileOptions {
  /** A folder that `train` made. */
  model: string;
  /** CSV or CSV.gz. */
  data: string;
  /** CSV to write. */
  out: string;
}

export interface PredictedFile {
  rows: number;
  out: string;
  target: string;
  algorithm: string;
  /** Cells whose category no training row had. */
  warnings: number;
}

/**
 * Predicts every row of a file by a trained folder, exactly as the rows of training were prepared: one line a row, in
 * the file's order; `prediction`, then the probability of each class. The target may be in the file; it is not looked at.
 *
 * @throws InvalidInputError, IntegrityError for a changed model file; BadDataError and its kinds for a file of other columns.
 */
export async function predictFile(options: PredictFileOptions): Promise<PredictedFile> {
  const loaded = await loadModel(options.model);
  const { preprocessing, target } = loaded.manifest;
  const columns = preprocessing.schema.columns
    .filter(({ name }) => preprocessing.input.includes(name))
    // Any category and any gap is taken: what training did not see, the encoder knows how to treat.
    .map(({ name, kind }): ColumnSpec => ({ name, kind, nullable: true }));
  const missing = await missingMarkers(options.model);
  const { table } = await readCsv(await openFile(options.data), { schema: { columns }, missing });
  const x = toMatrix(applyPreprocessing(preprocessing, table), { target, features: loaded.model.features });
  const lines = loaded.model.task === 'classification' ? classLines(loaded, x) : numberLines(loaded, x);
  await writeFile(options.out, `${lines.join('\n')}\n`);
  const { algorithm } = loaded.model;
  return { rows: table.rowCount, out: options.out, target, algorithm, warnings: unknownCells(loaded, table) };
}

type Matrix = ReturnType<typeof toMatrix>;

const numberLines = ({ model }: LoadedModel, x: Matrix): string[] => [
  'prediction',
  ...Array.from(model.predict(x), String),
];

function classLines({ model }: LoadedModel, x: Matrix): string[] {
  const { classes } = model;
  const probabilities = model.predictProbability(x);
  const header = ['prediction', ...classes.map((name) => `probability_${name}`)].map(csvField).join(',');
  const lines = Array.from(model.predict(x), (index, i) => {
    const row = Array.from(probabilities.subarray(i * classes.length, (i + 1) * classes.length), String);
    return [csvField(classes[index] ?? ''), ...row].join(',');
  });
  return [header, ...lines];
}

/** RFC 4180: quotes only where they are needed. */
const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function unknownCells({ manifest }: LoadedModel, table: Table): number {
  let count = 0;
  for (const step of manifest.preprocessing.steps) {
    if (step.step !== 'encode') continue;
    for (const { column: name, categories } of step.encodings) {
      const column = table.columns.find((one) => one.name === name);
      if (!column || !('codes' in column)) continue;
      const known = new Set(categories);
      const strange = column.categories.map((category) => !known.has(category));
      for (const code of column.codes) if (code >= 0 && strange[code]) count++;
    }
  }
  return count;
}

export async function loadModel(folder: string): Promise<LoadedModel> {
  const file = join(folder, 'model.arbm');
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new InvalidInputError(`${file} is not there`, {
      cause,
      field: 'model',
      remedy: 'Name the folder that `npx arboleda train --out DIR` made.',
    });
  }
  const facts = await readFacts(folder);
  return readModelFile(new Uint8Array(bytes), facts?.modelSha256 ? { sha256: facts.modelSha256 } : {});
}

const factsSchema = z.object({ modelSha256: z.string().optional(), missing: z.array(z.string()).optional() });

async function readFacts(folder: string): Promise<z.infer<typeof factsSchema> | undefined> {
  try {
    return factsSchema.parse(JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The markers that training took for missing; the usual ones where its figures are gone. */
const missingMarkers = async (folder: string): Promise<string[]> =>
  (await readFacts(folder))?.missing ?? [...MISSING_MARKERS];
