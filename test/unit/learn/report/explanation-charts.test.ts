import { describe, expect, it } from 'vitest';
import type { DependenceOfFeature, ExplanationReport } from '../../../../lib/learn/explain/report.ts';
import { barsSvg } from '../../../../lib/learn/report/bars.ts';
import { dependenceSvg } from '../../../../lib/learn/report/dependence.ts';
import { explanationFiles } from '../../../../lib/learn/report/explanation.ts';
import { figure } from '../../../../lib/learn/report/figure.ts';

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
const heightOf = (svg: string): number => Number(/height="(\d+)"/.exec(svg)![1]);
/** Widths of the bars that are drawn. */
const barWidths = (svg: string): number[] =>
  [...svg.matchAll(/<path d="M[\d.]+ [\d.]+l([\d.]+) [^"]*" fill="#1d6fb8"/g)].map(([, width]) =>
    Number(width),
  );
const words = { title: 'Importance', subtitle: '70 rows', axis: 'loss of r2' };

describe('barsSvg', () => {
  const bars = [
    { name: 'area', value: 0.5, spread: 0.01 },
    { name: 'rooms', value: 0.25 },
    { name: 'noise', value: -0.0312 },
  ];

  it('shows each name and figure, the first on top, and what the length is', () => {
    const svg = barsSvg(bars, words);
    const shown = texts(svg);
    for (const text of [
      'area',
      'rooms',
      'noise',
      '0.5 ± 0.01',
      '0.25',
      '-0.0312',
      'Importance',
      '70 rows',
      'loss of r2',
    ])
      expect(shown).toContain(text);
    const place = (name: string) =>
      Number(new RegExp(`translate\\([\\d.-]+ ([\\d.-]+)\\)[^>]*>${name}</text>`).exec(svg)![1]);
    expect(place('area')).toBeLessThan(place('rooms'));
    expect(place('rooms')).toBeLessThan(place('noise'));
  });

  it('draws bars as long as their values', () => {
    const [first, second] = barWidths(barsSvg(bars, words));
    expect(first! / second!).toBeCloseTo(2, 2);
  });

  it('shows at most 30, and says how many are not', () => {
    const many = Array.from({ length: 43 }, (_, i) => ({ name: `feature ${i}`, value: 43 - i }));
    const shown = texts(barsSvg(many, words));
    expect(shown.filter((text) => text.startsWith('feature '))).toHaveLength(30);
    expect(shown).toContain('70 rows, 13 more features not shown');
    expect(shown).not.toContain('feature 30');
  });

  it('grows with its bars, and stands none and all zero', () => {
    expect(heightOf(barsSvg(bars.slice(0, 3), words))).toBeGreaterThan(
      heightOf(barsSvg(bars.slice(0, 2), words)),
    );
    expect(texts(barsSvg([], words))).toContain('Importance');
    expect(texts(barsSvg([{ name: 'a', value: 0 }], words))).toContain('0');
  });

  it('escapes names, shortens long ones, and leaves Object.prototype alone', () => {
    const svg = barsSvg(
      [
        { name: '<script>', value: 2 },
        { name: 'y'.repeat(70), value: 1 },
        { name: '__proto__', value: 1 },
      ],
      words,
    );
    expect(svg).not.toContain('<script');
    expect(texts(svg)).toContain('&lt;script&gt;');
    expect(texts(svg)).toContain(`${'y'.repeat(14)}…${'y'.repeat(9)}`);
    expect(texts(svg).some((text) => text.trim() === '__proto__')).toBe(true);
    for (const key in {}) throw new Error(`Object.prototype has got ${key}`);
  });

  it('gives the same bytes again, without a counter of the process in them', () => {
    const first = barsSvg(bars, words);
    dependenceSvg([numeric], '1 row');
    expect(barsSvg(bars, words)).toBe(first);
    expect(first).not.toMatch(/zr\d|ecmeta|class=|<style/);
  });
});

const numeric: DependenceOfFeature = {
  feature: 'area',
  kind: 'number',
  labels: [50, 75, 100],
  classes: [],
  average: [1000, 2500, 2600],
};
const named: DependenceOfFeature = {
  feature: 'city',
  kind: 'category',
  labels: ['Oslo', 'Rome'],
  classes: [],
  average: [1200, 1300],
};

