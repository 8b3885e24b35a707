import { BadDefinitionError } from '../../errors/index.ts';
import { quantile, stepBetween } from '../../table/profile.ts';
import type { FeatureMatrix } from '../types.ts';

/** The values that a feature is set to in turn. */
export interface Axis {
  feature: string;
  kind: 'number' | 'category';
  /** What the points are called: the numbers, or the categories' names. */
  labels: (number | string)[];
  /** Columns that are set: for each the place of the feature, and its value at each point. */
  settings: { column: number; values: Float64Array }[];
}

const POINTS = 20;
/** Most categories; of more, those with most rows. */
const MOST_CATEGORIES = 30;

/**
 * How a feature is varied. A number: its different values where there are at most 20, else 20 points at equal steps from
 * its 5 % to its 95 % quantile (scikit-learn's choice, with fewer points). A native category: its names. What several
 * columns were made of one (`origins`): one-hot columns together, as names; a number with its indicator of missing values.
 *
 * @param feature name of a column, or of the origin of several
 * @param grid the points instead: numbers, or names of categories
 * @throws BadDefinitionError where there is no such feature or category, or it is several columns in another way, as a date
 */
export function axisOf(
  x: FeatureMatrix,
  feature: string,
  options: { grid?: readonly (number | string)[] | undefined; origins?: readonly string[] | undefined } = {},
): Axis {
  const { grid, origins = x.names } = options;
  const places = [...x.names.keys()].filter((j) => origins[j] === feature);
  const own = x.names.indexOf(feature);
  if (places.length === 0 && own < 0) refuse(`there is no feature ${JSON.stringify(feature)}`);
  const prefix = `${feature}=`;
  if (places.length > 0 && places.every((j) => x.names[j]!.startsWith(prefix))) {
    return oneHotAxis(x, feature, places, grid);
  }
  if (own < 0) refuse(`${JSON.stringify(feature)} is several columns, which cannot be varied as one`);
  const names = x.categories?.[own];
  if (names !== undefined) return categoryAxis(x, feature, own, names, grid);
  const points = Float64Array.from(grid ?? numberGrid(x.columns[own]!), Number);
  if (points.length === 0 || points.some(Number.isNaN)) refuse(`the grid of ${feature} is not numbers`);
  // Beside itself a number is the origin only of the column that says where it was missing.
  const indicators = places.filter((j) => j !== own);
  return {
    feature,
    kind: 'number',
    labels: [...points],
    settings: [
      { column: own, values: points },
      ...indicators.map((column) => ({ column, values: new Float64Array(points.length) })),
    ],
  };
}

function oneHotAxis(x: FeatureMatrix, feature: string, places: number[], grid?: Names): Axis {
  const names = places.map((j) => x.names[j]!.slice(feature.length + 1));
  const rows = places.map((j) => x.columns[j]!.reduce((sum, value) => sum + value, 0));
  const chosen = chooseCategories(feature, names, rows, grid);
  return {
    feature,
    kind: 'category',
    labels: chosen.map((code) => names[code]!),
    settings: places.map((column, code) => ({
      column,
      values: Float64Array.from(chosen, (other) => Number(other === code)),
    })),
  };
}

function categoryAxis(
  x: FeatureMatrix,
  feature: string,
  column: number,
  names: readonly string[],
  grid?: Names,
): Axis {
  const rows = new Array<number>(names.length).fill(0);
  for (const code of x.columns[column]!) if (code >= 0) rows[code]!++;
  const chosen = chooseCategories(feature, names, rows, grid);
  return {
    feature,
    kind: 'category',
    labels: chosen.map((code) => names[code]!),
    settings: [{ column, values: Float64Array.from(chosen) }],
  };
}

type Names = readonly (number | string)[] | undefined;

/** The codes of the grid's names; without a grid of all, or of the 30 with most rows, in their own order. */
function chooseCategories(
  feature: string,
  names: readonly string[],
  rows: readonly number[],
  grid: Names,
): number[] {
  if (grid === undefined) {
    return [...names.keys()]
      .sort((a, b) => rows[b]! - rows[a]! || a - b)
      .slice(0, MOST_CATEGORIES)
      .sort((a, b) => a - b);
  }
  return grid.map((name) => {
    const code = names.indexOf(String(name));
    return code >= 0 ? code : refuse(`${feature} has no category ${JSON.stringify(name)}`);
  });
}

function numberGrid(column: Float64Array): number[] {
  const sorted = column.filter(Number.isFinite).sort();
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (distinct.length === 0) return [0];
  if (distinct.length <= POINTS) return [...distinct];
  const [low, high] = [quantile(sorted, 0.05), quantile(sorted, 0.95)];
  if (low === high) return [...new Set([sorted[0]!, low, sorted.at(-1)!])];
  return Array.from({ length: POINTS }, (_, i) => stepBetween(low, high, i, POINTS - 1));
}

function refuse(what: string): never {
  throw new BadDefinitionError(what, {
    field: 'feature',
    remedy: 'Name a feature of the model, one of its columns, or values that it has.',
  });
}
