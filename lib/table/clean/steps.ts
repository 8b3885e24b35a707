import * as z from 'zod';

/** `numeric`: numbers and integers; `categorical`: categories and text; `all`: both, and booleans and dates. Never the target. */
const columnsSchema = z.union([z.enum(['numeric', 'categorical', 'all']), z.array(z.string().min(1)).min(1)]);
export type ColumnSelector = z.infer<typeof columnsSchema>;

export const DATE_PARTS = [
  'year',
  'month',
  'day',
  'weekday',
  'hour',
  'dayOfYear',
  'isoWeekday',
  'epochDay',
] as const;
export type DatePart = (typeof DATE_PARTS)[number];

const codeGroupSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Whole numbers from the first to the last, both in it; 250 holds 250.83 too. */
    ranges: z
      .array(
        z
          .tuple([z.number().min(0), z.number().min(0)])
          .refine(([from, to]) => from <= to, 'from lies after to'),
      )
      .optional(),
    /** What a code of it begins with. */
    prefixes: z.array(z.string().min(1)).optional(),
  })
  .refine(
    ({ ranges = [], prefixes = [] }) => ranges.length + prefixes.length > 0,
    'a group needs ranges or prefixes',
  );
/** Codes that count as one value. */
export type CodeGroup = z.infer<typeof codeGroupSchema>;

/** One clean step: plain JSON, so that it is hashed with the definition and kept with the model. */
export const cleanStepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('drop-columns'), columns: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ step: z.literal('drop-duplicates') }),
  z
    .strictObject({
      step: z.literal('fill-missing'),
      columns: columnsSchema,
      strategy: z.enum(['median', 'mode', 'constant']),
      value: z.union([z.number(), z.string()]).optional(),
      indicator: z.boolean().optional(),
    })
    .refine(({ strategy, value }) => (strategy === 'constant') === (value !== undefined), {
      message: "strategy 'constant' needs a value, and the others take none",
      path: ['value'],
    }),
  z.strictObject({ step: z.literal('standard-scale'), columns: columnsSchema }),
  z.strictObject({ step: z.literal('min-max-scale'), columns: columnsSchema }),
  z
    .strictObject({
      step: z.literal('encode'),
      columns: columnsSchema,
      method: z.enum(['onehot', 'ordinal', 'label']),
      unknown: z.enum(['ignore', 'error']).optional(),
      order: z.record(z.string(), z.array(z.string()).min(1)).optional(),
      maxColumns: z.int().positive().optional(),
    })
    .refine(({ method, order }) => order === undefined || method === 'ordinal', {
      message: "only method 'ordinal' has an order",
      path: ['order'],
    }),
  z.strictObject({
    step: z.literal('group-codes'),
    columns: z.array(z.string().min(1)).min(1),
    groups: z.array(codeGroupSchema).min(1),
    other: z.string().min(1),
  }),
  z.strictObject({
    step: z.literal('date-parts'),
    columns: z.union([z.literal('all'), z.array(z.string().min(1)).min(1)]),
    parts: z.array(z.enum(DATE_PARTS)).min(1).optional(),
  }),
]);
export type CleanStep = z.infer<typeof cleanStepSchema>;
export type StepOf<S extends CleanStep['step']> = Extract<CleanStep, { step: S }>;

/** Leaves columns out, of training and of prediction. */
export function dropColumns(columns: string[]): CleanStep {
  return { step: 'drop-columns', columns };
}

/** Keeps the first of rows that are equal in every column, the target too. Before the split. */
export function dropDuplicates(): CleanStep {
  return { step: 'drop-duplicates' };
}

/**
 * Fills missing values with what the training rows say: their median (numbers, integers, dates), their most frequent value
 * (of equals the smallest), or a constant. `indicator` adds a 0/1 column `NAME_missing` (`NAME_missing_2` where that is taken) for each
 * column that had a missing value in training.
 *
 * @example
 * fillMissing('numeric', { strategy: 'median', indicator: true })
 */
export function fillMissing(
  columns: ColumnSelector,
  options: { strategy: 'median' | 'mode' | 'constant'; value?: number | string; indicator?: boolean },
): CleanStep {
  return { step: 'fill-missing', columns, ...options };
}

/** (x - mean) / standard deviation (of the population, as scikit-learn's StandardScaler); a constant column becomes 0. */
export function standardScale(columns: ColumnSelector): CleanStep {
  return { step: 'standard-scale', columns };
}

/** (x - minimum) / (maximum - minimum) of the training rows; a constant column becomes 0. */
export function minMaxScale(columns: ColumnSelector): CleanStep {
  return { step: 'min-max-scale', columns };
}

/**
 * Turns categories into numbers. `onehot` (the default): a 0/1 column `NAME=VALUE` for each value seen in training;
 * `ordinal`: 0, 1, 2 … in the given order, or the schema's; `label`: 0, 1, 2 … in sorted order of the values seen.
 * An unknown value is all zeros, or -1, or an error with `unknown: 'error'`. Where training had missing values,
 * "missing" is a value of its own. Integers and booleans can be encoded by naming them.
 *
 * @param options.maxColumns the most columns that one-hot may add; 1,000 unless given
 * @example
 * encode(['grade'], { method: 'ordinal', order: { grade: ['Average', 'Good', 'Excellent'] } })
 */
export function encode(
  columns: ColumnSelector,
  options: {
    method?: 'onehot' | 'ordinal' | 'label';
    unknown?: 'ignore' | 'error';
    order?: Record<string, string[]>;
    maxColumns?: number;
  } = {},
): CleanStep {
  return { step: 'encode', columns, ...options, method: options.method ?? 'onehot' };
}

/**
 * Replaces codes of a long list, such as diagnoses, by the few groups that they belong to: the first group whose ranges
 * hold the code's whole number, or one of whose prefixes it begins with; `other` (named `other` unless given) where
 * none does. A missing code stays missing.
 *
 * @example
 * groupCodes(['diag_1'], { groups: [{ name: 'circulatory', ranges: [[390, 459], [785, 785]] }, { name: 'external', prefixes: ['E', 'V'] }] })
 */
export function groupCodes(columns: string[], options: { groups: CodeGroup[]; other?: string }): CleanStep {
  return { step: 'group-codes', columns, groups: options.groups, other: options.other ?? 'other' };
}

/**
 * Replaces dates by numbers, in UTC: year, month 1-12, day 1-31, weekday 0-6 (Sunday 0), and if named hour, dayOfYear,
 * isoWeekday 1-7 (Monday 1, so that one question parts working days from weekends) and epochDay (days since 1970). The
 * columns are named `NAME_PART`; where one of those is taken, `NAME_2_PART` and so on.
 */
export function dateParts(columns: 'all' | string[], parts?: DatePart[]): CleanStep {
  return { step: 'date-parts', columns, ...(parts === undefined ? {} : { parts }) };
}
