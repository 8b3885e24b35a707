import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { featureFigures } from '../../../../lib/serving/drift/feature.ts';
import { chiSquareTail } from '../../../../lib/serving/drift/gamma.ts';
import { kolmogorovTail } from '../../../../lib/serving/drift/kolmogorov.ts';
import { chiSquare, fisherExact, holm } from '../../../../lib/serving/drift/tests.ts';
import { populationStability } from '../../../../lib/table/compare/compare-profiles.ts';
import { profileColumn } from '../../../../lib/table/index.ts';
import { numbers, texts } from '../../table/support.ts';

interface Figures {
  numbers: {
    name: string;
    reference: number[];
    current: number[];
    ks: { statistic: number; pValue: number };
    evidently: { psi: number; a: number[]; b: number[] };
  }[];
  categories: {
    name: string;
    reference: string[];
    current: string[];
    counts: [number[], number[]];
    chi2: { statistic: number; pValue: number };
    evidently: { psi: number; chi2: number };
  }[];
  kstwo: [number, number, number][];
  chi2: [number, number, number][];
  fisher: [number, number, number, number, number][];
  holm: { p: number[]; adjusted: number[] };
}

/** Made by test/fixtures/drift/make.py with scipy 1.x and Evidently 0.7.23. */
const figures = JSON.parse(
  readFileSync(new URL('../../../fixtures/drift/figures.json', import.meta.url), 'utf8'),
) as Figures;

/** Relative, so that tiny p-values are held to as many digits as large ones. */
const close = (found: number, expected: number, tolerance: number) =>
  expect(Math.abs(found - expected) / Math.max(expected, 1e-300), `${found} beside ${expected}`).toBeLessThan(
    tolerance,
  );

describe('scipy', () => {
  it.each(figures.kstwo.filter(([, , p]) => p > 0))('kstwo.sf(%f, %i) is %f', (d, n, expected) => {
    close(kolmogorovTail(d, n), expected, n <= 150 ? 1e-3 : 1e-6);
  });

  it.each(figures.chi2)('chi2.sf(%f, %i) is %f', (x, df, expected) => {
    close(chiSquareTail(x, df), expected, 1e-10);
  });

  it.each(figures.fisher)('fisher_exact of %i of %i and %i of %i is %f', (a, n, b, m, expected) => {
    close(fisherExact(a, n, b, m), expected, 1e-9);
  });

  it.each(figures.categories)('chi2_contingency: $name', ({ counts, chi2 }) => {
    const found = chiSquare(...counts)!;
    close(found.statistic, chi2.statistic, 1e-10);
    close(found.pValue, chi2.pValue, 1e-9);
  });

  it.each(figures.numbers)('ks_2samp: $name', ({ reference, current, ks }) => {
    const { feature } = featureFigures(profileColumn(numbers('n', reference)), numbers('n', current));
    // Of a column of many values a profile keeps the percentiles: the distance at those.
    if (new Set(reference).size <= 100) {
      expect(feature.statistic).toBeCloseTo(ks.statistic, 12);
      close(feature.pValue!, ks.pValue, 1e-3);
    } else {
      expect(feature.statistic!).toBeLessThanOrEqual(ks.statistic + 1e-12);
      expect(feature.statistic!).toBeGreaterThanOrEqual(ks.statistic - 0.0101);
      expect(feature.pValue!).toBeGreaterThanOrEqual(ks.pValue * 0.999);
    }
  });

  it("Holm's adjustment is statsmodels'", () => {
    for (const [i, p] of holm(figures.holm.p).entries()) expect(p).toBeCloseTo(figures.holm.adjusted[i]!, 12);
  });
});

describe('Evidently', () => {
  it.each(figures.categories)('PSI of categories: $name', ({ reference, current, evidently }) => {
    const { feature } = featureFigures(profileColumn(texts('c', reference)), texts('c', current));
    expect(feature.psi).toBeCloseTo(evidently.psi, 10);
  });

  it.each(figures.numbers)('PSI of the same bins: $name', ({ evidently }) => {
    expect(populationStability(evidently)).toBeCloseTo(evidently.psi, 10);
  });

  it.each(figures.numbers)(
    'PSI of our own bins calls the same samples moved: $name',
    ({ reference, current, evidently }) => {
      const { feature } = featureFigures(profileColumn(numbers('n', reference)), numbers('n', current));
      // Its bins are equal in width and fixed by both samples; ours hold a tenth of the reference each.
      expect(feature.psi! > 0.1).toBe(evidently.psi > 0.1);
    },
  );

  it.each(figures.categories)(
    'its chi-square of fit is what ours comes to as the reference grows: $name',
    ({ counts: [reference, current], evidently }) => {
      const many = reference.map((count) => count * 1e9);
      const found = chiSquare(many, current)!;
      // It gives a category that the reference lacks no place in the test: scipy then answers 0 or nothing.
      if (reference.every((count) => count > 0)) close(found.pValue, evidently.chi2, 1e-4);
      else expect(found.pValue).toBeLessThan(1e-6);
    },
  );
});
