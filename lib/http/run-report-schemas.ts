import * as z from 'zod';

const number = z.number().nullable();

/** A column as `profileTable` describes it. */
export const columnProfile = z
  .looseObject({
    name: z.string(),
    kind: z.string(),
    count: z.number().int().meta({ description: 'Rows with a value' }),
    missing: z.number().int(),
    distinct: z.number().int(),
    min: number.optional(),
    max: number.optional(),
    mean: number.optional(),
    std: number.optional(),
    quantiles: z.array(z.object({ p: z.number(), value: z.number() })).optional(),
    histogram: z.object({ edges: z.array(z.number()), counts: z.array(z.number()) }).optional(),
    categories: z.array(z.object({ value: z.string(), count: z.number() })).optional(),
    other: z.number().optional().meta({ description: 'Rows of the categories that are not listed' }),
  })
  .meta({ id: 'ColumnProfile' });

export const lineageGraph = z
  .object({
    nodes: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['source', 'dataset', 'definition', 'run', 'candidate', 'model', 'version', 'alias']),
        label: z.string(),
        detail: z.string().optional(),
        ref: z.string().optional().meta({ description: 'A SHA-256, a run, NAME/VERSION, or a model' }),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string().optional() })),
    omitted: z.number().int().meta({ description: 'Candidates that are not drawn' }),
  })
  .meta({ id: 'LineageGraph' });

const costLine = z.object({
  service: z.enum(['lambda', 'step-functions', 's3', 'dynamodb']),
  what: z.string(),
  quantity: z.number(),
  unit: z.string(),
  price: z.number().meta({ description: 'US dollars a unit' }),
  cost: z.number(),
});

export const costEstimate = z
  .object({
    runId: z.string(),
    final: z.boolean().meta({ description: 'false while the run goes on' }),
    currency: z.literal('USD'),
    region: z.string(),
    pricesAt: z.string().meta({ description: 'The day of which the prices are' }),
    sources: z.array(z.string()),
    total: z.number(),
    lines: z.array(costLine),
    storage: z.object({ bytes: z.number(), perMonth: z.number() }),
    assumptions: z.array(z.string()),
    notIncluded: z.array(z.string()),
  })
  .meta({ id: 'CostEstimate' });
