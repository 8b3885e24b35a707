import * as z from 'zod';
import { ForbiddenError, InvalidInputError } from '../../errors/index.ts';
import { ROLES } from '../../tracking/types.ts';
import { type ApiDeps, PUBLIC_WORKSPACE } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { token, tokenIdParam, workspaceName } from '../schemas.ts';

const route = routeFor<ApiDeps>();

const createBody = z.strictObject({
  role: z.enum(ROLES),
  name: z
    .string()
    .max(100)
    .regex(/^[^\p{C}]*[^\p{C}\s][^\p{C}]*$/u, '1 to 100 visible characters, not spaces alone'),
  workspace: workspaceName.optional().meta({ description: "Default: the caller's own" }),
  expiresAt: z.iso.datetime().optional(),
});

export const tokenRoutes: Route<ApiDeps>[] = [
  route({
    id: 'createToken',
    method: 'POST',
    path: '/tokens',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: 'Make a token; its text is shown this once',
    request: { body: createBody },
    responses: {
      201: {
        description: 'The token and its record',
        schema: z.object({ token: z.string(), record: token }),
      },
    },
    handle: async (context) => {
      const { deps, body } = context;
      const caller = callerOf(context);
      const { workspace = caller.workspace, role, name, expiresAt } = body;
      // The admins of the workspace that the deploy made open the others; no other admin reaches out of its own.
      if (workspace !== caller.workspace && caller.workspace !== PUBLIC_WORKSPACE) {
        throw new ForbiddenError(`a token of workspace ${caller.workspace} makes no token of another`, {
          field: 'workspace',
          remedy: `Ask an admin of the workspace ${PUBLIC_WORKSPACE}.`,
        });
      }
      if (expiresAt !== undefined && Date.parse(expiresAt) <= deps.clock.now().getTime()) {
        throw new InvalidInputError('expiresAt is in the past', { field: 'expiresAt' });
      }
      if (workspace !== caller.workspace) await deps.workspaces.ensure(workspace);
      const made = await deps.tokens.create(workspace, {
        role,
        name,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      return { status: 201, body: made };
    },
  }),
  route({
    id: 'listTokens',
    method: 'GET',
    path: '/tokens',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: 'Tokens of the workspace, without their text',
    responses: { 200: { description: 'All of them', schema: z.object({ tokens: z.array(token) }) } },
    handle: async (context) => ({
      body: { tokens: await context.deps.tokens.list(callerOf(context).workspace) },
    }),
  }),
  route({
    id: 'revokeToken',
    method: 'DELETE',
    path: '/tokens/{id}',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: 'Revoke a token; it is refused from the next request on',
    request: { params: z.object({ id: tokenIdParam }) },
    responses: { 204: { description: 'Revoked, now or before' } },
    handle: async (context) => {
      await context.deps.tokens.revoke(callerOf(context).workspace, context.params.id);
      return { status: 204 };
    },
  }),
];
