import { ArboledaError, TooLargeError } from '../../errors/index.ts';
import type { LoadedModel } from '../file/model-file.ts';
import { matrixOfRows } from '../predict-rows.ts';
import type { Model } from '../types.ts';
import { canExplain, type Explanation, explainRows } from './explain-rows.ts';
import { featureOrigins, groupContributions } from './origins.ts';

/**
 * What the numbers of an explanation are: the predicted `value` of a regression; the `probability` of a class (forests); the
 * `log-odds` of the second of two classes (boosting, logistic regression); the `score` of a class before softmax, of which
 * differences alone mean something (the same with three classes or more).
 */
export type ExplainedSpace = 'value' | 'probability' | 'log-odds' | 'score';

/** One row's answer taken apart: `base` plus all contributions is `output`, for each class that stands there. */
export interface RowExplanation {
  space: ExplainedSpace;
  /** What the model said of this row, in `space`: a number for a regression, else one a class. */
  output: number | Record<string, number>;
  /** What it says on average over its training rows. */
  base: number | Record<string, number>;
  /** What each column of the raw row added to that: one number a column, or of each class. */
  contributions: Record<string, number> | Record<string, Record<string, number>>;
}

/** What one request may cost, and how much it may answer. */
export const explainLimits = {
  /** Nodes walked, rows × nodes × walks: some 5 s of one core, 12 s of a function of 1,024 MB. */
  walkedNodes: 4e7,
  /** Most that one row may walk, where it is the only one: within the request's time all the same. */
  walkedByOne: 6e7,
  /** Contributions in one answer, rows × columns × classes: some 3 MB of the 6 that a function may answer. */
  numbers: 60_000,
} as const;

/** More rows than can be explained in one request: 413. `details.limit` says how many this model allows. */
export class TooManyRowsToExplainError extends TooLargeError {
  static override readonly code: string = 'TOO_MANY_ROWS_TO_EXPLAIN';
  static override readonly remedy: string =
    'Send fewer rows at a time (`details.limit`), or leave `explain` out.';
}

/** A model that cannot be explained within a request, or by this method at all: 422. */
export class NotExplainableError extends ArboledaError {
  static override readonly code: string = 'NOT_EXPLAINABLE';
  static override readonly status: number = 422;
  static override readonly remedy: string =
    "Leave `explain` out; the run's permutation importance tells what the model uses.";
}

/**
 * How many rows of the model one request may have explained: TreeSHAP visits every node of every tree for each row, so
 * that a large forest allows few. The same on every machine: counted in work, not in seconds.
 *
 * @throws NotExplainableError where not even one can be
 */
export function mostExplainedRows({ model, manifest }: LoadedModel): number {
  if (!canExplain(model)) {
    throw new NotExplainableError(
      `${model.algorithm} has neither trees nor coefficients that it could be explained by`,
    );
  }
  const { ensemble } = model;
  const columns = Math.max(1, manifest.preprocessing.input.length);
  const outputs = ensemble?.outputs ?? model.linear!.intercepts.length;
  const byAnswer = Math.floor(explainLimits.numbers / (columns * outputs));
  const walks = ensemble === undefined || ensemble.leaves.kind === 'value' ? 1 : Math.ceil(outputs / 8);
  const walked = ensemble === undefined ? 1 : Math.max(1, (ensemble.roots.at(-1) ?? 0) * walks);
  if (walked > explainLimits.walkedByOne || byAnswer < 1) {
    throw new NotExplainableError(
      byAnswer < 1
        ? `one row's explanation has ${columns * outputs} numbers, and an answer holds ${explainLimits.numbers}`
        : `explaining one row walks ${walked} nodes, and a request has time for ${explainLimits.walkedByOne}`,
    );
  }
  return Math.min(byAnswer, Math.max(1, Math.floor(explainLimits.walkedNodes / walked)));
}

/**
 * Takes the predictions of raw rows apart, by the columns of the raw row: what became of one column (one-hot columns, parts
 * of a date, a flag for what is missing) counts together.
 *
 * @returns one explanation a row, in their order
 * @throws TooManyRowsToExplainError, NotExplainableError; InvalidInputError as `predictRows` throws it
 * @example
 * const [why] = explainPredictions(loaded, [{ rooms: 3, area: 90, age: 12 }]);
 * // { space: 'value', output: 210000, base: 181000, contributions: { rooms: 4000, area: 27000, age: -2000 } }
 */
export function explainPredictions(loaded: LoadedModel, rows: unknown[]): RowExplanation[] {
  const { model, manifest } = loaded;
  const limit = mostExplainedRows(loaded);
  if (rows.length > limit) {
    throw new TooManyRowsToExplainError(
      `${rows.length} rows to explain in one request; of this model ${limit} can be`,
      { field: 'rows', details: { rows: rows.length, limit } },
    );
  }
  if (rows.length === 0) return [];
  const { x } = matrixOfRows(loaded, rows);
  const origins = featureOrigins(manifest.preprocessing, model.features);
  const explained = groupContributions(explainRows(model, x), origins);
  const space = spaceOf(model, explained);
  // A forest's leaves are float32, so that its shares miss 1 by a little, which prediction puts right.
  const totals = space === 'probability' ? rowTotals(explained) : undefined;
  return rows.map((_, i) => explanationOf(explained, i, space, totals?.[i] ?? 1));
}

function spaceOf(model: Model, { score, outputs }: Explanation): ExplainedSpace {
  if (score !== 'margin') return score;
  return outputs === 1 && model.classes.length === 2 ? 'log-odds' : 'score';
}

/** Each row's raw scores summed over the classes. */
function rowTotals({ rowCount, features, outputs, base, contributions }: Explanation): Float64Array {
  const totals = new Float64Array(rowCount);
  const width = features.length * outputs;
  for (let i = 0; i < rowCount; i++) {
    for (const value of base) totals[i]! += value;
    for (let j = i * width; j < (i + 1) * width; j++) totals[i]! += contributions[j]!;
  }
  return totals;
}

function explanationOf(
  { features, outputs, classes, base, contributions }: Explanation,
  row: number,
  space: ExplainedSpace,
  total: number,
): RowExplanation {
  const at = (feature: number, output: number) =>
    contributions[(row * features.length + feature) * outputs + output]! / total;
  const forOutput = (k: number) => {
    const parts = features.map((name, j) => [name, at(j, k)] as const);
    const start = base[k]! / total;
    return { start, parts, sum: parts.reduce((sum, [, value]) => sum + value, start) };
  };
  if (space === 'value') {
    const { start, parts, sum } = forOutput(0);
    return { space, output: sum, base: start, contributions: Object.fromEntries(parts) };
  }
  // fromEntries defines its keys: a class or a column named `__proto__` is a key and nothing more.
  const each = classes.map((name, k) => [name, forOutput(k)] as const);
  return {
    space,
    output: Object.fromEntries(each.map(([name, { sum }]) => [name, sum])),
    base: Object.fromEntries(each.map(([name, { start }]) => [name, start])),
    contributions: Object.fromEntries(each.map(([name, { parts }]) => [name, Object.fromEntries(parts)])),
  };
}