describe('dependenceSvg', () => {
  it('has a panel a feature, named, on one scale', () => {
    const shown = texts(dependenceSvg([numeric, named], '80 test rows'));
    for (const text of [
      'Partial dependence',
      'area',
      'city',
      'Oslo',
      'Rome',
      'mean prediction, 80 test rows',
    ]) {
      expect(shown).toContain(text);
    }
    // Both panels have the same marks on their scale of answers.
    expect(shown.filter((text) => text === '2,000')).toHaveLength(2);
  });

  it('draws numbers as lines and categories as points', () => {
    const line = /<path d="M[^"]*L[^"]*" fill="none" stroke="#0072b2"/;
    expect(dependenceSvg([numeric], '')).toMatch(line);
    expect(dependenceSvg([named], '')).not.toMatch(line);
  });

  it('grows a row of panels every three', () => {
    const of = (count: number) => heightOf(dependenceSvg(new Array(count).fill(numeric), ''));
    expect(of(3)).toBe(of(1));
    expect(of(4) - of(3)).toBe(of(7) - of(6));
    expect(of(4)).toBeGreaterThan(of(3));
  });

  it('of two classes shows the second, of more a line each in its colour, at most six', () => {
    const of = (classes: string[]): DependenceOfFeature => ({
      ...numeric,
      classes,
      average: Array.from({ length: 3 * classes.length }, (_, i) => (i % 10) / 10),
    });
    const two = texts(dependenceSvg([of(['no', 'yes'])], '9 test rows'));
    expect(two).toContain('yes');
    expect(two).not.toContain('no');
    expect(two).toContain('mean probability, 9 test rows');
    const three = dependenceSvg([of(['a', 'b', 'c'])], '');
    for (const colour of ['#0072b2', '#d55e00', '#009e73']) expect(three).toContain(`stroke="${colour}"`);
    const many = texts(dependenceSvg([of(Array.from({ length: 9 }, (_, k) => `class ${k}`))], '9 test rows'));
    expect(many.filter((text) => text.startsWith('class '))).toHaveLength(6);
    expect(many).toContain('mean probability, 9 test rows, 3 more classes not shown');
  });

  it('names years without a comma', () => {
    const years = { ...numeric, labels: [1900, 1950, 2000] };
    const shown = texts(dependenceSvg([years], ''));
    expect(shown).toContain('1950');
    expect(shown).not.toContain('1,950');
  });

  it('stands a flat line, one point, names that read as rich text, and no feature', () => {
    expect(texts(dependenceSvg([{ ...numeric, average: [5, 5, 5] }], ''))).toContain('area');
    expect(texts(dependenceSvg([{ ...numeric, labels: [1], average: [0] }], ''))).toContain('area');
    const odd = { ...numeric, classes: ['x', '{c0|<b>}'], average: [0, 1, 0, 1, 0, 1] };
    expect(dependenceSvg([odd], '')).not.toContain('<b>');
    expect(texts(dependenceSvg([], 'none'))).toContain('Partial dependence');
  });

  it('cuts long names of categories', () => {
    const long = { ...named, labels: ['a very long name of a city', 'Rome'] };
    expect(texts(dependenceSvg([long], ''))).toContain('a very long…');
  });
});

describe('explanationFiles', () => {
  const report: ExplanationReport = {
    permutation: {
      metric: 'rmse',
      baseline: 3,
      repeats: 5,
      rows: 1200,
      of: 1200,
      notes: [],
      features: [{ feature: 'area', mean: 12, std: 0.5 }],
    },
    shap: {
      score: 'value',
      base: [4],
      classes: [],
      rows: 500,
      of: 1200,
      notes: ['500 of 1200 test rows, drawn by the seed'],
      features: [{ feature: 'area', mean: 7, perOutput: [7] }],
    },
    dependence: { rows: 500, of: 1200, notes: [], features: [numeric] },
  };

  it('has a chart and its figures for each part', () => {
    const files = explanationFiles(report);
    expect(files.map(({ name }) => name)).toEqual([
      'permutation_importance',
      'shap_summary',
      'partial_dependence',
    ]);
    expect(files.map(({ json }) => json)).toEqual([report.permutation, report.shap, report.dependence]);
    for (const { svg } of files) expect(svg).toMatch(/^<svg/);
  });

  it('says which rows, and which way the metric goes', () => {
    const [permutation, shap] = explanationFiles(report).map(({ svg }) => texts(svg));
    expect(permutation).toContain('1,200 test rows');
    expect(permutation).toContain('rise of rmse where the feature is shuffled');
    expect(shap).toContain('500 of 1200 test rows, drawn by the seed');
    expect(shap).toContain('mean |contribution| to the prediction');
    const r2 = explanationFiles({ ...report, permutation: { ...report.permutation, metric: 'r2' } });
    expect(texts(r2[0]!.svg)).toContain('loss of r2 where the feature is shuffled');
  });

  it('leaves out SHAP values where there are none', () => {
    const { shap: _, ...rest } = report;
    expect(explanationFiles(rest).map(({ name }) => name)).toEqual([
      'permutation_importance',
      'partial_dependence',
    ]);
  });
});

describe('figure', () => {
  it.each([
    [0, '0'],
    [0.123456, '0.1235'],
    [1234567, '1,234,567'],
    [-52.125, '-52.13'],
    [0.00001, '1.00e-5'],
    [3e12, '3.00e+12'],
  ])('%d is %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
