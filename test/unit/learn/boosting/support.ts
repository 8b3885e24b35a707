import { createHash } from 'node:crypto';
import { fitBoosting } from '../../../../lib/learn/boosting/gradient-boosting.ts';
import { boostingParamsSchema } from '../../../../lib/learn/boosting/params.ts';
import type { FeatureMatrix, FitOptions, Model, Target } from '../../../../lib/learn/index.ts';
import { uniform } from '../support.ts';

/** Columns as features x0, x1, ... */
export function features(
  columns: readonly (readonly number[])[],
  categories?: FeatureMatrix['categories'],
): FeatureMatrix {
  return {
    rowCount: columns[0]!.length,
    names: columns.map((_, j) => `x${j}`),
    columns: columns.map((column) => Float64Array.from(column)),
    ...(categories && { categories }),
  };
}

export function boosted(
  x: FeatureMatrix,
  y: Target,
  params: Record<string, unknown> = {},
  options: Partial<FitOptions> = {},
  onKernel = true,
): Model {
  return fitBoosting(x, y, boostingParamsSchema.parse(params), { seed: 1, ...options }, onKernel);
}

/** All that is kept of a model. */
export function bytesOf(model: Model): string {
  const { facts, sections } = model.toFile();
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const [name, section] of Object.entries(sections)) {
    hash.update(name).update(Buffer.from(section.buffer, section.byteOffset, section.byteLength));
  }
  return hash.digest('hex');
}

/** The data that bench/boosting-probe/fixture.py gives to LightGBM and scikit-learn. */
export function peerData(rows: number, seed: number): { x: FeatureMatrix; values: number[] } {
  const next = uniform(seed);
  const columns: number[][] = [[], [], []];
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    const [a, b, c] = [0, 1, 2].map(() => Math.floor(next() * 40)) as [number, number, number];
    for (const [j, value] of [a, b, c].entries()) columns[j]!.push(value);
    values.push(a * 2 + (b * b) / 20 - (c > 25 ? 15 : 0) + next() * 10);
  }
  return { x: features(columns), values };
}

export const meanSquare = (p: Float64Array, y: readonly number[]): number =>
  p.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0) / p.length;

/** Minus the mean log of the true class's probability. */
export const logLoss = (p: Float64Array, y: readonly number[]): number => {
  const width = p.length / y.length;
  return -y.reduce((sum, k, i) => sum + Math.log(p[i * width + k]!), 0) / y.length;
};
