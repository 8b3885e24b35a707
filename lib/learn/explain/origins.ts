import type { FittedPreprocessing } from '../../table/index.ts';
import type { Explanation } from './explain-rows.ts';

/**
 * The column of the raw row that each feature was made of: `city=Oslo` of `city`, `built_year` of `built`,
 * `area_missing` of `area`; a feature that no step made is its own origin.
 *
 * @example
 * featureOrigins(manifest.preprocessing, ['area', 'city=Oslo', 'city=Rome']); // ['area', 'city', 'city']
 */
export function featureOrigins(
  preprocessing: Pick<FittedPreprocessing, 'steps'>,
  features: readonly string[],
): string[] {
  const madeOf = new Map<string, string>();
  for (const step of preprocessing.steps) {
    if (step.step === 'fill') {
      for (const { column, indicator } of step.fills) {
        if (indicator !== undefined) madeOf.set(indicator, column);
      }
    } else if (step.step === 'dateParts') {
      for (const [n, column] of step.columns.entries()) {
        const stem = step.stems?.[n] ?? column;
        for (const part of step.parts) madeOf.set(`${stem}_${part}`, column);
      }
    } else if (step.step === 'encode' && step.method === 'onehot') {
      for (const { column, categories, missing } of step.encodings) {
        for (const value of categories) madeOf.set(`${column}=${value}`, column);
        if (missing) madeOf.set(`${column}=(missing)`, column);
      }
    }
  }
  const originOf = (name: string): string => {
    let origin = name;
    // A part may be made of a part (the indicator of a date part); the chain is as long as the steps at most.
    for (let step = 0; step <= preprocessing.steps.length; step++) origin = madeOf.get(origin) ?? origin;
    return origin;
  };
  return features.map(originOf);
}

/**
 * The explanation with the contributions of features of one origin summed, such as one-hot columns: SHAP values are
 * additive, so that base and sums stay. Origins come in the order in which the features first name them.
 *
 * @param origins one name a feature, as `featureOrigins` gives them
 */
export function groupContributions(explanation: Explanation, origins: readonly string[]): Explanation {
  const { rowCount, features, outputs, contributions } = explanation;
  const names = [...new Set(origins)];
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = origins.map((name) => places.get(name)!);
  const summed = new Float64Array(rowCount * names.length * outputs);
  for (let i = 0; i < rowCount; i++) {
    for (let j = 0; j < features.length; j++) {
      const from = (i * features.length + j) * outputs;
      const to = (i * names.length + placeOf[j]!) * outputs;
      for (let k = 0; k < outputs; k++) summed[to + k]! += contributions[from + k]!;
    }
  }
  return { ...explanation, features: names, contributions: summed };
}
