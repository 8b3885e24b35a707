import type { FeatureMetadata } from './metadata.ts';
import type { CodeMaps } from './plain-tree.ts';
import type { OnnxTrees } from './tree-attributes.ts';

/** Categories that a set can hold beside what is missing. */
const MOST_CATEGORIES = 255;
/** What an export here asks for where a set is empty: no category has that code. */
const NOTHING = -1;

/** Which features are categories, their names, and the code of each value that stands for one. */
export interface ReadCategories {
  /** One entry a feature; undefined for numbers. */
  categories: (readonly string[] | undefined)[];
  codes: CodeMaps;
  /** How many are named by their numbers, as the file gives no names. */
  unnamed: number;
}

/**
 * A feature that is asked for by equality alone is a category here: converters write categorical splits like that
 * (LightGBM's as chains of BRANCH_EQ). Its names are those in the metadata, where they fit, else the values that nodes
 * ask for. A value that no node asks for is unknown to the model: every BRANCH_EQ answers it with false, as a set does.
 */
export function readCategories(
  ensembles: readonly OnnxTrees[],
  featureCount: number,
  { categories: known }: FeatureMetadata,
): ReadCategories {
  const { values, compared } = askedValues(ensembles, featureCount);
  const categories: (readonly string[] | undefined)[] = [];
  const codes: (ReadonlyMap<number, number> | undefined)[] = [];
  let unnamed = 0;
  for (let f = 0; f < featureCount; f++) {
    const asked = [...values[f]!].sort((a, b) => a - b);
    const names = known?.[f];
    if (compared.has(f)) push(undefined, undefined);
    else if (names !== undefined && namesFit(names, asked))
      push(names, new Map(names.map((_, code) => [code, code])));
    else if (asked.length > 0 && asked.length <= MOST_CATEGORIES && asked.every(Number.isFinite)) {
      unnamed++;
      push(asked.map(String), new Map(asked.map((value, code) => [value, code])));
    } else push(undefined, undefined);
  }
  return { categories, codes, unnamed };

  function push(names: readonly string[] | undefined, map: ReadonlyMap<number, number> | undefined): void {
    categories.push(names);
    codes.push(map);
  }
}

/** Whether codes into these names are all that the nodes ask for. */
const namesFit = (names: readonly string[], asked: readonly number[]): boolean =>
  names.length > 0 &&
  names.length <= MOST_CATEGORIES &&
  new Set(names).size === names.length &&
  asked.every(
    (value) => value === NOTHING || (Number.isInteger(value) && value >= 0 && value < names.length),
  );

/** The values that each feature is asked to equal, and the features that some node compares by size. */
function askedValues(
  ensembles: readonly OnnxTrees[],
  featureCount: number,
): { values: Set<number>[]; compared: Set<number> } {
  const values = Array.from({ length: featureCount }, () => new Set<number>());
  const compared = new Set<number>();
  for (const { trees } of ensembles) {
    for (const { mode, feature, value } of trees) {
      for (let i = 0; i < mode.length; i++) {
        if (mode[i] === 'LEAF') continue;
        // -0 and 0 are one value.
        if (mode[i] === 'BRANCH_EQ' || mode[i] === 'BRANCH_NEQ') values[feature[i]!]!.add(value[i]! + 0);
        else compared.add(feature[i]!);
      }
    }
  }
  return { values, compared };
}
