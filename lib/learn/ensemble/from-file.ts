import * as z from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import { parseFacts, section } from '../params.ts';
import type { FeatureCategories, Model, ModelParts, Task } from '../types.ts';
import { MOST_CATEGORIES } from './build.ts';
import type { Ensemble, Leaves } from './ensemble.ts';
import { slotBitsFor } from './ensemble.ts';
import { links } from './links.ts';
import { ensembleModel } from './model.ts';
import { checkTrees } from './validate.ts';

/** What the manifest says of the model, beside its parts. */
export interface EnsembleShape {
  algorithm: string;
  task: Task;
  features: readonly string[];
  classes: readonly string[];
  categories?: FeatureCategories | undefined;
}

const layoutSchema = z.strictObject({
  aggregate: z.enum(['mean', 'sum']),
  leaves: z.enum(['value', 'distribution']),
  link: z.enum(links),
  outputs: z.int().min(1).max(65_536),
  slotBits: z.int().min(1).max(31),
  range: z.tuple([z.number(), z.number()]).optional(),
});
/** The algorithm's own facts beside these are its own matter. */
const factsSchema = z.looseObject({ notes: z.array(z.string()), ensemble: layoutSchema });
type Layout = z.output<typeof layoutSchema>;

/**
 * The model of a file. Its arrays are used where they lie; one pass over them makes sure that no walk can leave a
 * tree or go round in it, and that every answer is a finite number or a distribution.
 *
 * @throws IntegrityError where a section is missing, of another type, or holds what training never writes
 * @example
 * fromFile: (parts, shape) => ensembleFromFile(parts, { ...shape, algorithm: 'random-forest' })
 */
export function ensembleFromFile(parts: ModelParts, shape: EnsembleShape): Model {
  const { notes, ensemble: layout, ...facts } = parseFacts(factsSchema, parts);
  const ensemble = readEnsemble(parts, layout, shape);
  checkTrees(ensemble);
  const importance = section(parts, 'importance', Float64Array, shape.features.length);
  const total = importance.reduce((sum, share) => sum + share, 0);
  if (!importance.every((share) => share >= 0) || !(total === 0 || Math.abs(total - 1) < 1e-6)) {
    throw new IntegrityError('the importances of the model file are no shares');
  }
  const { link, range } = layout;
  if (range !== undefined && !(range[0] <= range[1])) {
    throw new IntegrityError('the range of the model file is none');
  }
  try {
    return ensembleModel({ ...shape, ensemble, importance, facts, notes, link, range });
  } catch (cause) {
    throw new IntegrityError('the trees of the model file do not fit its features and classes', { cause });
  }
}

function readEnsemble(parts: ModelParts, layout: Layout, { features }: EnsembleShape): Ensemble {
  const { aggregate, outputs, slotBits } = layout;
  const featureCount = features.length;
  const roots = section(parts, 'roots', Uint32Array);
  const trees = roots.length - 1;
  const count = roots[trees] ?? 0;
  const categoryCounts = section(parts, 'categoryCounts', Uint16Array, featureCount);
  const categorical = categoryCounts.some((categories) => categories > 0);
  const base = section(parts, 'base', Float64Array, outputs);
  const sound =
    trees >= (aggregate === 'mean' ? 1 : 0) &&
    slotBits === slotBitsFor(featureCount, categorical) &&
    categoryCounts.every((categories) => categories <= MOST_CATEGORIES) &&
    base.every((value) => Number.isFinite(value) && (aggregate === 'sum' || value === 0));
  if (!sound) throw new IntegrityError('the trees of the model file are not of this layout');
  return {
    featureCount,
    outputs,
    slotBits,
    roots,
    nodes: section(parts, 'nodes', Uint32Array, 2 * count),
    cover: section(parts, 'cover', Float32Array, count),
    sets: section(parts, 'sets', Uint32Array),
    categoryCounts,
    leaves: readLeaves(parts, layout, count, trees),
    aggregate,
    base,
  };
}

function readLeaves(parts: ModelParts, { leaves }: Layout, count: number, trees: number): Leaves {
  if (leaves === 'value') {
    return {
      kind: 'value',
      values: section(parts, 'values', Float32Array, count),
      treeOutputs: section(parts, 'treeOutputs', Uint16Array, trees),
    };
  }
  return {
    kind: 'distribution',
    rows: section(parts, 'rows', Int32Array, count),
    table: section(parts, 'table', Float32Array),
    tableStarts: section(parts, 'tableStarts', Uint32Array, trees + 1),
  };
}
