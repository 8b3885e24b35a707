import * as z from 'zod';

const figures = z.record(z.string(), z.number());
const task = z.enum(['classification', 'regression']);
const sampled = {
  of: z.number().int().meta({ description: 'Test rows that there are' }),
  notes: z.array(z.string()).meta({ description: 'What was left out, and why' }),
};

const evaluation = z.object({
  task,
  rows: z.number().int(),
  metrics: figures,
  classes: z.array(z.string()).optional(),
  confusion: z
    .array(z.array(z.number()))
    .optional()
    .meta({ description: 'One row a true class, one column a predicted one' }),
  perClass: z
    .array(
      z.looseObject({
        name: z.string(),
        precision: z.number(),
        recall: z.number(),
        f1: z.number(),
        support: z.number(),
      }),
    )
    .optional(),
  residuals: z
    .object({ of: z.number().int(), actual: z.array(z.number()), predicted: z.array(z.number()) })
    .optional()
    .meta({ description: 'Every nth test row, 2,000 at most' }),
});

const importance = z.looseObject({
  metric: z.string(),
  features: z.array(z.looseObject({ feature: z.string(), mean: z.number(), std: z.number() })),
  ...sampled,
});

const shap = z.looseObject({
  score: z.enum(['probability', 'margin', 'value']),
  base: z.array(z.number()),
  classes: z.array(z.string()),
  rows: z.number().int(),
  features: z.array(z.object({ feature: z.string(), mean: z.number(), perOutput: z.array(z.number()) })),
  ...sampled,
});

const dependence = z.looseObject({
  rows: z.number().int(),
  features: z.array(
    z.object({
      feature: z.string(),
      kind: z.enum(['number', 'category']),
      labels: z.array(z.union([z.number(), z.string()])),
      classes: z.array(z.string()),
      average: z.array(z.number()).meta({ description: 'Points × classes; 1 for a regression' }),
    }),
  ),
  ...sampled,
});

const candidates = z.array(
  z.looseObject({
    item: z.number().int(),
    algorithm: z.string(),
    params: z.record(z.string(), z.unknown()),
    modelSha256: z.string(),
    sizeBytes: z.number(),
    rows: z.number(),
    validation: figures,
  }),
);

/** The forms of the reports, as the evaluation stage writes them. */
export const reportParts = { evaluation, importance, shap, dependence, candidates };

export const runReport = z.object({
  evaluation: evaluation.optional(),
  importance: importance.optional(),
  shap: shap.optional(),
  dependence: dependence.optional(),
  candidates: candidates.optional(),
});

/** What an evaluation found. A part that the run does not have is absent. */
export type RunReport = z.output<typeof runReport>;
