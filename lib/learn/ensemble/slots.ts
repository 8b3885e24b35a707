import type { FeatureMatrix } from '../types.ts';
import type { Ensemble } from './ensemble.ts';

/** Slots of a row, 4 bytes each; ensemble.ts says what they are. Numbers and codes share the bytes. */
export interface SlotBuffer {
  /** Slots of one row: 2p, and p more where some feature is categorical. */
  width: number;
  numbers: Float32Array;
  codes: Uint32Array;
}

/** Whether some feature is categorical, so that rows have slots for codes. */
export const hasCategories = ({ categoryCounts }: Ensemble): boolean =>
  categoryCounts.some((count) => count > 0);

/** Room for the slots of `rows` rows. */
export function slotBuffer(ensemble: Ensemble, rows: number): SlotBuffer {
  const width = ensemble.featureCount * (hasCategories(ensemble) ? 3 : 2);
  const numbers = new Float32Array(width * rows);
  return { width, numbers, codes: new Uint32Array(numbers.buffer) };
}

/** Writes the slots of rows `from` to `from + count - 1`, row-major from the buffer's start. */
export function fillSlots(
  { featureCount, categoryCounts }: Ensemble,
  { columns }: FeatureMatrix,
  from: number,
  count: number,
  { width, numbers, codes }: SlotBuffer,
): void {
  for (let f = 0; f < featureCount; f++) {
    const column = columns[f]!;
    const categories = categoryCounts[f]!;
    for (let i = 0, at = 2 * f; i < count; i++, at += width) {
      const value = column[from + i]!;
      // What is missing is below all where it goes left, and above all where it goes right.
      const missing = Number.isNaN(value);
      numbers[at] = missing ? Number.NEGATIVE_INFINITY : value;
      numbers[at + 1] = missing ? Number.POSITIVE_INFINITY : value;
      if (categories > 0) {
        codes[at + 2 * featureCount - f] = value >= 0 && value < categories ? value : categories;
      }
    }
  }
}
