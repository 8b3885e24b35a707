import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import { fitWith, labels, matrixOf, numbers } from '../support.ts';

interface Case {
  name: string;
  task: 'classification' | 'regression';
  params: Record<string, unknown>;
  rows: number[][];
  targets: number[];
  scores: number[];
  outOfBag: number[];
  nodes: number;
  importance: number[];
}
const url = new URL('../../../fixtures/learn/forest/scikit-learn.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] };

const names: Record<string, string> = {
  min_samples_leaf: 'minSamplesLeaf',
  max_features: 'maxFeatures',
  max_depth: 'maxDepth',
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

describe.each(cases)('$name', ({ task, params, rows, targets, scores, outOfBag, nodes, importance }) => {
  const seen = rows.map((_, i) => i).filter((i) => i % 3 !== 0);
  const held = rows.map((_, i) => i).filter((i) => i % 3 === 0);
  const of = (kept: number[]) =>
    matrixOf(
      kept.map((i) => rows[i]!),
      rows[0]!.map((_, j) => `f${j}`),
    );
  const y = (kept: number[]) => {
    const values = kept.map((i) => targets[i]!);
    return task === 'regression'
      ? numbers(values)
      : labels(values, ['0', '1', '2'].slice(0, Math.max(...targets) + 1));
  };
  const renamed = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [names[name] ?? name, value]),
  );
  const models = Array.from({ length: 10 }, (_, seed) =>
    fitWith(randomForest, of(seen), y(seen), { ...renamed, trees: 100, oobScore: true }, seed),
  );
  const scoreOf = (predicted: Float64Array) => {
    const truth = held.map((i) => targets[i]!);
    if (task === 'classification') return mean(truth.map((value, i) => Number(value === predicted[i])));
    const squares = (at: (i: number) => number) => mean(truth.map((value, i) => (value - at(i)) ** 2));
    return 1 - squares((i) => predicted[i]!) / squares(() => mean(truth));
  };
  /** Three standard errors of the difference of two means of ten, and a little for scores that hardly vary. */
  const bound = (a: readonly number[], b: readonly number[]) =>
    3 * Math.sqrt((deviation(a) ** 2 + deviation(b) ** 2) / 10) + 0.004;

  it('scores as scikit-learn does on held-out rows', () => {
    const ours = models.map((model) => scoreOf(model.predict(of(held))));
    expect(mean(ours)).toBeGreaterThan(mean(scores) - bound(ours, scores));
    expect(mean(ours)).toBeLessThan(mean(scores) + bound(ours, scores) + 0.01);
  });

  it('scores alike out of bag', () => {
    const ours = models.map((model) => (model.toFile().facts.outOfBag as { score: number }).score);
    expect(Math.abs(mean(ours) - mean(outOfBag))).toBeLessThan(bound(ours, outOfBag));
  });

  it('grows trees as large, and finds the same features important', () => {
    const ours = mean(models.map((model) => model.ensemble!.cover.length));
    expect(Math.abs(ours / nodes - 1)).toBeLessThan(0.03);
    for (const [f, share] of importance.entries()) {
      expect(Math.abs(mean(models.map((model) => model.importance()[f]!)) - share)).toBeLessThan(0.02);
    }
  });
});
