import { InvalidInputError } from '../../lib/errors/index.ts';
import {
  evaluate,
  explanationReport,
  getTrainer,
  importanceMetric,
  toMatrix,
  toTarget,
  writeModelFile,
} from '../../lib/learn/index.ts';
import {
  applyPreprocessing,
  checkTarget,
  fitPreprocessing,
  profileTable,
  type Table,
  takeRows,
} from '../../lib/table/index.ts';
import { sha256 } from '../local/paths.ts';
import { chooseAlgorithm } from './algorithm.ts';
import { writeResults } from './artifacts.ts';
import { guessTask } from './columns.ts';
import { leakageWarning, splitFile } from './guard.ts';
import { planSteps } from './plan.ts';
import { type ReadFile, readForTraining } from './read.ts';
import { MISSING_MARKERS } from './source.ts';
import type { TrainOptions, TrainReport } from './types.ts';

export type { TrainOptions, TrainReport } from './types.ts';

/**
 * Trains a model from one CSV file, without any cloud: infers the columns, cleans, splits, fits, judges on the test
 * rows, and writes model.arbm, metrics.json and the reports into a folder.
 *
 * @throws InvalidInputError, BadDataError, BadDefinitionError: what is wrong with the file or the options.
 */
export async function train(options: TrainOptions): Promise<TrainReport> {
  const { target, seed, out } = options;
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
    options.note?.(text);
  };
  const missing = [...new Set([...MISSING_MARKERS, ...options.missing])];
  const file = await readForTraining({ ...options, missing, note });
  const task = options.task ?? guessTask(file.table, file.schema, target, note);
  checkTarget(file.table, target, task);
  leakageWarning(file.table, target, task, note);
  const indices = splitFile(file.table, options, task, note);
  const raw = { train: takeRows(file.table, indices.train), test: takeRows(file.table, indices.test) };
  const choice = chooseAlgorithm(options, task, raw.train, note);
  const fitted = clean(file, raw, target, choice.linear, note);
  const x = toMatrix(fitted.train, { target });
  const y = toTarget(fitted.train, target, task);
  const params = choice.params as Record<string, unknown>;
  const started = performance.now();
  const trainer = getTrainer(choice.algorithm);
  trainer.checkSize(x.rowCount, x.names.length, params);
  const model = trainer.fit(x, y, params, { seed });
  const trainSeconds = (performance.now() - started) / 1000;
  const judged = judgedRows(fitted.test, target, model.classes, note);
  if (judged.rowCount === 0) {
    throw new InvalidInputError('the split leaves no rows to test', {
      field: 'split',
      remedy: 'Use a smaller train share.',
    });
  }
  const classes = task === 'classification' ? model.classes : undefined;
  const test = {
    x: toMatrix(judged, { target }),
    y: toTarget(judged, target, task, classes && [...classes]),
  };
  const evaluation = evaluate(model, test.x, test.y);
  const metric = importanceMetric(evaluation);
  const { preprocessing } = fitted;
  const explanation = explanationReport(model, test.x, test.y, { seed, metric, preprocessing });
  const bytes = writeModelFile({
    name: 'model',
    model,
    preprocessing: fitted.preprocessing,
    rowSchema: file.schema,
    target,
    params,
    seed,
    profile: profileTable(raw.train),
  });
  const report: TrainReport = {
    task,
    target,
    algorithm: choice.algorithm,
    rows: file.rowsInFile,
    trainRows: raw.train.rowCount,
    testRows: judged.rowCount,
    features: file.schema.columns.length - 1,
    encodedFeatures: x.names.length,
    ...(classes ? { classes } : {}),
    metrics: evaluation.metrics,
    trainSeconds: Number(trainSeconds.toFixed(3)),
    modelSha256: sha256(bytes),
    seed,
    missing,
    dropped: file.dropped,
    notes,
    out,
  };
  await writeResults(out, bytes, report, evaluation, explanation);
  return report;
}

function clean(
  file: ReadFile,
  raw: { train: Table; test: Table },
  target: string,
  linear: boolean,
  note: (text: string) => void,
) {
  const plan = planSteps(raw.train, target, linear);
  for (const text of plan.notes) note(text);
  const preprocessing = fitPreprocessing(raw.train, plan.steps, { target, schema: file.schema });
  return {
    preprocessing,
    train: applyPreprocessing(preprocessing, raw.train),
    test: applyPreprocessing(preprocessing, raw.test),
  };
}

/** Test rows of a class that no training row has cannot be judged. */
function judgedRows(
  test: Table,
  target: string,
  classes: readonly string[],
  note: (text: string) => void,
): Table {
  if (classes.length === 0 || test.rowCount === 0) return test;
  const actual = toTarget(test, target, 'classification');
  if (actual.task !== 'classification') return test;
  const known: number[] = [];
  actual.values.forEach((index, i) => {
    if (classes.includes(actual.classes[index] ?? '')) known.push(i);
  });
  if (known.length === test.rowCount) return test;
  note(`${test.rowCount - known.length} test rows are of a class that no training row has: not judged`);
  return takeRows(test, known);
}
