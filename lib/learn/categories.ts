import type { CategoryColumn } from '../table/types.ts';
import type { FeatureCategories } from './types.ts';

/** Code of each name, built once for each list of names: one-row prediction must not build it again. */
const codeMaps = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The code (place) of each name in the list. */
export function codesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const known = codeMaps.get(names);
  if (known !== undefined) return known;
  const made = new Map(names.map((name, code) => [name, code]));
  codeMaps.set(names, made);
  return made;
}

/** The names that occur in the column, sorted by code unit. Depends on the rows' values alone, not on their order. */
export function usedCategories({ codes, categories }: CategoryColumn): string[] {
  const used = new Uint8Array(categories.length);
  for (const code of codes) if (code >= 0) used[code] = 1;
  return [...new Set(categories.filter((_, code) => used[code] === 1))].sort((a, b) => (a < b ? -1 : 1));
}

/** Each row's code into `names`; NaN where the value is missing or not among them. */
export function encodeColumn({ codes, categories }: CategoryColumn, names: readonly string[]): Float64Array {
  const codeOf = codesOf(names);
  const translated = categories.map((name) => codeOf.get(name) ?? Number.NaN);
  const out = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = codes[i]! < 0 ? Number.NaN : translated[codes[i]!]!;
  return out;
}

/** Codes into `from` as codes into `to`, by name; NaN for what `to` does not know. */
export function recode(codes: Float64Array, from: readonly string[], to: readonly string[]): Float64Array {
  const codeOf = codesOf(to);
  const translated = from.map((name) => codeOf.get(name) ?? Number.NaN);
  return codes.map((code) => translated[code] ?? Number.NaN);
}

/** The same names in the same order; the same list most of the time, so that is asked first. */
export function sameNames(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.length === b.length && a.every((name, i) => name === b[i]);
}

/** Undefined where no feature has categories: such a matrix or model says nothing of them. */
export function unlessAllNumeric(categories: FeatureCategories): FeatureCategories | undefined {
  return categories.some((names) => names !== undefined) ? categories : undefined;
}
