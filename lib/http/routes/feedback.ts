import * as z from 'zod';
import type { GivenLabel } from '../../serving/monitor/index.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, requestIdParam } from '../schemas.ts';

const route = routeFor<ApiDeps>();

const label = z
  .union([z.string().min(1).max(1000), z.number(), z.boolean()])
  .meta({ description: 'What turned out to be true: a value of the target' });
const requestId = requestIdParam.meta({ description: 'As the prediction answered it' });
const row = z.int().min(0).max(999_999).meta({ description: 'Place in the request, from 0' });

/** Requests of one call: each is a transaction, and the gateway waits for 29 s. */
const MOST_ITEMS = 500;

const feedbackBody = z
  .union(
    [
      z.strictObject({ requestId, label }),
      z.strictObject({ requestId, labels: z.array(label).min(1).max(1_000) }),
      z.strictObject({
        items: z
          .array(z.strictObject({ requestId, row: row.optional(), label }))
          .min(1)
          .max(MOST_ITEMS),
      }),
    ],
    { error: 'send requestId and label, requestId and labels, or items, each a requestId, row and label' },
  )
  .meta({
    id: 'Feedback',
    description:
      'The label of a one-row request, those of a request in the order of its rows, or labels of several requests',
    examples: [{ requestId: '0123456789abcdef', label: 'yes' }],
  });

function givenLabels(body: z.output<typeof feedbackBody>): GivenLabel[] {
  if ('items' in body) {
    return body.items.map((item, i) => ({ row: 0, ...item, field: `items[${i}].label` }));
  }
  const { requestId: id } = body;
  if ('label' in body) return [{ requestId: id, row: 0, label: body.label, field: 'label' }];
  return body.labels.map((one, i) => ({ requestId: id, row: i, label: one, field: `labels[${i}]` }));
}

export const feedbackRoutes: Route<ApiDeps>[] = [
  route({
    id: 'giveFeedback',
    method: 'POST',
    path: '/models/{name}/feedback',
    permission: 'predict',
    fn: 'api',
    tag: 'serving',
    summary: 'Tell what turned out to be true of logged predictions; sending it again changes nothing',
    request: { params: z.object({ name: nameParam }), body: feedbackBody },
    responses: {
      200: {
        description: 'All of it is stored; metrics count it within minutes',
        schema: z
          .object({
            accepted: z.number().int().meta({ description: 'Rows that had no label before' }),
            corrected: z.number().int().meta({ description: 'Rows whose label was another' }),
            unchanged: z.number().int().meta({ description: 'Rows that had this label already' }),
          })
          .meta({ id: 'FeedbackAnswer' }),
      },
      404: { description: 'This model answered no such request: nothing is stored' },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace } = callerOf(context);
      return { body: { ...(await deps.monitoring.feedback(workspace, params.name, givenLabels(body))) } };
    },
  }),
];
