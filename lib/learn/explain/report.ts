import type { FittedPreprocessing } from '../../table/index.ts';
import { alignFeatures } from '../matrix.ts';
import type { FeatureMatrix, Model, Target } from '../types.ts';
import { limits, permutationBudget, sampleRows, shapBudget } from './budget.ts';
import { canExplain } from './explain-rows.ts';
import { labelsOf } from './labels.ts';
import { featureOrigins } from './origins.ts';
import { type PartialDependence, partialDependence } from './partial-dependence.ts';
import { type PermutationImportance, permutationImportance } from './permutation.ts';
import { type ShapSummary, shapSummary } from './summary.ts';

/** What a figure was computed on, where that is not all of the test rows. JSON, as all of the report. */
interface Sampled {
  /** Test rows that there are. */
  of: number;
  /** What was left out, and why. Empty where nothing was. */
  notes: string[];
}

/** Why the model answers as it does, by the columns of the raw row. */
export interface ExplanationReport {
  /** Features largest first. */
  permutation: PermutationImportance & Sampled;
  /** Undefined where the model has neither trees nor coefficients. */
  shap?: ShapSummary & Sampled;
  dependence: Sampled & { rows: number; features: DependenceOfFeature[] };
}

export interface DependenceOfFeature {
  feature: string;
  kind: 'number' | 'category';
  labels: (number | string)[];
  classes: readonly string[];
  /** Points × classes (1 for a regression). */
  average: number[];
}

export interface ReportOptions {
  seed: number;
  /** The metric of permutation importance, one of the task's. */
  metric: string;
  /** How raw rows became x: one-hot columns are then reported as the column that they stand for, in its own units. */
  preprocessing: Pick<FittedPreprocessing, 'steps'>;
}

/**
 * Permutation importance, SHAP summary and partial dependence of the most important features on test rows, within
 * `limits`: what is sampled is drawn by the seed, and said in `notes`.
 *
 * @throws BadDataError where there is no row, or the metric has no meaning on them
 */
export function explanationReport(
  model: Model,
  x: FeatureMatrix,
  y: Target,
  { seed, metric, preprocessing }: ReportOptions,
): ExplanationReport {
  const aligned = alignFeatures(x, model);
  const origins = featureOrigins(preprocessing, model.features);
  const permutation = permuted(model, aligned, y, { seed, metric, origins });
  const shap = summed(model, aligned, y, { seed, origins });
  const top = (shap ?? permutation).features.slice(0, limits.dependenceFeatures);
  const rows = sampleRows(aligned, y, limits.dependenceRows, seed).x;
  const features = top.map(({ feature }) => dependenceOf(model, rows, feature, origins, preprocessing));
  return {
    permutation,
    ...(shap === undefined ? {} : { shap }),
    dependence: {
      features,
      rows: rows.rowCount,
      of: x.rowCount,
      notes: sampledNote(rows.rowCount, x.rowCount),
    },
  };
}

function permuted(
  model: Model,
  x: FeatureMatrix,
  y: Target,
  { seed, metric, origins }: { seed: number; metric: string; origins: readonly string[] },
): ExplanationReport['permutation'] {
  const names = [...new Set(origins)];
  const budget = permutationBudget(x.rowCount, names.length);
  const sample = sampleRows(x, y, budget.rows, seed);
  const only = namesByImportance(model, origins).slice(0, budget.features);
  const { repeats } = budget;
  const found = permutationImportance(model, sample.x, sample.y, {
    metric,
    seed,
    repeats,
    groups: origins,
    only,
  });
  const notes = sampledNote(budget.rows, x.rowCount);
  if (repeats < limits.repeats) notes.push(`${repeats} of ${limits.repeats} repeats`);
  if (only.length < names.length) {
    notes.push(
      `only the ${only.length} of ${names.length} features that the model itself uses most were permuted`,
    );
  }
  const features = found.features
    .toSorted((a, b) => b.mean - a.mean || (a.feature < b.feature ? -1 : 1))
    .slice(0, limits.listed);
  return { ...found, features, of: x.rowCount, notes: [...notes, ...listedNote(found.features.length)] };
}

function summed(
  model: Model,
  x: FeatureMatrix,
  y: Target,
  { seed, origins }: { seed: number; origins: readonly string[] },
): ExplanationReport['shap'] {
  if (!canExplain(model)) return undefined;
  const rows = shapBudget(model, x.rowCount);
  const summary = shapSummary(model, sampleRows(x, y, rows, seed).x, origins);
  const notes = [...sampledNote(rows, x.rowCount), ...listedNote(summary.features.length)];
  if (model.ensemble?.cover.every((cover) => cover === 0)) notes.push(NO_COVERS);
  return { ...summary, features: summary.features.slice(0, limits.listed), of: x.rowCount, notes };
}

/** The partial dependence of what a column became; of what became several columns, such as a date, that of the most important. */
function dependenceOf(
  model: Model,
  x: FeatureMatrix,
  feature: string,
  origins: readonly string[],
  preprocessing: ReportOptions['preprocessing'],
): DependenceOfFeature {
  const single = x.names.includes(feature) || x.names.some((name) => name.startsWith(`${feature}=`));
  const column = single ? feature : mostImportantOf(model, feature, origins);
  const found: PartialDependence = partialDependence(model, x, column, { origins });
  const [axis] = found.axes;
  const labels =
    axis!.kind === 'number'
      ? axis!.labels.map((value) => labelsOf(preprocessing, column)(Number(value)))
      : axis!.labels;
  const kind = labels.some((label) => typeof label === 'string') ? 'category' : 'number';
  return { feature: column, kind, labels, classes: found.classes, average: [...found.average] };
}

function mostImportantOf(model: Model, origin: string, origins: readonly string[]): string {
  const importance = model.importance();
  const places = [...origins.keys()].filter((j) => origins[j] === origin);
  return model.features[places.reduce((best, j) => (importance[j]! > importance[best]! ? j : best))]!;
}

/** Names of the origins, that with the most importance by the model's own account first. */
function namesByImportance(model: Model, origins: readonly string[]): string[] {
  const sums = new Map<string, number>();
  for (const [j, value] of model.importance().entries()) {
    sums.set(origins[j]!, (sums.get(origins[j]!) ?? 0) + value);
  }
  return [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}

/** Such as those of an ONNX file. */
const NO_COVERS =
  'the trees do not tell how many rows went which way: both ways of a split are taken as equally likely';

const sampledNote = (rows: number, of: number): string[] =>
  rows < of ? [`${rows} of ${of} test rows, drawn by the seed`] : [];

const listedNote = (features: number): string[] =>
  features > limits.listed ? [`the first ${limits.listed} of ${features} features are listed`] : [];
