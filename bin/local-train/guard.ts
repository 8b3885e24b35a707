import { ArboledaError, InvalidInputError } from '../../lib/errors/index.ts';
import type { Task } from '../../lib/learn/index.ts';
import { checkLeakage, splitRows, type Table } from '../../lib/table/index.ts';

type Note = (text: string) => void;

/** A pipeline refuses a leaking column; here a person looks on, and is told. */
export function leakageWarning(table: Table, target: string, task: Task, note: Note): void {
  try {
    checkLeakage(table, target, task, {});
  } catch (error) {
    if (!(error instanceof ArboledaError) || error.code !== 'LEAKAGE') throw error;
    note(
      `warning LEAKAGE: ${error.message}; leave such a column out with --drop unless it is known at prediction time`,
    );
  }
}

/** `0.8` is train and test; three shares are train, validation, test. @throws InvalidInputError */
export function parseShares(text: string): { train: number; validation: number; test: number } {
  const shares = text.split(',').map((part) => Number(part.trim()));
  const [train = Number.NaN, second, third] = shares;
  const split =
    shares.length === 3
      ? { train, validation: second!, test: third! }
      : { train, validation: 0, test: shares.length === 2 ? second! : Number((1 - train).toFixed(12)) };
  const values = Object.values(split);
  const sum = values.reduce((total, share) => total + share, 0);
  if (
    shares.length > 3 ||
    !values.every((share) => share >= 0) ||
    !(train > 0 && train < 1) ||
    Math.abs(sum - 1) > 1e-6
  ) {
    throw new InvalidInputError(`--split ${text} is no split`, {
      field: 'split',
      remedy: 'Give the share of rows to train on, such as 0.8, or train,validation,test that add up to 1.',
    });
  }
  return split;
}

/** By group where there are groups; else stratified for classes where each has enough rows for it. */
export function splitFile(
  table: Table,
  options: { split: string; seed: number; target: string; groups?: Table | undefined },
  task: Task,
  note: Note,
): { train: Int32Array; validation: Int32Array; test: Int32Array } {
  const spec = { ...parseShares(options.split), seed: options.seed };
  const { groups } = options;
  if (groups !== undefined) {
    const name = groups.columns[0]!.name;
    return splitRows(groups, { ...spec, groupBy: name }, name);
  }
  if (task === 'classification') {
    try {
      return splitRows(table, { ...spec, stratify: true }, options.target);
    } catch (error) {
      if (!(error instanceof ArboledaError)) throw error;
      note(`the split is not stratified: ${error.message}`);
    }
  }
  return splitRows(table, spec, options.target);
}
