import * as z from 'zod';
import { ForbiddenError } from '../../errors/index.ts';
import { ROLES } from '../../tracking/types.ts';
import { type ApiDeps, PUBLIC_WORKSPACE } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { timestamp, token, workspaceName } from '../schemas.ts';

const route = routeFor<ApiDeps>();

const workspace = z.object({ name: z.string(), createdAt: timestamp }).meta({ id: 'Workspace' });

const createBody = z.strictObject({
  name: workspaceName,
  role: z.enum(ROLES).default('admin').meta({ description: "The first token's" }),
});

export const workspaceRoutes: Route<ApiDeps>[] = [
  route({
    id: 'createWorkspace',
    method: 'POST',
    path: '/workspaces',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: 'Make a workspace and its first token, whose text is shown this once',
    request: { body: createBody },
    responses: {
      201: {
        description: 'The workspace, the token and its record',
        schema: z.object({ workspace, token: z.string(), record: token }),
      },
      409: { description: 'There is one by that name' },
    },
    handle: async (context) => {
      const { deps, body } = context;
      const caller = callerOf(context);
      if (caller.workspace !== PUBLIC_WORKSPACE) {
        throw new ForbiddenError(`an admin of ${caller.workspace} makes no workspace`, {
          remedy: `Ask an admin of the workspace ${PUBLIC_WORKSPACE}.`,
        });
      }
      const made = await deps.workspaces.create(body.name);
      const first = await deps.tokens.create(body.name, { role: body.role, name: `first of ${body.name}` });
      return { status: 201, body: { workspace: made, ...first } };
    },
  }),
  route({
    id: 'listWorkspaces',
    method: 'GET',
    path: '/workspaces',
    permission: 'admin',
    fn: 'api',
    tag: 'access',
    summary: "The workspaces there are; to an admin of one that is not the deploy's, its own alone",
    responses: { 200: { description: 'By name', schema: z.object({ workspaces: z.array(workspace) }) } },
    handle: async (context) => {
      const own = callerOf(context).workspace;
      const all = await context.deps.workspaces.list();
      const seen = own === PUBLIC_WORKSPACE ? all : all.filter(({ name }) => name === own);
      return { body: { workspaces: seen } };
    },
  }),
];
