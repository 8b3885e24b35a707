import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { evaluateClassification, evaluateRegression } from '../../../../lib/learn/evaluate.ts';
import { reportAssets } from '../../../../lib/learn/report/assets.ts';
import { shorten } from '../../../../lib/learn/report/chart.ts';
import { confusionMatrixSvg } from '../../../../lib/learn/report/confusion.ts';
import { svgToPng } from '../../../../lib/learn/report/png.ts';
import { residualPlotSvg } from '../../../../lib/learn/report/residuals.ts';
import { thrownBy, uniform } from '../support.ts';

const { resolve } = createRequire(import.meta.url);
const assets = {
  wasm: readFileSync(resolve(reportAssets.wasm)),
  font: readFileSync(resolve(reportAssets.font)),
};

const random = uniform(2);
const classification = (classes: string[], rows = 300) => {
  const truth = Array.from({ length: rows }, (_, i) => i % classes.length);
  const predicted = truth.map((k) => (random() < 0.7 ? k : Math.floor(random() * classes.length)));
  return evaluateClassification(classes, truth, predicted);
};
const regression = (rows: number) => {
  const truth = Float64Array.from({ length: rows }, () => 50_000 + random() * 200_000);
  return evaluateRegression(
    truth,
    truth.map((value) => value * 0.9 + random() * 30_000),
  );
};
const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
const size = (png: Uint8Array): [number, number] => {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
};

describe('confusionMatrixSvg', () => {
  it('shows each class twice, each count, the axes and the accuracy', () => {
    const evaluation = evaluateClassification(['no', 'yes'], [0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 0]);
    const shown = texts(confusionMatrixSvg(evaluation));
    expect(shown.filter((text) => text === 'no' || text === 'yes')).toHaveLength(4);
    for (const text of [
      '2',
      '1',
      '3',
      '67%',
      '33%',
      '25%',
      '75%',
      'true class',
      'predicted class',
      'Confusion matrix',
    ]) {
      expect(shown).toContain(text);
    }
    expect(shown).toContain('7 rows, accuracy 0.714');
  });

  it('escapes names, and cuts long ones in the middle', () => {
    const svg = confusionMatrixSvg(classification(['<script>alert(1)</script>', 'a & b', 'x'.repeat(60)]));
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain(`${'x'.repeat(14)}…${'x'.repeat(9)}`);
  });

  it('shows at most 40 classes, those with most rows, and says how many are not', () => {
    const svg = confusionMatrixSvg(
      classification(
        Array.from({ length: 55 }, (_, k) => `class ${k}`),
        560,
      ),
    );
    expect(texts(svg).filter((text) => /^class \d+$/.test(text))).toHaveLength(80);
    expect(svg).toContain('15 smaller classes not shown');
    expect(texts(svg)).toContain('class 0');
  });

  it('shows a class without rows', () => {
    expect(texts(confusionMatrixSvg(evaluateClassification(['a', 'b'], [1, 1], [1, 0])))).toContain('50%');
  });

  it('draws classes named as members of Object.prototype, and leaves that as it was', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const names = ['__proto__', 'constructor', 'toString'];
    const svg = confusionMatrixSvg(classification(names));
    for (const name of names) expect(texts(svg).filter((text) => text.trim() === name)).toHaveLength(2);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    for (const key in {}) throw new Error(`Object.prototype has got ${key}`);
  });

  it('refuses a regression', () => {
    expect(thrownBy(() => confusionMatrixSvg(regression(5))).code).toBe('BAD_DATA');
  });
});

