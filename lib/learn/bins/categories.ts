import { MAX_CATEGORIES } from './bins.ts';

/** A categorical feature as codes. */
export interface CategoryBins {
  /** Names that have a code of their own, in their order. */
  kept: readonly string[];
  hasMissing: boolean;
  note: string | undefined;
}

/**
 * Codes of one categorical column: the category's place among the names that are kept. Of more than 254 the heaviest
 * are kept (of equal ones those that sort first); the others, like missing and unknown, have the code after the last.
 *
 * @param column place in `names`, or NaN
 * @param codes receives a code a row
 */
export function binCategories(
  feature: string,
  column: Float64Array,
  names: readonly string[],
  weights: Float64Array | undefined,
  codes: Uint8Array,
): CategoryBins {
  const keptPlaces = names.length <= MAX_CATEGORIES ? undefined : heaviest(column, names.length, weights);
  const kept = keptPlaces === undefined ? names : keptPlaces.map((place) => names[place]!);
  const codeOfPlace = new Uint8Array(names.length).fill(kept.length);
  for (const [code, place] of (keptPlaces ?? names.map((_, place) => place)).entries()) {
    codeOfPlace[place] = code;
  }
  let hasMissing = false;
  for (let i = 0; i < column.length; i++) {
    const place = column[i]!;
    const code = Number.isNaN(place) ? kept.length : codeOfPlace[place]!;
    codes[i] = code;
    if (code === kept.length) hasMissing = true;
  }
  const grouped = names.length - kept.length;
  const note =
    grouped === 0
      ? undefined
      : `${JSON.stringify(feature)} has ${names.length} categories: the ${kept.length} most frequent count each for itself, the other ${grouped} together, with what is missing or unknown`;
  return { kept, hasMissing, note };
}

function heaviest(column: Float64Array, count: number, weights: Float64Array | undefined): number[] {
  const sums = new Float64Array(count);
  for (let i = 0; i < column.length; i++) {
    const place = column[i]!;
    if (!Number.isNaN(place)) sums[place]! += weights?.[i] ?? 1;
  }
  return Array.from(sums.keys())
    .sort((a, b) => sums[b]! - sums[a]! || a - b)
    .slice(0, MAX_CATEGORIES)
    .sort((a, b) => a - b);
}
