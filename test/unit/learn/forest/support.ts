import { createHash } from 'node:crypto';
import type { Grown } from '../../../../lib/learn/forest/grown.ts';
import { type ForestParams, forestParamsSchema } from '../../../../lib/learn/forest/params.ts';
import { grow } from '../../../../lib/learn/forest/train.ts';
import type { FeatureMatrix, FitOptions, Model, ModelParts, Target } from '../../../../lib/learn/index.ts';
import { uniform } from '../support.ts';

export const paramsOf = (params: Record<string, unknown> = {}): ForestParams =>
  forestParamsSchema.parse({ trees: 1, bootstrap: false, maxFeatures: 'all', ...params });

/** What was grown, as plain text: equal texts are equal bits. */
export function grownText(
  x: FeatureMatrix,
  y: Target,
  params: ForestParams,
  options: FitOptions & { plain?: boolean; from?: number; to?: number },
): string {
  const range = { from: 0, to: params.trees };
  return grow(x, y, params, { ...range, ...options }, ({ trees, votes }: Grown) =>
    JSON.stringify([
      trees.map(({ nodes, cover, leaves, table, sets, importance, full }) => [
        ...[nodes, cover, leaves, table, sets, importance].map(hexOf),
        full,
      ]),
      votes === undefined ? null : hexOf(votes),
    ]),
  );
}

const hexOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');

/** A hash of all facts and sections of a model, in their order. */
export function hashOf(model: Model | ModelParts): string {
  const { facts, sections } = 'toFile' in model ? model.toFile() : model;
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(sections)) {
    hash.update(`${name} ${byteLength}`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** A numeric column with gaps, one of categories, others plain; three classes and a number that depend on them. */
export function mixedData(rows: number, seed = 7) {
  const random = uniform(seed);
  const kinds = ['clay', 'loam', 'peat', 'sand'];
  const columns = Array.from({ length: 6 }, () => Float64Array.from({ length: rows }, random));
  columns[1] = columns[1]!.map((value) => (value < 0.1 ? Number.NaN : value));
  columns[2] = columns[2]!.map((value) => Math.floor(value * kinds.length));
  columns[3] = columns[3]!.map((value) => Math.round(value));
  const score = Float64Array.from({ length: rows }, (_, i) => {
    const gap = Number.isNaN(columns[1]![i]!) ? 0.8 : columns[1]![i]!;
    return columns[0]![i]! + gap * columns[4]![i]! + (columns[2]![i] === 2 ? 0.5 : 0) + 0.3 * random();
  });
  const x: FeatureMatrix = {
    rowCount: rows,
    names: ['a', 'b', 'c', 'd', 'e', 'f'],
    columns,
    categories: [undefined, undefined, kinds, undefined, undefined, undefined],
  };
  const classes: Target = {
    task: 'classification',
    classes: ['high', 'low', 'middle'],
    values: Int32Array.from(score, (value) => (value < 0.7 ? 1 : value < 1.2 ? 2 : 0)),
  };
  return { x, classes, numbers: { task: 'regression', values: score } satisfies Target };
}
