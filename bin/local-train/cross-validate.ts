import { ArboledaError, InvalidInputError } from '../../lib/errors/index.ts';
import {
  crossValidate,
  type Fold,
  foldsFor,
  getTrainer,
  groupCodes,
  toTarget,
} from '../../lib/learn/index.ts';
import { applyPreprocessing, fitPreprocessing, type Table } from '../../lib/table/index.ts';
import type { Candidate } from './algorithm.ts';
import { bestOf, metricFor, type Scored } from './compare.ts';
import { type FitContext, knownClasses, matrixOf } from './fit.ts';
import { planSteps } from './plan.ts';
import { triedText } from './search.ts';
import type { Compared } from './types.ts';

export interface FoldOptions {
  folds: number;
  repeats: number;
  /** One column: rows with the same value stay on one side. */
  groups?: Table | undefined;
}

/**
 * Scores each candidate over the folds of the training rows; the clean steps are fitted on all of these, as in a
 * pipeline. One that cannot take this data is told of and left out.
 *
 * @returns the best candidate, and the mean and deviation of all, the best first
 * @throws what the last one threw, where none could be judged; InvalidInputError for more folds than rows or groups, and
 *   for a metric that no candidate has on these rows
 */
export function validateCandidates(
  candidates: readonly Candidate[],
  rows: { train: Table; validation: Table },
  context: FitContext,
  options: FoldOptions,
): { best: Candidate; compared: Compared[] } {
  const { seed, note } = context;
  const metric = context.metric ?? metricFor(context.task);
  const folds = foldsOf(rows.train, context, options);
  const many = candidates.length === 1 ? '' : `${candidates.length} candidates x `;
  note(`cross-validation: ${many}${folds.length} folds of ${rows.train.rowCount} training rows`);
  const inputOf = preparer(rows, context);
  const scored: Scored[] = [];
  let failure: unknown;
  for (const [n, candidate] of candidates.entries()) {
    const { algorithm, params, tried } = candidate;
    const what = candidates.length === 1 ? algorithm : `${algorithm} (${n + 1} of ${candidates.length})`;
    const started = performance.now();
    try {
      const { mean, deviation } = crossValidate({
        trainer: getTrainer(algorithm),
        params,
        ...inputOf(candidate),
        folds,
        seed,
        threads: context.threads,
        onProgress: (share) => context.onProgress?.(what, share),
      });
      const trainSeconds = Number(((performance.now() - started) / 1000).toFixed(3));
      scored.push({
        candidate,
        compared: { algorithm, ...(tried && { tried }), metrics: mean, deviation, trainSeconds },
      });
    } catch (error) {
      if (!(error instanceof ArboledaError)) throw error;
      failure = error;
      note(`${named(candidate)} is left out: ${error.message}`);
    }
  }
  if (scored.length === 0) throw failure;
  const chosen = bestOf(scored, metric);
  const { candidate } = chosen[0]!;
  if (candidates.length > 1) {
    note(
      `${named(candidate)} is best by the mean ${metric} of ${folds.length} folds, and is trained again on all training rows`,
    );
  }
  return { best: candidate, compared: chosen.map(({ compared }) => compared) };
}

const named = ({ algorithm, tried }: Candidate): string =>
  tried === undefined ? algorithm : `${algorithm} (${triedText(tried)})`;

function foldsOf(train: Table, { target, task, seed }: FitContext, options: FoldOptions): Fold[] {
  const { folds, repeats, groups } = options;
  const codes = groups && groupCodes(groups);
  const available = codes === undefined ? train.rowCount : new Set(codes).size;
  if (folds > available) {
    const what =
      codes === undefined ? 'training rows' : `groups of "${groups!.columns[0]!.name}" to train on`;
    throw new InvalidInputError(`${folds} folds need as many ${what}, and there are ${available}`, {
      field: codes === undefined ? 'folds' : 'group',
      remedy: 'Ask for fewer --folds, or give more rows.',
    });
  }
  return foldsFor(toTarget(train, target, task), { folds, repeats }, codes, seed);
}

/** Rows as a candidate's algorithm takes them: prepared once for all candidates of one kind. */
function preparer({ train, validation }: { train: Table; validation: Table }, context: FitContext) {
  const { target, task, schema, note } = context;
  const made = new Map<string, ReturnType<typeof make>>();
  const y = toTarget(train, target, task);
  const classes = y.task === 'classification' ? y.classes : [];
  const held = knownClasses(validation, target, classes);
  const make = ({ algorithm, style }: Candidate) => {
    const plan = planSteps(train, target, style);
    for (const said of plan.notes) note(said);
    const fitted = fitPreprocessing(train, plan.steps, { target, schema });
    const x = matrixOf(applyPreprocessing(fitted, train), target, algorithm);
    if (held.rowCount === 0) return { x, y };
    const cleaned = applyPreprocessing(fitted, held);
    const shape = { features: x.names, categories: x.categories };
    return {
      x,
      y,
      validation: {
        x: matrixOf(cleaned, target, algorithm, shape),
        y: toTarget(cleaned, target, task, y.task === 'classification' ? [...classes] : undefined),
      },
    };
  };
  return (candidate: Candidate) => {
    const key = `${candidate.style} ${getTrainer(candidate.algorithm).nativeCategories === true}`;
    const found = made.get(key) ?? make(candidate);
    made.set(key, found);
    return found;
  };
}
