import { InvalidInputError, NotFoundError } from '../../errors/index.ts';
import type { Feedback, Label, Labelled } from '../../tracking/monitoring/index.ts';
import type { PredictionLog } from '../../tracking/prediction-log.ts';
import type { PredictionRecord } from '../../tracking/types.ts';
import type { PredictionService } from '../service.ts';
import { checkLabel } from './label.ts';

/** A label of one row; `field` is where the caller wrote it. */
export interface GivenLabel {
  requestId: string;
  /** Place in the request, from 0. */
  row: number;
  label: Label;
  field: string;
}

export interface FeedbackDeps {
  serving: Pick<PredictionService, 'load'>;
  predictions: Pick<PredictionLog, 'get'>;
  feedback: Feedback;
}

/** Requests written at once. */
const AT_ONCE = 8;

/**
 * Joins labels to logged predictions by request id and row. All are checked before any is written; a call that ended midway is
 * completed by making it again.
 *
 * @throws NotFoundError for a request that this model did not answer, InvalidInputError for a row it did not have, a row named
 *   twice or a label that is none of the target's
 */
export async function giveFeedback(
  deps: FeedbackDeps,
  ws: string,
  model: string,
  given: readonly GivenLabel[],
): Promise<Labelled> {
  const byRequest = Map.groupBy(given, ({ requestId }) => requestId);
  const checked = await inBatches([...byRequest], async ([requestId, labels]) => {
    const record = await recordOf(deps, ws, model, requestId, labels[0] as GivenLabel);
    const { model: loaded } = await deps.serving.load(ws, model, { version: record.version });
    const manifest = loaded.manifest;
    const task = record.predictions.some(({ probabilities }) => probabilities)
      ? 'classification'
      : 'regression';
    const rows = new Map<number, Label>();
    for (const { row, label, field } of labels) {
      if (row >= record.predictions.length) {
        throw new InvalidInputError(
          `${field} is of row ${row}, and request ${requestId} had ${record.predictions.length}`,
          { field },
        );
      }
      if (rows.has(row))
        throw new InvalidInputError(`${field} labels row ${row} of ${requestId} again`, { field });
      rows.set(
        row,
        checkLabel({ task, target: manifest.target, rowSchema: manifest.rowSchema }, label, field),
      );
    }
    return { record, task, rows } as const;
  });
  const done = await inBatches(checked, ({ record, task, rows }) =>
    deps.feedback.give(ws, record, task, rows),
  );
  const sum = (name: keyof Labelled) => done.reduce((total, one) => total + one[name], 0);
  return { accepted: sum('accepted'), corrected: sum('corrected'), unchanged: sum('unchanged') };
}

async function recordOf(
  { predictions }: FeedbackDeps,
  ws: string,
  model: string,
  requestId: string,
  { field }: GivenLabel,
): Promise<PredictionRecord> {
  const missing = (why: string, cause?: unknown) =>
    new NotFoundError(`model ${model} ${why} ${requestId}`, {
      field: field.replace(/label(s?\[\d+\])?$/, 'requestId'),
      remedy: 'Send the requestId of a prediction of this model, within 30 days of it.',
      cause,
    });
  let record: PredictionRecord;
  try {
    record = await predictions.get(ws, requestId);
  } catch (error) {
    throw error instanceof NotFoundError ? missing('answered no request', error) : error;
  }
  if (record.model !== model) throw missing('answered no request');
  if (record.predictions.length === 0) throw missing('gave no prediction to request');
  return record;
}

/** In order, some at a time. */
async function inBatches<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let i = 0; i < all.length; i += AT_ONCE)
    done.push(...(await Promise.all(all.slice(i, i + AT_ONCE).map(work))));
  return done;
}
