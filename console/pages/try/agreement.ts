import type { RowResult } from './batch.ts';

/** How a file's own answers and the predictions agree, where the file has the target's column. */
export type Agreement =
  | { kind: 'classes'; rows: number; accuracy: number }
  | { kind: 'numbers'; rows: number; mae: number; rmse: number };

/**
 * Of the rows that have both; undefined where none has.
 *
 * @param truths the target's cells, as they stand in the file
 */
export function agreement(
  task: string | undefined,
  truths: readonly (string | undefined)[],
  results: readonly (RowResult | undefined)[],
): Agreement | undefined {
  const pairs = results.flatMap((result, i) => {
    const [truth, answer] = [truths[i]?.trim() ?? '', result?.answer?.prediction];
    return truth === '' || answer === undefined ? [] : [{ truth, answer }];
  });
  if (task === 'regression') {
    const errors = pairs.map(({ truth, answer }) => Number(answer) - Number(truth)).filter(Number.isFinite);
    if (errors.length === 0) return undefined;
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      kind: 'numbers',
      rows: errors.length,
      mae: mean(errors.map(Math.abs)),
      rmse: Math.sqrt(mean(errors.map((error) => error * error))),
    };
  }
  if (pairs.length === 0) return undefined;
  const right = pairs.filter(({ truth, answer }) => isSame(truth, answer)).length;
  return { kind: 'classes', rows: pairs.length, accuracy: right / pairs.length };
}

/** `2.0` in a file is the class 2. */
const isSame = (truth: string, answer: string | number): boolean =>
  truth === String(answer) || (typeof answer === 'number' && Number(truth) === answer);
