import type { TrainingProfile } from '../../table/profile.ts';
import type { Column, Table } from '../../table/types.ts';
import { type FeatureFigures, featureFigures } from './feature.ts';
import { holm } from './tests.ts';
import { DRIFT_BOUNDS, type DriftBounds, type DriftFigures, type FeatureDrift } from './types.ts';

/**
 * Compares recent rows with the training profile and decides. A feature drifted where a test refuses "nothing changed" after
 * Holm's correction over all tests of the report, and the difference is as large as the bounds say. Holm, and not Benjamini
 * and Hochberg, because an alarm is raised for a report and not for a feature: what must be rare is any false one, and columns
 * depend on each other, which Holm's bound allows for and theirs does not.
 *
 * @param table recent rows, in the columns of the model's input
 * @param predictions what was answered to them, as a column
 */
export function judgeDrift(
  profile: TrainingProfile,
  table: Table,
  predictions: Column | undefined,
  bounds: DriftBounds = DRIFT_BOUNDS,
): DriftFigures {
  const profiles = new Map(profile.columns.map((column) => [column.name, column]));
  const inputs = table.columns.flatMap((column) => {
    const found = profiles.get(column.name);
    return found === undefined ? [] : [featureFigures(found, column)];
  });
  const answers =
    profile.predictions && predictions ? featureFigures(profile.predictions, predictions) : undefined;
  const all = answers === undefined ? inputs : [...inputs, answers];
  const enough = table.rowCount >= bounds.minRows;
  judgeAll(all, bounds, enough);
  const features = inputs.map(({ feature }) => feature);
  const prediction = answers?.feature;
  const drifted = all.some(({ feature }) => feature.drifted);
  return {
    rows: table.rowCount,
    status: enough ? (drifted ? 'drift' : 'ok') : 'too-few-rows',
    features,
    ...(prediction && { prediction }),
    notes: notesOf(table, profiles.size, all, profile),
  };
}

/** Adjusts every p-value of the report together, then says of each feature what about it drifted. */
function judgeAll(all: readonly FeatureFigures[], bounds: DriftBounds, enough: boolean): void {
  const asked = all.flatMap(({ pValues }, i) =>
    Object.entries(pValues).map(([question, p]) => ({ i, question, p: p as number })),
  );
  const adjusted = holm(asked.map(({ p }) => p));
  const of = (i: number, question: string): number | undefined =>
    adjusted[asked.findIndex((one) => one.i === i && one.question === question)];
  for (const [i, { feature, newShare }] of all.entries()) {
    const distribution = of(i, 'distribution');
    feature.adjustedPValue = distribution ?? null;
    feature.missing.adjustedPValue = of(i, 'missing') ?? 1;
    if (!enough) continue;
    const refused = (p: number | undefined) => p !== undefined && p < bounds.alpha;
    if (refused(distribution) && (feature.psi ?? 0) >= bounds.psi) feature.reasons.push('distribution');
    if (refused(feature.missing.adjustedPValue) && missingMoved(feature) >= bounds.missing) {
      feature.reasons.push('missing');
    }
    if (refused(of(i, 'newCategories')) && newShare >= bounds.newCategories) {
      feature.reasons.push('new-categories');
    }
    feature.drifted = feature.reasons.length > 0;
  }
}

const missingMoved = ({ missing }: FeatureDrift): number =>
  Math.abs((missing.current ?? 0) - (missing.reference ?? 0));

function notesOf(
  table: Table,
  profiled: number,
  all: readonly FeatureFigures[],
  profile: TrainingProfile,
): string[] {
  const notes: string[] = [];
  if (profiled === 0 && table.columns.length > 0) {
    notes.push(
      'The model file has no profile of its training rows, so nothing can be compared: train again.',
    );
  }
  if (all.some(({ coarse }) => coarse)) {
    notes.push(
      'The model file keeps numbers as histograms of 20 bins, as older releases wrote it: shifts within a bin are not seen.',
    );
  }
  if (profile.predictions === undefined) {
    notes.push('The model file does not tell what the model answered to rows that it was not trained on.');
  }
  return notes;
}
