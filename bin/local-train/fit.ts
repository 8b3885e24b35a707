import {
  type FitOptions,
  getTrainer,
  type MatrixOptions,
  type Model,
  type Task,
  toMatrix,
  toTarget,
} from '../../lib/learn/index.ts';
import {
  applyPreprocessing,
  type FittedPreprocessing,
  fitPreprocessing,
  type RowSchema,
  type Table,
  takeRows,
} from '../../lib/table/index.ts';
import type { Candidate } from './algorithm.ts';
import { planSteps } from './plan.ts';

export interface FitContext {
  target: string;
  task: Task;
  schema: RowSchema;
  seed: number;
  threads: number;
  /** What candidates are compared by; the task's own where absent. */
  metric?: string | undefined;
  note: (text: string) => void;
  onProgress?: ((algorithm: string, share: number) => void) | undefined;
}

export interface Fitted {
  candidate: Candidate;
  model: Model;
  preprocessing: FittedPreprocessing;
  trainSeconds: number;
  /** Pieces of work that each thread did, where the algorithm tells. */
  threads: readonly number[] | undefined;
}

/** Cleans as the algorithm needs it, and fits. No bound on the work: nobody cuts this process off. */
export function fitCandidate(
  candidate: Candidate,
  rows: { train: Table; validation?: Table | undefined },
  context: FitContext,
): Fitted {
  const { target, task, schema, note } = context;
  const { algorithm, params, style } = candidate;
  const plan = planSteps(rows.train, target, style);
  for (const text of plan.notes) note(text);
  const preprocessing = fitPreprocessing(rows.train, plan.steps, { target, schema });
  const train = applyPreprocessing(preprocessing, rows.train);
  const trainer = getTrainer(algorithm);
  const x = matrixOf(train, target, algorithm);
  const y = toTarget(train, target, task);
  const classes = y.task === 'classification' ? y.classes : [];
  const held = rows.validation && knownClasses(rows.validation, target, classes);
  let threads: readonly number[] | undefined;
  const options: FitOptions = {
    seed: context.seed,
    threads: context.threads,
    onThreads: (pieces) => {
      threads = [...pieces];
    },
    onProgress: (share) => context.onProgress?.(algorithm, share),
  };
  if (held !== undefined && held.rowCount > 0) {
    const cleaned = applyPreprocessing(preprocessing, held);
    options.validation = {
      x: toMatrix(cleaned, { target, features: x.names, categories: x.categories }),
      y: toTarget(cleaned, target, task, task === 'classification' ? [...classes] : undefined),
    };
  }
  const started = performance.now();
  const model = trainer.fit(x, y, params, options);
  const trainSeconds = Number(((performance.now() - started) / 1000).toFixed(3));
  return { candidate, model, preprocessing, trainSeconds, threads };
}

/** Features as an algorithm takes them; in the shape of others where that is given. */
export const matrixOf = (
  table: Table,
  target: string,
  algorithm: string,
  shape?: Pick<MatrixOptions, 'features' | 'categories'>,
) =>
  toMatrix(table, {
    target,
    ...(shape ?? { categories: getTrainer(algorithm).nativeCategories ? 'native' : undefined }),
  });

/** Rows as the fitted model takes them, all of classes that it knows. */
export function preparedFor({ model, preprocessing }: Fitted, rows: Table, { target, task }: FitContext) {
  const cleaned = applyPreprocessing(preprocessing, rows);
  const { features, categories, classes } = model;
  return {
    x: toMatrix(cleaned, { target, features, categories }),
    y: toTarget(cleaned, target, task, task === 'classification' ? [...classes] : undefined),
  };
}

/** The rows of a class among these; all of them where the target is an amount. */
export function knownClasses(rows: Table, target: string, classes: readonly string[]): Table {
  if (classes.length === 0 || rows.rowCount === 0) return rows;
  const actual = toTarget(rows, target, 'classification');
  if (actual.task !== 'classification') return rows;
  const known = actual.classes.map((name) => classes.includes(name));
  const kept: number[] = [];
  actual.values.forEach((index, i) => {
    if (known[index]) kept.push(i);
  });
  return kept.length === rows.rowCount ? rows : takeRows(rows, kept);
}
