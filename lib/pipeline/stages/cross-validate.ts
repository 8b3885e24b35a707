import { crossValidate, foldsFor, groupCodes, summarise } from '../../learn/index.ts';
import { takeRows } from '../../table/index.ts';
import type { Validate } from '../definition/index.ts';
import { MissingStageError, type StageContext } from '../run-stage.ts';
import { batchRows } from '../training/batches.ts';
import { threadsHere } from '../training/threads.ts';
import { loadTable } from './dataset.ts';
import { figures } from './figures.ts';
import type { FitInput, Training } from './training.ts';
import type { CrossValidated } from './types.ts';

/**
 * Scores a candidate over the folds of its training rows. The clean steps were fitted on all of these rows, so a scaled
 * or filled value owes a little to the rows it is judged on; the target plays no part in those steps.
 *
 * @param report told the share of the work that is done; awaited after each fold, so that it can be sent
 */
export async function scoreByFolds(
  context: StageContext,
  training: Training & { validate: Validate },
  rows: FitInput,
  held: FitInput | undefined,
  report: (share: number) => Promise<void>,
): Promise<CrossValidated> {
  const { log } = context;
  const { trainer, params, seed, validate } = training;
  const groups = await groupsOf(context, training);
  const folds = foldsFor(rows.y, validate, groups, seed);
  const perFold: Record<string, number>[] = [];
  for (const [n, fold] of folds.entries()) {
    // One fold a call: between them the function can send what it has to say.
    const scored = crossValidate({
      trainer,
      params,
      ...rows,
      folds: [fold],
      seed,
      threads: context.deps.threads ?? threadsHere(),
      ...(held && { validation: held }),
    });
    const [{ metrics, notes }] = scored.folds as [(typeof scored.folds)[number]];
    log.info(`fold ${n + 1} of ${folds.length}: ${figures(metrics)}`, notes.length > 0 ? { notes } : {});
    perFold.push(metrics);
    await report((n + 1) / folds.length);
  }
  const { folds: count, repeats } = validate;
  return { folds: count, repeats, perFold, ...summarise(perFold) };
}

/** A number for each training row, equal for rows of one group; a row without a value is a group of its own. */
async function groupsOf(
  { deps, definition }: StageContext,
  { dataset, batch, validate }: Training,
): Promise<Int32Array | undefined> {
  if (validate?.groupBy === undefined) return undefined;
  if (dataset.groups === undefined) {
    throw new MissingStageError(`the clean data has no groups of "${validate.groupBy}"`);
  }
  const whole = await loadTable(deps.objects, dataset.groups);
  if (batch === null || definition.batches === undefined) return groupCodes(whole);
  // As clean dealt the training rows to the batches.
  return groupCodes(takeRows(whole, batchRows(whole.rowCount, definition.batches)[batch - 1]!));
}