describe('residualPlotSvg', () => {
  it('shows a point a row, the figures and the axes', () => {
    const svg = residualPlotSvg(evaluateRegression(Float64Array.of(10, 20, 40), Float64Array.of(11, 18, 41)));
    expect([...svg.matchAll(/fill="#1d6fb8"/g)]).toHaveLength(3);
    expect(texts(svg)).toContain('predicted');
    expect(texts(svg)).toContain('actual - predicted');
    expect(texts(svg).join()).toMatch(/3 rows\s+R2 0\.9871\s+RMSE 1\.414\s+MAE 1\.333/);
  });

  it('says that it shows a sample, and stands one row and equal predictions', () => {
    expect(residualPlotSvg(regression(6_000))).toContain('2,000 of 6,000 rows');
    expect(residualPlotSvg(evaluateRegression(Float64Array.of(2), Float64Array.of(3)))).toContain('RMSE 1');
    expect(residualPlotSvg(evaluateRegression(Float64Array.of(1, 2, 3), Float64Array.of(2, 2, 2)))).toContain(
      'R2 0',
    );
  });

  it('refuses a classification', () => {
    expect(thrownBy(() => residualPlotSvg(classification(['a', 'b']))).code).toBe('BAD_DATA');
  });
});

describe('the same evaluation gives the same bytes', () => {
  const matrix = classification(['a', 'b', 'c']);
  const plot = regression(100);

  it('SVG, however many charts were drawn between', () => {
    const [first, second] = [confusionMatrixSvg(matrix), residualPlotSvg(plot)];
    for (let i = 0; i < 3; i++) confusionMatrixSvg(classification(['x', 'y']));
    expect(confusionMatrixSvg(matrix)).toBe(first);
    expect(residualPlotSvg(plot)).toBe(second);
  });

  it('SVG of an evaluation that went through JSON', () => {
    expect(residualPlotSvg(JSON.parse(JSON.stringify(plot)))).toBe(residualPlotSvg(plot));
  });

  it('SVG without a counter of the process, a style or a script in it', () => {
    for (const svg of [confusionMatrixSvg(matrix), residualPlotSvg(plot)]) {
      expect(svg).not.toMatch(/zr\d|ecmeta|class=|<style|<script/);
    }
  });

  it('SVG of names that look like what is taken out', () => {
    const svg = confusionMatrixSvg(classification(['zr0-cls-1', ' class="zr1"', '<style></style>']));
    expect(svg).toContain('>zr0-cls-1</text>');
    expect(texts(svg)).toContain('&lt;style&gt;&lt;/style&gt;');
    expect(svg).toContain('class=&quot;zr1&quot;');
  });

  it('PNG', async () => {
    const svg = confusionMatrixSvg(matrix);
    const hash = async () =>
      createHash('sha256')
        .update(await svgToPng(svg, assets))
        .digest('hex');
    expect(await hash()).toBe(await hash());
  });
});

describe('svgToPng', () => {
  it('draws at twice the size of the SVG', async () => {
    const png = await svgToPng('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>', assets);
    expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect(size(png)).toEqual([60, 40]);
  });

  it('draws the names: another name is another picture', async () => {
    const draw = (name: string) =>
      svgToPng(confusionMatrixSvg(evaluateClassification([name, 'z'], [0, 1], [0, 1])), assets);
    const [a, b, same] = [await draw('abc'), await draw('abd'), await draw('abc')];
    expect(Buffer.compare(a, b)).not.toBe(0);
    expect(Buffer.compare(a, same)).toBe(0);
  });

  it('has glyphs for accents, Greek and Cyrillic: none is drawn as the missing glyph', async () => {
    const draw = (text: string) =>
      svgToPng(
        `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><text x="4" y="20" font-size="16">${text}</text></svg>`,
        assets,
      );
    const missing = await draw('\u{E123}');
    for (const text of ['ñ', 'Ω', 'Ж', '…'])
      expect(Buffer.compare(await draw(text), missing), text).not.toBe(0);
  });

  it('refuses what is not SVG', async () => {
    await expect(svgToPng('not svg', assets)).rejects.toMatchObject({ code: 'BAD_DATA' });
  });
});

describe('shorten', () => {
  it('leaves 24 characters, counts code points, and joins broken lines', () => {
    expect(shorten('a'.repeat(24))).toBe('a'.repeat(24));
    expect([...shorten('🌳'.repeat(30))]).toHaveLength(24);
    expect(shorten('a\nb')).toBe('a b');
  });
});
