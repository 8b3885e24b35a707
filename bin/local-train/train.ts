import { InvalidInputError } from '../../lib/errors/index.ts';
import {
  evaluate,
  explanationReport,
  importanceMetric,
  type Task,
  writeModelFile,
} from '../../lib/learn/index.ts';
import { threadsHere } from '../../lib/pipeline/training/threads.ts';
import { checkTarget, profileTable, type Table, takeRows } from '../../lib/table/index.ts';
import { sha256 } from '../local/paths.ts';
import { chooseCandidates } from './algorithm.ts';
import { writeResults } from './artifacts.ts';
import { guessTask } from './columns.ts';
import { checkMetric, compareCandidates, metricFor } from './compare.ts';
import { validateCandidates } from './cross-validate.ts';
import { type FitContext, type Fitted, fitCandidate, knownClasses, preparedFor } from './fit.ts';
import { leakageWarning, splitFile } from './guard.ts';
import { refuseFileInTheWay, writing } from './model-path.ts';
import { type ReadFile, readForTraining, requireFeatures } from './read.ts';
import { searchCandidates } from './search.ts';
import { MISSING_MARKERS } from './source.ts';
import type { Compared, TrainOptions, TrainReport } from './types.ts';
import { dataWarnings, requireVariety } from './warnings.ts';

export type { TrainOptions, TrainReport } from './types.ts';

/**
 * Trains a model from one CSV file, without any cloud: infers the columns, cleans, splits, fits, judges on the test
 * rows, and writes model.arbm, metrics.json and the reports into a folder. Of several algorithms the one that is best on
 * held-out training rows is kept.
 *
 * @throws InvalidInputError, BadDataError, BadDefinitionError: what is wrong with the file or the options.
 */
export async function train(options: TrainOptions): Promise<TrainReport> {
  const { target, seed, out } = options;
  const notes: string[] = [];
  const note = (text: string) => {
    if (notes.includes(text)) return;
    notes.push(text);
    options.note?.(text);
  };
  await refuseFileInTheWay(out);
  const missing = [...new Set([...MISSING_MARKERS, ...options.missing])];
  const file = await readForTraining({ ...options, missing, note });
  const task = options.task ?? guessTask(file.table, file.schema, target, note);
  checkMetric(options.metric, task);
  const { space = {}, search: method, candidates: count } = options;
  const candidates = searchCandidates(chooseCandidates(options, task, note), { space, method, count, seed });
  checkTarget(file.table, target, task);
  requireFeatures(file, target);
  leakageWarning(file.table, target, task, note);
  dataWarnings(file.table, target, task, note);
  const raw = splitInto(file, options, task, note);
  requireVariety(raw.train, target, file.table.rowCount);
  const { onProgress } = options;
  const threads = options.threads ?? threadsHere();
  const context: FitContext = {
    target,
    task,
    schema: file.schema,
    seed,
    threads,
    metric: options.metric,
    note,
    onProgress,
  };
  const plan = foldPlan(options);
  const { best, compared } = plan
    ? validateCandidates(candidates, raw, context, { ...plan, groups: raw.groups })
    : candidates.length === 1
      ? { best: candidates[0]!, compared: undefined }
      : compareCandidates(candidates, raw, context);
  const fitted = fitCandidate(best, raw, context);
  for (const text of fitted.model.notes) note(text);
  const judged = judgedRows(raw.test, fitted, context);
  const test = preparedFor(fitted, judged, context);
  const evaluation = evaluate(fitted.model, test.x, test.y);
  const explanation = explanationReport(fitted.model, test.x, test.y, {
    seed,
    metric: importanceMetric(evaluation),
    preprocessing: fitted.preprocessing,
  });
  const bytes = writeModelFile({
    name: 'model',
    model: fitted.model,
    preprocessing: fitted.preprocessing,
    rowSchema: file.schema,
    target,
    params: best.params,
    seed,
    profile: profileTable(raw.train),
  });
  const report: TrainReport = {
    task,
    target,
    ...fitFacts(fitted, compared),
    ...(plan && { crossValidation: { ...plan, metric: options.metric ?? metricFor(task) } }),
    rows: file.rowsInFile,
    trainRows: raw.train.rowCount,
    testRows: judged.rowCount,
    features: file.schema.columns.length - 1,
    ...(task === 'classification' ? { classes: fitted.model.classes } : {}),
    metrics: evaluation.metrics,
    modelSha256: sha256(bytes),
    seed,
    missing,
    dropped: file.dropped,
    salvaged: file.salvaged,
    notes,
    out,
  };
  await writing(out, () => writeResults(out, bytes, report, evaluation, explanation));
  return report;
}

function fitFacts({ candidate, model, trainSeconds, threads }: Fitted, compared: Compared[] | undefined) {
  const { outOfBag } = model.toFile().facts;
  return {
    algorithm: candidate.algorithm,
    params: candidate.params,
    ...(compared === undefined ? {} : { compared }),
    encodedFeatures: model.features.length,
    trainSeconds,
    ...(threads === undefined ? {} : { threads }),
    ...(isOutOfBag(outOfBag) ? { outOfBag } : {}),
  };
}

/** The forest's own judgement of its training rows, where it was asked for (`--param oobScore=true`). */
const isOutOfBag = (fact: unknown): fact is NonNullable<TrainReport['outOfBag']> =>
  typeof fact === 'object' && fact !== null && 'metric' in fact && 'score' in fact;

const DEFAULT_FOLDS = 5;

/** Undefined where the candidates are not cross-validated. */
function foldPlan({ folds, repeats, group, space = {} }: TrainOptions) {
  const asked = folds ?? (repeats !== undefined || Object.keys(space).length > 0 ? DEFAULT_FOLDS : undefined);
  return asked && { folds: asked, repeats: repeats ?? 1, ...(group !== undefined && { group }) };
}

function splitInto(
  { table, groups }: ReadFile,
  options: TrainOptions,
  task: Task,
  note: (text: string) => void,
) {
  const indices = splitFile(table, { ...options, groups }, task, note);
  return {
    train: takeRows(table, indices.train),
    validation: takeRows(table, indices.validation),
    test: takeRows(table, indices.test),
    groups: groups && takeRows(groups, indices.train),
  };
}

/** Test rows of a class that no training row has cannot be judged. */
function judgedRows(test: Table, { model }: Fitted, { target, note }: FitContext): Table {
  const judged = knownClasses(test, target, model.classes);
  const strange = test.rowCount - judged.rowCount;
  if (strange > 0) note(`${strange} test rows are of a class that no training row has: not judged`);
  if (judged.rowCount > 0) return judged;
  throw new InvalidInputError(
    test.rowCount === 0
      ? 'the split leaves no rows to test'
      : `none of the ${test.rowCount} test rows is of a class that the training rows have`,
    { field: 'split', remedy: 'Use a smaller train share, or give more rows of each class.' },
  );
}
