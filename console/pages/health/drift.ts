import type { DriftStatus, FeatureDrift } from './types.ts';

/** What a drift report says, made ready to be read. Pure, so that tests need no page. */

/** Those that drifted first, then by their population stability index; what has none comes last. */
export const byDrift = (features: readonly FeatureDrift[]): FeatureDrift[] =>
  features.toSorted(
    (a, b) =>
      Number(b.drifted) - Number(a.drifted) || (b.psi ?? -1) - (a.psi ?? -1) || a.name.localeCompare(b.name),
  );

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** The usual reading of the index: under 0.1 little, to 0.25 some, beyond a lot. */
export function psiWords(psi: number | null): { word: string; tone: Tone } {
  if (psi === null) return { word: 'not measured', tone: 'plain' };
  if (psi < 0.1) return { word: 'little', tone: 'good' };
  return psi < 0.25 ? { word: 'some', tone: 'warn' } : { word: 'a lot', tone: 'bad' };
}

export const STATUS_WORDS: Record<DriftStatus, { word: string; tone: Tone; means: string }> = {
  ok: { word: 'no drift', tone: 'good', means: 'Recent inputs look like those of training.' },
  drift: { word: 'drift', tone: 'bad', means: 'Recent inputs differ from those of training.' },
  'too-few-rows': { word: 'too few rows', tone: 'plain', means: 'There are not enough rows yet to tell.' },
};

export const TEST_WORDS: Record<FeatureDrift['test'], string> = {
  ks: 'Kolmogorov-Smirnov',
  chi2: 'chi-square',
};

/** What a new category is called, with its rows where they are told. */
export const newWords = (found: FeatureDrift['newCategories']): string =>
  found.map((one) => (typeof one === 'string' ? one : `${one.value} (${one.count})`)).join(', ');

/** By how much the share of rows without a value moved, in percent points; undefined where it did not. */
export function missingWords({ reference, current }: FeatureDrift['missing']): string | undefined {
  if (reference === null || current === null) return undefined;
  const points = (current - reference) * 100;
  if (Math.abs(points) < 0.05) return undefined;
  return `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} points missing`;
}

const REASONS: Record<string, string> = {
  distribution: 'distribution',
  missing: 'missing values',
  'new-categories': 'new categories',
};

/** Why a feature counts as drifted. */
export const reasonWords = (reasons: readonly string[] = []): string =>
  reasons.map((reason) => REASONS[reason] ?? reason).join(', ');

/** A chance as a person reads it. */
export const chance = (p: number | null): string =>
  p === null ? '–' : p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
