import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidInputError } from '../../lib/errors/index.ts';
import {
  type ImportedModel,
  type ImportOptions,
  importForestJson,
  importOnnx,
  MOST_JSON_BYTES,
  MOST_ONNX_BYTES,
  preparationOf,
  type RowPreparation,
} from '../../lib/learn/exchange/index.ts';
import { type Task, toMatrix, writeModelFile } from '../../lib/learn/index.ts';
import { applyPreprocessing, type ColumnSpec, readCsv, type Table } from '../../lib/table/index.ts';
import { sha256 } from '../local/paths.ts';
import type { ExchangeFormat } from './export-model.ts';
import { readWhole, writing } from './model-path.ts';
import { MISSING_MARKERS, openFile } from './source.ts';

/** An empty cell, and what else stands for a missing value. */
const MISSING = [...new Set(['', ...MISSING_MARKERS])];

/** What either format is read up to. */
const MOST_BYTES = Math.max(MOST_ONNX_BYTES, MOST_JSON_BYTES);

export interface ConvertOptions {
  file: string;
  /** By its ending where not given. */
  format?: ExchangeFormat;
  name?: string;
  target?: string;
  features?: readonly string[];
  classes?: readonly string[];
  /** CSV of rows like those of training, to learn the covers of nodes from. */
  data?: string;
}

export interface ImportModelOptions extends ConvertOptions {
  out: string;
}

/** What was read of the file. */
export interface ConvertReport {
  algorithm: string;
  task: Task;
  target: string;
  producer: string;
  features: readonly string[];
  classes: readonly string[];
  trees: number;
  modelSha256: string;
  missing: readonly string[];
  notes: readonly string[];
}

/** What `model import --out DIR --json` prints, and `metrics.json` of the folder holds. */
export interface ImportReport extends ConvertReport {
  out: string;
}

/** A model that was trained elsewhere, as a model file. */
export interface ConvertedModel {
  body: Uint8Array;
  report: ConvertReport;
  /** The file it was read from. */
  source: { fileName: string; format: ExchangeFormat; bytes: number; sha256: string; producer: string };
}

/**
 * Makes a folder like `train`'s from a model that was trained elsewhere, without any cloud.
 *
 * @throws InvalidInputError for files and options; IntegrityError, UnsupportedModelError for what the file holds
 */
export async function importModel(options: ImportModelOptions): Promise<ImportReport> {
  return writeFolder(await convertModel(options), options.out);
}

/** Writes `model.arbm` and `metrics.json`. @throws InvalidInputError where the system refuses */
export async function writeFolder({ body, report }: ConvertedModel, out: string): Promise<ImportReport> {
  const whole = { ...report, out };
  await writing(out, async () => {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'model.arbm'), body);
    await writeFile(join(out, 'metrics.json'), `${JSON.stringify(whole, null, 2)}\n`);
  });
  return whole;
}

/**
 * Makes a model file from a model that was trained elsewhere.
 *
 * @throws InvalidInputError for files and options; IntegrityError, UnsupportedModelError for what the file holds
 */
export async function convertModel(options: ConvertOptions): Promise<ConvertedModel> {
  const { file } = options;
  const format = options.format ?? formatOf(file);
  const bytes = await readWhole(file, 'Name an ONNX file, or the JSON of ml-random-forest.', MOST_BYTES);
  const read = (more: ImportOptions): ImportedModel => {
    const given = { ...definedOnly(options), ...more };
    if (format === 'onnx') return importOnnx(new Uint8Array(bytes), given);
    return { ...importForestJson(bytes.toString('utf8'), given), metadata: {} };
  };
  let imported = read({});
  const rows = preparationOf(imported.model, imported.metadata, options.target);
  if (options.data !== undefined) {
    const table = await readRows(options.data, rows);
    const { target } = rows;
    imported = read({ rows: (shape) => toMatrix(table, { target, ...shape }) });
  }
  const { model, producer } = imported;
  const notes = [
    ...model.notes,
    ...(rows.restored ? ['the preparation of rows was restored from the file'] : []),
  ];
  const body = writeModelFile({
    name: options.name ?? 'model',
    model,
    preprocessing: rows.preprocessing,
    rowSchema: rows.rowSchema,
    target: rows.target,
    params: {},
    seed: 0,
  });
  const report: ConvertReport = {
    algorithm: model.algorithm,
    task: model.task,
    target: rows.target,
    producer,
    features: model.features,
    classes: model.classes,
    trees: model.ensemble!.roots.length - 1,
    modelSha256: sha256(body),
    missing: MISSING,
    notes,
  };
  const fileName = basename(file);
  const source = { fileName, format, bytes: bytes.length, sha256: sha256(bytes), producer };
  return { body, report, source };
}

function formatOf(file: string): ExchangeFormat {
  if (/\.onnx$/i.test(file)) return 'onnx';
  if (/\.json$/i.test(file)) return 'ml-random-forest';
  throw new InvalidInputError(`${file} ends neither in .onnx nor in .json`, {
    field: 'format',
    remedy: 'Say what it is with --format onnx or --format ml-random-forest.',
  });
}

const definedOnly = ({ features, classes }: ConvertOptions): ImportOptions => ({
  ...(features === undefined ? {} : { features }),
  ...(classes === undefined ? {} : { classes }),
});

/** Rows as the model takes them. Rows of training may lack values, and hold categories that no question names. */
async function readRows(data: string, { preprocessing }: RowPreparation): Promise<Table> {
  const columns = preprocessing.schema.columns
    .filter(({ name }) => preprocessing.input.includes(name))
    .map(
      ({ name, kind, numericCategories }): ColumnSpec => ({
        name,
        kind,
        ...(numericCategories ? { numericCategories } : {}),
        nullable: true,
      }),
    );
  const { table } = await readCsv(await openFile(data), {
    schema: { columns },
    missing: MISSING,
  });
  if (table.rowCount === 0) {
    throw new InvalidInputError(`${data} holds no rows`, {
      field: 'data',
      remedy: 'Give rows like those of training.',
    });
  }
  return applyPreprocessing(preprocessing, table);
}
