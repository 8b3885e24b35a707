import { BadDefinitionError } from '../../errors/index.ts';
import type { FeatureCategories, Model } from '../types.ts';
import { MOST_CATEGORIES } from './build.ts';
import type { Ensemble } from './ensemble.ts';
import { slotBitsFor } from './ensemble.ts';
import { ensembleModel } from './model.ts';
import { type Alignment, alignedTrees, putTogether } from './realign.ts';

type Forest = Model & { ensemble: Ensemble };

/**
 * One forest of the trees of several, which were each grown on rows of their own: the mean over all trees. Where each
 * forest has as many trees, that is the mean of the forests' answers; else a forest counts by its trees.
 *
 * Features, classes and categories are put right by name. A category that one forest never saw goes, in its trees, the
 * way that a missing value goes, as that forest alone would send it; so the merged forest asks every row exactly what the
 * single ones ask.
 *
 * @throws BadDefinitionError where there is no forest, or they are of other tasks, features or kinds of features, or
 *   one feature has more than 255 categories in all
 * @example
 * const merged = mergeForests(batches.map((rows) => randomForest.fit(rows.x, rows.y, params, { seed: 42 })));
 */
export function mergeForests(models: readonly Model[]): Model {
  const forests = models.map(asForest);
  const [first] = forests;
  if (first === undefined) refuse('there is none to merge');
  const { algorithm, task, features } = first;
  for (const forest of forests) requireAlike(forest, first);
  const classes = unionOf(forests.map((forest) => forest.classes));
  const categories = features.map((name) => categoriesOf(name, forests));
  const categorical = categories.some((names) => names !== undefined);
  const slotBits = slotBitsFor(features.length, categorical);
  const aligned = forests.map((forest) =>
    alignedTrees(forest.ensemble, alignment(forest, { features, classes, categories, slotBits })),
  );
  const trees = forests.map(({ ensemble }) => ensemble.roots.length - 1);
  return ensembleModel({
    algorithm,
    task,
    features,
    ...(categorical ? { categories } : {}),
    classes,
    ensemble: putTogether(aligned, {
      featureCount: features.length,
      outputs: Math.max(1, classes.length),
      slotBits,
      categoryCounts: Uint16Array.from(categories, (names) => names?.length ?? 0),
    }),
    importance: meanImportance(forests, trees, features),
    facts: { trees: trees.reduce((sum, count) => sum + count, 0), mergedTrees: trees },
    notes: [...new Set(forests.flatMap(({ notes }) => notes))],
    link: task === 'classification' ? 'none' : 'identity',
    range: task === 'regression' ? hull(forests) : undefined,
  });
}

function asForest(model: Model): Forest {
  if (model.ensemble?.aggregate === 'mean') return model as Forest;
  return refuse(`a model of ${model.algorithm} is no forest`);
}

function requireAlike(forest: Forest, first: Forest): void {
  if (forest.task !== first.task || forest.ensemble.leaves.kind !== first.ensemble.leaves.kind) {
    refuse(`one predicts by ${forest.task}, another by ${first.task}`);
  }
  const names = new Set(forest.features);
  const missing = first.features.find((name) => !names.has(name));
  if (missing !== undefined || names.size !== first.features.length) {
    refuse(
      missing === undefined
        ? `one has ${names.size} features, another ${first.features.length}`
        : `one lacks the feature ${JSON.stringify(missing)}`,
    );
  }
}

/** The names as they are where all have the same; else all of them, sorted by code unit. */
function unionOf(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = lists;
  const same = lists.every(
    (list) => list.length === first.length && list.every((name, i) => name === first[i]),
  );
  return same ? first : [...new Set(lists.flat())].sort((a, b) => (a < b ? -1 : 1));
}

function categoriesOf(name: string, forests: readonly Forest[]): readonly string[] | undefined {
  const lists = forests.map(({ features, categories }) => categories?.[features.indexOf(name)]);
  const known = lists.filter((list) => list !== undefined);
  if (known.length === 0) return undefined;
  const union = unionOf(known);
  if (union.length <= MOST_CATEGORIES) return union;
  return refuse(
    `${JSON.stringify(name)} has ${union.length} categories in all, more than ${MOST_CATEGORIES}`,
    'Group its rare categories before (groupCodes in the clean steps), or leave the merged model out.',
  );
}

function alignment(
  { features, classes, categories }: Forest,
  to: {
    features: readonly string[];
    classes: readonly string[];
    categories: FeatureCategories;
    slotBits: number;
  },
): Alignment {
  const placeOf = features.map((name) => to.features.indexOf(name));
  return {
    features: placeOf,
    classes: classes.map((name) => to.classes.indexOf(name)),
    outputs: Math.max(1, to.classes.length),
    slotBits: to.slotBits,
    categories: features.map((_, f) => {
      const union = to.categories[placeOf[f]!];
      const own = categories?.[f];
      return union?.map((name) => own?.indexOf(name) ?? -1);
    }),
  };
}

/** Each forest's shares by its trees, as shares again. */
function meanImportance(forests: readonly Forest[], trees: readonly number[], features: readonly string[]) {
  const sums = new Float64Array(features.length);
  for (const [n, forest] of forests.entries()) {
    const own = forest.importance();
    for (const [f, name] of forest.features.entries()) sums[features.indexOf(name)]! += own[f]! * trees[n]!;
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return total > 0 ? sums.map((value) => value / total) : sums;
}

/** The least and the greatest target that any of them saw. */
function hull(forests: readonly Forest[]): [number, number] | undefined {
  const ranges = forests.map(
    (forest) => (forest.toFile().facts.ensemble as { range?: [number, number] }).range,
  );
  if (ranges.some((range) => range === undefined)) return undefined;
  return [Math.min(...ranges.map((range) => range![0])), Math.max(...ranges.map((range) => range![1]))];
}

function refuse(
  what: string,
  remedy = 'Merge forests of one pipeline: of the same columns and the same target.',
): never {
  throw new BadDefinitionError(`these forests cannot be merged: ${what}`, { remedy });
}
