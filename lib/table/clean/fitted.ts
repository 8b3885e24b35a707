import * as z from 'zod';
import { DATE_PARTS } from './steps.ts';

/** JSON has neither -0 nor non-finite numbers; all others survive it exactly. */
const finite = z.number();
const kind = z.enum(['number', 'integer', 'boolean', 'category', 'text', 'date']);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const columnSpecSchema = z.object({
  name: z.string(),
  kind,
  categories: z.array(z.string()).optional(),
  numericCategories: z.boolean().optional(),
  minimum: finite.optional(),
  maximum: finite.optional(),
  exclusiveMinimum: finite.optional(),
  exclusiveMaximum: finite.optional(),
  default: cell.optional(),
  nullable: z.boolean(),
  description: z.string().optional(),
});

/** A row schema as JSON. */
export const rowSchemaSchema = z.object({ columns: z.array(columnSpecSchema) });

const fittedStepSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('drop'), columns: z.array(z.string()) }),
  z.object({
    step: z.literal('fill'),
    fills: z.array(
      z.object({
        column: z.string(),
        value: z.union([finite, z.string()]),
        /** The 0/1 column that says where a value was missing. */
        indicator: z.string().optional(),
      }),
    ),
  }),
  z.object({
    step: z.literal('scale'),
    method: z.enum(['standard', 'min-max']),
    /** x becomes (x - offset) / scale. */
    scales: z.array(
      z.object({ column: z.string(), offset: finite, scale: finite.refine((value) => value !== 0) }),
    ),
  }),
  z.object({
    step: z.literal('encode'),
    method: z.enum(['onehot', 'ordinal', 'label']),
    unknown: z.enum(['ignore', 'error']),
    encodings: z.array(
      z.object({
        column: z.string(),
        categories: z.array(z.string()),
        /** Training had missing values: they are a value of their own, after the categories. */
        missing: z.boolean(),
      }),
    ),
  }),
  z.object({
    step: z.literal('group'),
    columns: z.array(z.string()),
    /** The first group that holds a code is its group. */
    groups: z.array(
      z.object({
        name: z.string(),
        ranges: z.array(z.tuple([finite, finite])),
        prefixes: z.array(z.string()),
      }),
    ),
    other: z.string(),
  }),
  z
    .object({
      step: z.literal('dateParts'),
      columns: z.array(z.string()),
      parts: z.array(z.enum(DATE_PARTS)),
      /** What the parts' names begin with, one a column, where that is not the column's own name. */
      stems: z.array(z.string()).optional(),
    })
    .refine(({ columns, stems }) => stems === undefined || stems.length === columns.length, {
      message: 'stems has one name a column',
      path: ['stems'],
    }),
]);

/** What training learnt about the columns: JSON, validated on load, applied the same in training and prediction. */
export const fittedPreprocessingSchema = z.object({
  format: z.literal('arboleda-preprocessing'),
  version: z.literal(1),
  /** The target's name; it is never a feature. */
  target: z.string(),
  /** The rows as the pipeline declares them, the target among them. */
  schema: rowSchemaSchema,
  /** The columns that the steps begin with, in order. */
  input: z.array(z.string()),
  steps: z.array(fittedStepSchema),
  /** The features that come out, in order. */
  output: z.array(z.object({ name: z.string(), kind })),
  /** Training rows that it was fitted on. */
  rows: z.int().min(0),
});

export type FittedPreprocessing = z.infer<typeof fittedPreprocessingSchema>;
export type FittedStep = FittedPreprocessing['steps'][number];
export type FittedOf<S extends FittedStep['step']> = Extract<FittedStep, { step: S }>;
