import * as z from 'zod';
import { CHAMPION } from '../../serving/index.ts';
import { ROLES } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import { PERMISSIONS, permissionsOf } from '../permissions.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { pageQuery } from '../schemas.ts';
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
  route({
    id: 'listMyModels',
    method: 'GET',
    path: '/me/models',
    permission: 'token',
    fn: 'api',
    tag: 'access',
    summary:
      'The models of the workspace that answer: who may predict and read nothing else learns what to ask',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description:
          'One page, by name; it may be shorter than `limit`, and `cursor` alone tells whether there is more',
        schema: z.object({
          models: z.array(
            z
              .object({
                name: z.string(),
                version: z.string().meta({ description: 'The one that holds `production`' }),
              })
              .meta({ id: 'ServedModel' }),
          ),
          cursor: z.string().optional(),
        }),
      },
    },
    handle: async (context) => {
      const { workspace } = callerOf(context);
      const { items, ...rest } = await context.deps.registry.listModels(workspace, context.query);
      const models = items.flatMap(({ name, aliases }) => {
        const version = aliases[CHAMPION];
        return version === undefined ? [] : [{ name, version }];
      });
      return { body: { models, ...rest } };
    },
  }),
];
