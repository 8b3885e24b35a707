import { z } from 'zod';
import { ROLES } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import { PERMISSIONS, permissionsOf } from '../permissions.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import type { Me } from '../types.ts';

const route = routeFor<ApiDeps>();

const me = z
  .object({
    workspace: z.string(),
    role: z.enum(ROLES),
    name: z.string().meta({ description: "The token's, as given when it was made" }),
    tokenId: z.string(),
    permissions: z.array(z.enum(PERMISSIONS)),
  })
  .meta({ id: 'Me' });

export const meRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getMe',
    method: 'GET',
    path: '/me',
    permission: 'token',
    fn: 'api',
    tag: 'access',
    summary: "Who the request's token is: its workspace, its role, and what that role may do",
    responses: { 200: { description: 'The caller', schema: me } },
    handle: (context) => {
      const { workspace, role, name, tokenId } = callerOf(context);
      const body: Me = { workspace, role, name, tokenId, permissions: permissionsOf(role) };
      return { body };
    },
  }),
];
