import { ArboledaError, BadDefinitionError, InvalidInputError } from '../../lib/errors/index.ts';
import { evaluate, metricDirection, metricNames, type Task } from '../../lib/learn/index.ts';
import { splitRows, type Table, takeRows } from '../../lib/table/index.ts';
import type { Candidate } from './algorithm.ts';
import { type FitContext, fitCandidate, knownClasses, preparedFor } from './fit.ts';
import type { Compared } from './types.ts';

/** Held out of the training rows to compare on, where the split names no share for it. */
const VALIDATION_SHARE = 0.2;

/** What decides, as in the pipelines of this repository. */
export const metricFor = (task: Task): string => (task === 'classification' ? 'f1_weighted' : 'r2');

/** @throws BadDefinitionError for a name that no metric has; InvalidInputError for one of the other task */
export function checkMetric(metric: string | undefined, task: Task): void {
  if (metric === undefined) return;
  metricDirection(metric);
  const ofNumbers = (name: string) => ['r2', 'rmse', 'mae'].includes(name);
  if (ofNumbers(metric) === (task === 'regression')) return;
  const fitting = metricNames.filter((name) => ofNumbers(name) === (task === 'regression'));
  throw new InvalidInputError(`${metric} does not judge a ${task}`, {
    field: 'metric',
    remedy: `Choose one of: ${fitting.join(', ')}.`,
  });
}

/**
 * Fits each algorithm on part of the training rows and judges it on the rest. One that cannot take this data is told of
 * and left out.
 *
 * @returns the best candidate, and all figures, the best first
 * @throws what the last one threw, where none could be trained
 */
export function compareCandidates(
  candidates: readonly Candidate[],
  rows: { train: Table; validation: Table },
  context: FitContext,
): { best: Candidate; compared: Compared[] } {
  const parts = rows.validation.rowCount > 0 ? rows : holdOut(rows.train, context);
  const metric = context.metric ?? metricFor(context.task);
  const results: Scored[] = [];
  let failure: unknown;
  for (const candidate of candidates) {
    try {
      const fitted = fitCandidate(candidate, parts, { ...context, note: () => undefined });
      const judged = knownClasses(parts.validation, context.target, fitted.model.classes);
      const { x, y } = preparedFor(fitted, judged, context);
      const { metrics } = evaluate(fitted.model, x, y);
      const { trainSeconds } = fitted;
      results.push({
        candidate,
        compared: { algorithm: candidate.algorithm, metrics, trainSeconds },
      });
    } catch (error) {
      if (!(error instanceof ArboledaError)) throw error;
      failure = error;
      context.note(`${candidate.algorithm} is left out: ${error.message}`);
    }
  }
  if (results.length === 0) throw failure;
  const sorted = bestOf(results, metric);
  const first = sorted[0]!;
  context.note(
    `${first.candidate.algorithm} is best by ${metric} on ${parts.validation.rowCount} held-out rows, and is trained again on all training rows`,
  );
  return { best: first.candidate, compared: sorted.map(({ compared }) => compared) };
}

export interface Scored {
  candidate: Candidate;
  compared: Compared;
}

/**
 * The best first, of equals the first named; one without a figure last.
 *
 * @throws InvalidInputError where there are several, and none has a figure
 */
export function bestOf(scored: readonly Scored[], metric: string): Scored[] {
  const sign = metricDirection(metric) === 'maximize' ? 1 : -1;
  const scoreOf = ({ compared }: Scored) => {
    const value = compared.metrics[metric];
    return value !== undefined && Number.isFinite(value) ? sign * value : Number.NEGATIVE_INFINITY;
  };
  if (scored.length > 1 && scored.every((one) => scoreOf(one) === Number.NEGATIVE_INFINITY)) {
    const names = Object.keys(scored[0]?.compared.metrics ?? {});
    throw new InvalidInputError(`no candidate has a ${metric} on these rows`, {
      field: 'metric',
      remedy: names.length > 0 ? `Choose one of: ${names.join(', ')}.` : 'Give more rows.',
    });
  }
  return [...scored].sort((a, b) => scoreOf(b) - scoreOf(a) || 0);
}

function holdOut(train: Table, { seed, target, task }: FitContext): { train: Table; validation: Table } {
  const spec = { train: 1 - VALIDATION_SHARE, validation: VALIDATION_SHARE, test: 0, seed };
  const parts = (stratify: boolean) => splitRows(train, { ...spec, stratify }, target);
  let split: ReturnType<typeof parts>;
  try {
    split = task === 'classification' ? stratifiedOr(parts) : parts(false);
  } catch (cause) {
    throw new BadDefinitionError(`${train.rowCount} training rows are too few to compare algorithms on`, {
      cause,
      field: 'algorithm',
      remedy: 'Name one algorithm, or give more rows.',
    });
  }
  return { train: takeRows(train, split.train), validation: takeRows(train, split.validation) };
}

function stratifiedOr<T>(parts: (stratify: boolean) => T): T {
  try {
    return parts(true);
  } catch (error) {
    if (!(error instanceof ArboledaError)) throw error;
    return parts(false);
  }
}
