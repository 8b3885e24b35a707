import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';

const route = routeFor<ApiDeps>();

const finding = z
  .looseObject({})
  .meta({ id: 'Finding', description: 'Something that DynamoDB and S3 disagree on' });

export const adminRoutes: Route<ApiDeps>[] = [
  route({
    id: 'reconcile',
    method: 'POST',
    path: '/admin/reconcile',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: 'Find, and with `fix` mend, what a crash left inconsistent',
    request: { body: z.strictObject({ fix: z.boolean().optional() }).optional() },
    responses: {
      200: {
        description: 'What was found',
        schema: z.object({ fixed: z.boolean(), findings: z.array(finding) }),
      },
    },
    handle: async (context) => {
      const fix = context.body?.fix ?? false;
      const findings = await context.deps.reconcile(callerOf(context).workspace, { fix });
      return { body: { fixed: fix, findings } };
    },
  }),
];
