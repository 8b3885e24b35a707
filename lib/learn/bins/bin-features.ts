import type { KernelMemory } from '../kernel/host.ts';
import type { Team } from '../kernel/team.ts';
import type { FeatureMatrix } from '../types.ts';
import { type Bins, MAX_CODES } from './bins.ts';
import { binCategories } from './categories.ts';
import { binOnKernel } from './on-kernel.ts';
import { binColumn } from './plain.ts';

export interface BinOptions {
  /** Codes that a numeric column may have, the one for missing values among them: 2 to 256. */
  maxBins?: number;
  /** Weight of each row, for edges at quantiles of weight. */
  weights?: Float64Array | undefined;
  /** Where the codes shall lie, and who makes them: the kernel `bins` on all threads of the team. Else plain TypeScript. */
  on?: { memory: KernelMemory; team: Team };
}

/**
 * Features as bytes. The same codes and edges with the kernel as without, on any number of threads.
 *
 * @example
 * const bins = binFeatures(canonicalOrder(x), { on: { memory, team } });
 * bins.codes[f * bins.rows + i]; // row i of feature f
 */
export function binFeatures(x: FeatureMatrix, options: BinOptions = {}): Bins {
  const { on, weights, maxBins = MAX_CODES } = options;
  const rows = x.rowCount;
  const width = x.columns.length;
  const numeric = x.columns.map((_, f) => f).filter((f) => x.categories?.[f] === undefined);
  const codesAt = on === undefined ? 0 : on.memory.alloc(Math.max(1, rows * width));
  const kernel = on === undefined ? undefined : binOnKernel(x, numeric, { maxBins, weights, codesAt, ...on });
  const codes = on === undefined ? new Uint8Array(rows * width) : on.memory.uint8(codesAt, rows * width);

  const valueBins = new Uint16Array(width);
  const hasMissing = new Uint8Array(width);
  const categorical = new Uint8Array(width);
  const categoryCounts = new Uint16Array(width);
  const coarse = new Uint8Array(width);
  const values: (Float32Array | undefined)[] = x.columns.map(() => undefined);
  const valuesAt = new Uint32Array(width);
  const edges: Float32Array[] = x.columns.map(() => new Float32Array(0));
  const notes: string[] = [];
  for (const [k, f] of numeric.entries()) {
    const own = codes.subarray(f * rows, (f + 1) * rows);
    const made = kernel?.[k] ?? binColumn(x.columns[f]!, rows, maxBins, weights, own);
    edges[f] = made.edges;
    valueBins[f] = made.edges.length + 1;
    hasMissing[f] = Number(made.hasMissing);
    coarse[f] = Number(made.coarse);
    values[f] = made.values;
    valuesAt[f] = made.valuesAt ?? 0;
  }
  const categories = x.categories?.map((names, f) => {
    if (names === undefined) return undefined;
    const own = codes.subarray(f * rows, (f + 1) * rows);
    const made = binCategories(x.names[f]!, x.columns[f]!, names, weights, own);
    categorical[f] = 1;
    categoryCounts[f] = made.kept.length;
    // A column that is missing throughout has no category: a code that never comes keeps V at 1 or more.
    valueBins[f] = Math.max(1, made.kept.length);
    hasMissing[f] = Number(made.hasMissing);
    if (made.kept.length === 0) own.fill(1);
    if (made.note !== undefined) notes.push(made.note);
    return made.kept;
  });
  return {
    rows,
    featureCount: width,
    codes,
    codesAt,
    valueBins,
    hasMissing,
    edges,
    values,
    valuesAt,
    coarse,
    categorical,
    categoryCounts,
    categories,
    notes,
  };
}
