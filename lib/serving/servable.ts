import { ArboledaError, IntegrityError, TooLargeError } from '../errors/index.ts';
import { manifestBytesOf } from '../learn/file/container.ts';
import { type LoadedModel, readModelFile } from '../learn/file/model-file.ts';
import {
  MOST_SERVED_BYTES,
  MOST_SERVED_MANIFEST_BYTES,
  MOST_SERVED_NODES,
} from '../learn/file/served-limits.ts';
import { predictRows } from '../learn/predict-rows.ts';
import { exampleRow, inputColumns } from '../table/example-row.ts';

/** A model larger than a function can load within a request: 413. */
export class ModelTooLargeError extends TooLargeError {
  static override readonly code: string = 'MODEL_TOO_LARGE';
  static override readonly remedy: string =
    'Train fewer or shallower trees; or use the model without the stack: `npx arboleda predict --model DIR`.';
}

/** A sound model file that no request could be answered by: 422. */
export class UnservableModelError extends ArboledaError {
  static override readonly code: string = 'UNSERVABLE_MODEL';
  static override readonly status: number = 422;
  static override readonly remedy: string =
    'Make the file with `npx arboleda model import`, naming target, features and classes.';
}

/** The bounds of `readServable`; smaller ones are for tests. */
export interface ServedLimits {
  bytes: number;
  nodes: number;
  manifestBytes: number;
}

export const SERVED_LIMITS: ServedLimits = {
  bytes: MOST_SERVED_BYTES,
  nodes: MOST_SERVED_NODES,
  manifestBytes: MOST_SERVED_MANIFEST_BYTES,
};

/**
 * Reads a model file that comes from outside and makes sure that it can be served: it is sound (no code is run from it),
 * of a size that a function can load, of the name that it is registered under, and answers a row that its own schema
 * allows, by the very steps that a request takes.
 *
 * @throws ModelTooLargeError before anything large is parsed, IntegrityError on a file that is not sound,
 *   UnservableModelError naming what no request could get past
 * @example
 * const { manifest, model } = readServable(bytes, 'housing');
 */
export function readServable(
  bytes: Uint8Array,
  name: string,
  limits: ServedLimits = SERVED_LIMITS,
): LoadedModel {
  checkServedBytes(bytes.length, limits.bytes);
  const manifestBytes = manifestBytesOf(bytes);
  if (manifestBytes > limits.manifestBytes) {
    throw tooLarge('bytes of manifest (columns and categories)', manifestBytes, limits.manifestBytes);
  }
  const loaded = readSound(bytes);
  const nodes = nodesOf(loaded);
  if (nodes > limits.nodes) throw tooLarge('nodes', nodes, limits.nodes);
  checkNames(loaded, name);
  checkAnswers(loaded);
  return loaded;
}

/** @throws ModelTooLargeError for a file of more bytes than a function can load. */
export function checkServedBytes(bytes: number, most: number = MOST_SERVED_BYTES): void {
  if (bytes > most) throw tooLarge('bytes', bytes, most);
}

/** Nodes of all its trees; 0 for a model without trees. */
export const nodesOf = ({ model }: LoadedModel): number => model.ensemble?.roots.at(-1) ?? 0;

function readSound(bytes: Uint8Array): LoadedModel {
  try {
    return readModelFile(bytes);
  } catch (cause) {
    if (!(cause instanceof IntegrityError)) throw cause;
    // The error's own remedy speaks of an object that was stored before.
    throw new IntegrityError(cause.message, {
      cause,
      remedy: 'Make the file again with `npx arboleda model import`, of this release.',
    });
  }
}

function checkNames({ manifest }: LoadedModel, name: string): void {
  if (manifest.name !== name) {
    throw new UnservableModelError(
      `the file holds a model named ${JSON.stringify(manifest.name.slice(0, 100))}, not ${JSON.stringify(name)}`,
      { remedy: `Make the file with \`--register ${name}\`, or register it under its own name.` },
    );
  }
  const { target, preprocessing, rowSchema } = manifest;
  const declared = new Set(rowSchema.columns.map((column) => column.name));
  const stray = preprocessing.input.find((column) => !declared.has(column));
  if (stray !== undefined) {
    throw new UnservableModelError(`the model reads a column ${shown(stray)} that its row schema lacks`);
  }
  if (declared.size !== rowSchema.columns.length) {
    throw new UnservableModelError('the row schema names two columns alike');
  }
  if (preprocessing.input.includes(target)) {
    throw new UnservableModelError(`the model reads its own target ${shown(target)}`);
  }
  // A request with such a key is refused as an attempt to reach the prototype of objects.
  if (declared.has('__proto__')) throw new UnservableModelError('no row can have a column named "__proto__"');
}

/** One prediction for a row made from the schema, read back as JSON as a caller's row is. */
function checkAnswers(loaded: LoadedModel): void {
  const row: unknown = JSON.parse(JSON.stringify(probe(loaded)));
  let answer: ReturnType<typeof predictRows>['predictions'][number] | undefined;
  try {
    [answer] = predictRows(loaded, [row]).predictions;
  } catch (cause) {
    if (!(cause instanceof ArboledaError)) throw cause;
    throw new UnservableModelError(`the model cannot answer a row of its own schema: ${cause.message}`, {
      cause,
      ...(cause.field === undefined ? {} : { details: { column: cause.field } }),
    });
  }
  const numbers = [answer?.prediction, ...Object.values(answer?.probabilities ?? {})];
  const wrong = numbers.find((value) => typeof value !== 'string' && !Number.isFinite(value));
  if (answer === undefined || wrong !== undefined || !labelsAreValues(loaded)) {
    throw new UnservableModelError(
      `the model answers with what is no value of its target ${shown(loaded.manifest.target)}`,
      { remedy: 'Name the classes as the target has them, or declare the target as a category.' },
    );
  }
}

/** An example row; where an encoder refuses what training did not see, with a category that it saw. */
function probe({ manifest }: LoadedModel): Record<string, unknown> {
  const { target, rowSchema, preprocessing, profile } = manifest;
  const rows = {
    target,
    rowSchema,
    input: preprocessing.input,
    ...(profile === undefined ? {} : { profile }),
  };
  const row = exampleRow(rows);
  const kinds = new Map(inputColumns(rows).map(({ name, kind }) => [name, kind]));
  // A grouped column takes codes, of which the encoder knows no more than the groups.
  const grouped = preprocessing.steps.flatMap((step) => (step.step === 'group' ? step.columns : []));
  for (const step of preprocessing.steps) {
    if (step.step !== 'encode' || step.unknown !== 'error') continue;
    for (const { column, categories } of step.encodings) {
      if (grouped.includes(column)) continue;
      const textual = kinds.get(column) === 'category' || kinds.get(column) === 'text';
      if (textual && categories[0] !== undefined) row[column] = categories[0];
    }
  }
  return row;
}

/** Where the target is declared as numbers, the classes' names are turned into such: each must be one. */
function labelsAreValues({ manifest }: LoadedModel): boolean {
  const { rowSchema, target, classes } = manifest;
  const column = rowSchema.columns.find(({ name }) => name === target);
  const numeric =
    column?.kind === 'integer' || column?.kind === 'number' || column?.numericCategories === true;
  return !numeric || classes.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));

const tooLarge = (what: string, found: number, most: number): ModelTooLargeError =>
  new ModelTooLargeError(`the model has ${found} ${what}, and a function here serves ${most} at most`, {
    details: { found, limit: most },
  });
