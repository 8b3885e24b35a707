import * as z from 'zod';
import { inputColumns } from '../table/example-row.ts';
import type { CategoryProfile, NumericProfile } from '../table/profile.ts';
import type { DocumentedModel } from './model-schemas.ts';

/** So many of a column's categories are told: a form shows few. */
const TOLD_CATEGORIES = 20;

/** What the training rows held of a column, for whoever fills in a form. */
export const trainingColumn = z
  .object({
    name: z.string(),
    missing: z.number().meta({ description: 'Share of the rows without a value, 0 to 1' }),
    distinct: z.number().int(),
    range: z
      .object({ minimum: z.number(), median: z.number(), maximum: z.number() })
      .optional()
      .meta({ description: 'Of numbers; dates are epoch milliseconds' }),
    histogram: z
      .object({ edges: z.array(z.number()), counts: z.array(z.number().int()) })
      .optional()
      .meta({ description: '`counts[i]` rows lie from `edges[i]` to `edges[i + 1]`' }),
    categories: z
      .array(z.object({ value: z.string(), share: z.number() }))
      .optional()
      .meta({ description: `The most frequent first, at most ${TOLD_CATEGORIES}` }),
  })
  .meta({ id: 'TrainingColumn' });
export type TrainingColumn = z.infer<typeof trainingColumn>;

/** Of each column that the model takes; empty for a model without a profile, as those from elsewhere are. */
export function trainingColumns(model: DocumentedModel): TrainingColumn[] {
  const { profile } = model;
  if (profile === undefined) return [];
  const seen = new Map(profile.columns.map((column) => [column.name, column]));
  return inputColumns(model).flatMap(({ name }) => {
    const column = seen.get(name);
    if (column === undefined) return [];
    const { distinct, missing } = column;
    const base = { name, distinct, missing: profile.rows === 0 ? 0 : missing / profile.rows };
    return [{ ...base, ...('categories' in column ? categoriesOf(column) : numbersOf(column)) }];
  });
}

function categoriesOf({ categories, count }: CategoryProfile): Pick<TrainingColumn, 'categories'> {
  return {
    categories: categories
      .slice(0, TOLD_CATEGORIES)
      .map((one) => ({ value: one.value, share: one.count / count })),
  };
}

function numbersOf({ min, max, quantiles, histogram }: NumericProfile): Partial<TrainingColumn> {
  const median = quantiles.find(({ p }) => p === 0.5)?.value;
  if (min === null || max === null || median === undefined) return {};
  return { range: { minimum: min, median, maximum: max }, histogram };
}
