import { exampleRow, inputColumns, type RowsOfModel } from './example-row.ts';
import type { CategoryProfile, NumericProfile } from './profile.ts';
import { seededRandom } from './random.ts';
import type { ColumnSpec } from './types.ts';

/** Decimal places beyond which a drawn number looks made up. */
const DIGITS = 4;

/**
 * Rows that look like those of the training and are none of them: each column is drawn by itself from its profile (numbers
 * along their quantiles, categories by their frequency), so that no row of anybody's data leaves the model file. A column
 * without a profile has the value of {@link exampleRow}. The same model and seed give the same rows, all of which the
 * model takes.
 *
 * @example
 * sampleRows(model, { count: 2, seed: 1 }); // [{ area: 71.3, rooms: 4 }, { area: 128.9, rooms: 6 }]
 */
export function sampleRows(
  model: RowsOfModel,
  { count, seed }: { count: number; seed: number },
): Record<string, unknown>[] {
  const random = seededRandom(seed);
  const profiles = new Map(model.profile?.columns.map((column) => [column.name, column]));
  const typical = exampleRow(model);
  const columns = inputColumns(model);
  return Array.from({ length: count }, () =>
    Object.fromEntries(
      columns.map((column) => {
        const profile = profiles.get(column.name);
        const drawn = profile === undefined ? undefined : draw(column, profile, random());
        return [column.name, drawn ?? typical[column.name]];
      }),
    ),
  );
}

/** The value at this share (0 to 1) of the column's rows; undefined where no row had one. */
function draw(column: ColumnSpec, profile: NumericProfile | CategoryProfile, share: number): unknown {
  if ('categories' in profile) return categoryAt(profile, share);
  if (column.kind === 'boolean') return profile.mean === null ? undefined : share < profile.mean;
  const value = numberAt(profile, share);
  if (value === undefined) return undefined;
  if (column.kind === 'date') return new Date(value).toISOString();
  return rounded(column.kind, value, profile);
}

function categoryAt({ categories }: CategoryProfile, share: number): string | undefined {
  // Of those that are listed: what the rest were, the profile does not say.
  let left = share * categories.reduce((sum, { count }) => sum + count, 0);
  for (const { value, count } of categories) {
    left -= count;
    if (left < 0) return value;
  }
  return categories.at(-1)?.value;
}

/** Straight lines between the quantiles that are known, the least and the greatest value among them. */
function numberAt({ min, max, quantiles }: NumericProfile, share: number): number | undefined {
  if (min === null || max === null) return undefined;
  const points = [{ p: 0, value: min }, ...quantiles, { p: 1, value: max }];
  const next = points.findIndex(({ p }) => p > share);
  const high = points[next === -1 ? points.length - 1 : next] as { p: number; value: number };
  const low = points[Math.max(0, (next === -1 ? points.length - 1 : next) - 1)] as typeof high;
  const part = high.p === low.p ? 0 : (share - low.p) / (high.p - low.p);
  return low.value * (1 - part) + high.value * part;
}

/** Never outside what training saw, which the schema's bounds hold too. */
function rounded(kind: ColumnSpec['kind'], value: number, { min, max }: NumericProfile): number {
  const short = kind === 'integer' ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(max as number, Math.max(min as number, short)) + 0;
}
