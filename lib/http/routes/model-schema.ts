import * as z from 'zod';
import { exampleRow } from '../../serving/index.ts';
import { sampleRows } from '../../table/sample-rows.ts';
import type { ServingDeps } from '../deps.ts';
import { describeModel } from '../documented-models.ts';
import { rowJsonSchema } from '../model-schemas.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam } from '../schemas.ts';
import { selectorOfQuery, selectorQuery } from '../selector-query.ts';
import { trainingColumn, trainingColumns } from '../training-columns.ts';

const route = routeFor<ServingDeps>();

/** So many rows to try; the same of a version each time, so that two people who compare see the same. */
const SAMPLES = { count: 12, seed: 42 };

export const modelSchemaRoutes: Route<ServingDeps>[] = [
  route({
    id: 'getModelSchema',
    method: 'GET',
    path: '/models/{name}/schema',
    // Whoever may predict may know what to send.
    permission: 'token',
    fn: 'api',
    tag: 'registry',
    summary:
      'The row that a version of a model takes, as JSON Schema, with rows to try and what training saw',
    request: { params: z.object({ name: nameParam }), query: z.object(selectorQuery) },
    responses: {
      200: {
        description: 'Of the version that holds `production`, unless another is asked for',
        schema: z
          .object({
            model: z.string(),
            version: z.string(),
            target: z.string(),
            task: z.enum(['classification', 'regression']),
            tags: z
              .record(z.string(), z.string())
              .meta({ description: 'Of the version; `data.synthetic` among them' }),
            schema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of one row' }),
            example: z.record(z.string(), z.unknown()).meta({ description: 'The median row' }),
            samples: z.array(z.record(z.string(), z.unknown())).meta({
              description: "Rows to try: drawn column by column from the training profile, nobody's own",
            }),
            training: z
              .array(trainingColumn)
              .meta({ description: 'What the training rows held, by column; empty where it is not known' }),
          })
          .meta({ id: 'ModelSchema' }),
      },
      409: {
        description: 'An MLflow client registered this version: it has files, and no model to run here',
      },
      503: { description: 'No version of this model is promoted yet' },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      const loaded = await deps.serving.load(workspace, params.name, selectorOfQuery(query));
      const rows = describeModel(loaded);
      const { name, version, target } = rows;
      const { task, tags } = loaded.version;
      return {
        body: {
          model: name,
          version,
          target,
          task,
          tags,
          schema: rowJsonSchema(rows),
          example: exampleRow(rows),
          samples: sampleRows(rows, SAMPLES),
          training: trainingColumns(rows),
        },
      };
    },
  }),
];
