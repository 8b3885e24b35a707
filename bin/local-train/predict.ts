import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { InvalidInputError } from '../../lib/errors/index.ts';
import { type LoadedModel, nativeInputs, readModelFile, toMatrix } from '../../lib/learn/index.ts';
import { applyPreprocessing, type ColumnSpec, type Table } from '../../lib/table/index.ts';
import { writing } from './model-path.ts';
import { type Reading, readingSchema } from './readings/reading.ts';
import { converted } from './salvage.ts';
import { layoutOf, MISSING_MARKERS, openFile, readRows } from './source.ts';

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

/** Rows that are read, predicted and written at a time: what bounds memory, however long the file. */
const BATCH_ROWS = 20_000;

/**
 * Predicts every row of a file by a trained folder, exactly as the rows of training were prepared: one line a row, in
 * the file's order; `prediction`, then the probability of each class. The target may be in the file; it is not looked at.
 * Rows go through in batches; the output has its name only once it is whole.
 *
 * @throws InvalidInputError, IntegrityError for a changed model file; BadDataError and its kinds for a file of other columns.
 */
export async function predictFile(options: PredictFileOptions): Promise<PredictedFile> {
  const loaded = await loadModel(options.model);
  const facts = await readFacts(options.model);
  const { preprocessing, target } = loaded.manifest;
  const salvaged = new Map(facts?.salvaged?.map(({ column, reading }) => [column, reading]));
  const columns = preprocessing.schema.columns
    .filter(({ name }) => preprocessing.input.includes(name))
    // Any category and any gap is taken: what training did not see, the model or its encoder knows how to treat.
    .map(
      ({ name, kind, numericCategories }): ColumnSpec => ({
        name,
        // Trained on whole numbers, a model answers for others too.
        kind: salvaged.has(name) ? 'text' : kind === 'integer' ? 'number' : kind,
        // `33.0` is then the category 33: a column of whole numbers with gaps is often written so.
        ...(numericCategories ? { numericCategories } : {}),
        nullable: true,
      }),
    );
  const { columns: trained } = preprocessing.schema;
  const whole = new Set(trained.filter(({ kind }) => kind === 'integer').map(({ name }) => name));
  const unfinished = `${options.out}.part`;
  let file = -1;
  await writing(options.out, async () => {
    file = openSync(unfinished, 'w');
  });
  let rows = 0;
  let warnings = 0;
  const take = (read: Table): void => {
    const table = mendColumns(read, salvaged, whole);
    const prepared = applyPreprocessing(preprocessing, table);
    const { features, categories } = loaded.model;
    const x = toMatrix(prepared, { target, features, categories });
    const lines = loaded.model.task === 'classification' ? classLines(loaded, x) : numberLines(loaded, x);
    writeSync(file, `${lines.join('\n')}\n`);
    rows += table.rowCount;
    warnings += unknownCells(loaded, table);
  };
  try {
    const layout = await layoutOf(options.data);
    const data = await openFile(options.data);
    const missing = facts?.missing ?? [...MISSING_MARKERS];
    writeSync(file, `${headerOf(loaded)}\n`);
    const batches = { rows: BATCH_ROWS, take };
    const maxBytes = Number.POSITIVE_INFINITY;
    const { table } = await readRows(
      data,
      { ...layout, schema: { columns }, missing, maxBytes, batches },
      'Correct the rows; a cell without a value is empty, NA or ?.',
    );
    if (table.rowCount > 0) take(table);
    closeSync(file);
    renameSync(unfinished, options.out);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return { rows, out: options.out, target, algorithm: loaded.model.algorithm, warnings };
}

/** Columns as training had them: made numbers or dates of texts, and whole numbers, whatever their fractions are here. */
const mendColumns = (
  table: Table,
  salvaged: ReadonlyMap<string, Reading>,
  whole: ReadonlySet<string>,
): Table => ({
  ...table,
  columns: table.columns.map((column) => {
    if (column.kind === 'number' && whole.has(column.name)) return { ...column, kind: 'integer' };
    const reading = salvaged.get(column.name);
    return reading === undefined || !('codes' in column) ? column : converted(column, reading);
  }),
});

type Matrix = ReturnType<typeof toMatrix>;

const headerOf = ({ model }: LoadedModel): string =>
  ['prediction', ...model.classes.map((name) => `probability_${name}`)].map(csvField).join(',');

const numberLines = ({ model }: LoadedModel, x: Matrix): string[] => Array.from(model.predict(x), String);

function classLines({ model }: LoadedModel, x: Matrix): string[] {
  const { classes } = model;
  const names = classes.map(csvField);
  const probabilities = model.predictProbability(x);
  return Array.from(model.predict(x), (index, i) => {
    const row = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    return `${names[index]},${row.join(',')}`;
  });
}

/** RFC 4180: quotes only where they are needed. */
const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Cells whose category no training row had. */
function unknownCells(loaded: LoadedModel, table: Table): number {
  const known = new Map<string, { has(category: string): boolean }>(nativeInputs(loaded).categories);
  for (const step of loaded.manifest.preprocessing.steps) {
    if (step.step !== 'encode') continue;
    for (const { column, categories } of step.encodings) known.set(column, new Set(categories));
  }
  let count = 0;
  for (const [name, categories] of known) {
    const column = table.columns.find((one) => one.name === name);
    if (!column || !('codes' in column)) continue;
    const strange = column.categories.map((category) => !categories.has(category));
    for (const code of column.codes) if (code >= 0 && strange[code]) count++;
  }
  return count;
}

async function loadModel(folder: string): Promise<LoadedModel> {
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

const factsSchema = z.object({
  modelSha256: z.string().optional(),
  missing: z.array(z.string()).optional(),
  salvaged: z.array(z.object({ column: z.string(), reading: readingSchema })).optional(),
});

/** What training noted beside the model: its hash, the markers that it took for missing, columns that it mended. */
async function readFacts(folder: string): Promise<z.infer<typeof factsSchema> | undefined> {
  try {
    return factsSchema.parse(JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
