import type { FittedPreprocessing } from '../../table/index.ts';

/**
 * Says what a prepared value was in the row: scaled numbers in their own units, codes as the names they stand for.
 *
 * @example
 * labelsOf(preprocessing, 'area')(0); // 104.2: what standardScale takes for 0
 */
export function labelsOf(
  preprocessing: Pick<FittedPreprocessing, 'steps'>,
  column: string,
): (value: number) => number | string {
  let label = (value: number): number | string => value;
  for (const step of preprocessing.steps) {
    if (step.step === 'scale') {
      const scaled = step.scales.find((one) => one.column === column);
      if (scaled === undefined) continue;
      const before = label;
      label = (value) => before(value * scaled.scale + scaled.offset);
    } else if (step.step === 'encode' && step.method !== 'onehot') {
      const encoded = step.encodings.find((one) => one.column === column);
      if (encoded === undefined) continue;
      const names = encoded.missing ? [...encoded.categories, '(missing)'] : encoded.categories;
      // -1 is what no training row had.
      label = (value) => names[value] ?? '(other)';
    }
  }
  return label;
}
