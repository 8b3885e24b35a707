import { describe, expect, it } from 'vitest';
import { evaluateRegression } from '../../../../lib/learn/evaluate.ts';
import { barsSvg } from '../../../../lib/learn/report/bars.ts';
import { dependenceSvg } from '../../../../lib/learn/report/dependence.ts';
import { residualPlotSvg } from '../../../../lib/learn/report/residuals.ts';
import { axisUnit } from '../../../../lib/learn/report/unit.ts';

describe('axisUnit', () => {
  it.each([
    [[], 1],
    [[0, 0], 1],
    [[1e-8, -5e14], 1],
    [[3e-20, -2e-21], 1e-20],
    [[-4e200], 1e200],
    [[Number.NaN, Number.POSITIVE_INFINITY, 2], 1],
    [[5e-324], 1e-307],
  ])('%j: %d', (values, unit) => {
    expect(axisUnit(values)).toBe(unit);
  });
});

describe('charts of very small and very large numbers', () => {
  const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
  const sizes = [1e-320, 1e-200, 1e-40, 1e-19, 1, 1e19, 1e200, 1e307];

  it.each(sizes)('residuals of %d', (size) => {
    const actual = Float64Array.from({ length: 20 }, (_, i) => i * size);
    const svg = residualPlotSvg(
      evaluateRegression(
        actual,
        actual.map((value) => value * 0.9),
      ),
    );
    expect(svg.match(/<path/g)!.length).toBeGreaterThan(20);
    expect(svg).not.toContain('NaN');
  });

  it('axes tell the numbers themselves', () => {
    const actual = Float64Array.from({ length: 20 }, (_, i) => i * 1e-40);
    const shown = texts(residualPlotSvg(evaluateRegression(actual, actual)));
    expect(shown).toContain('9.00e-40');
  });

  it.each(sizes)('bars and lines of %d', (size) => {
    const words = { title: 'a', subtitle: 'b', axis: 'c' };
    expect(barsSvg([{ name: 'x', value: size }], words)).not.toContain('NaN');
    const labels = Array.from({ length: 5 }, (_, i) => i * size);
    const svg = dependenceSvg(
      [{ feature: 'x', kind: 'number', labels, average: labels, classes: [] } as never],
      'rows',
    );
    expect(svg).not.toContain('NaN');
    expect(svg).toMatch(/<path[^>]*d="M[\d. ]+L[\d. ]+/);
  });
});
