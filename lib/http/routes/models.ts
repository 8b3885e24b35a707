import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { aliasAudit, model, modelVersion, nameParam, pageQuery, versionParam } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });

const listedModel = model
  .extend({
    production: modelVersion
      .optional()
      .meta({ description: 'The version that holds `production`, where asked for' }),
  })
  .meta({ id: 'ListedModel' });

export const modelRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listModels',
    method: 'GET',
    path: '/models',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'Registered models with their aliases',
    request: {
      query: z.object({
        ...pageQuery,
        include: z
          .literal('production')
          .optional()
          .meta({ description: 'With each the version that holds `production`' }),
      }),
    },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ models: z.array(listedModel), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { registry } = context.deps;
      const { workspace } = callerOf(context);
      const { include, ...page } = context.query;
      if (include === undefined) {
        const { items, ...rest } = await registry.listModels(workspace, page);
        return { body: { models: items, ...rest } };
      }
      const { items, production, ...rest } = await registry.listModelsInProduction(workspace, page);
      const models = items.map((one) => {
        const version = production.get(one.name);
        return version === undefined ? one : { ...one, production: version };
      });
      return { body: { models, ...rest } };
    },
  }),
  route({
    id: 'getModel',
    method: 'GET',
    path: '/models/{name}',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'One registered model',
    request: { params },
    responses: { 200: { description: 'The model', schema: model } },
    handle: async (context) => ({
      body: await context.deps.registry.getModel(callerOf(context).workspace, context.params.name),
    }),
  }),
  route({
    id: 'listVersions',
    method: 'GET',
    path: '/models/{name}/versions',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'Versions of a model, newest first',
    request: { params, query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ versions: z.array(modelVersion), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      // An unknown model is a 404, not a model without versions.
      await deps.registry.getModel(workspace, params.name);
      const { items, ...rest } = await deps.registry.listVersions(workspace, params.name, query);
      return { body: { versions: items, ...rest } };
    },
  }),
  route({
    id: 'getVersion',
    method: 'GET',
    path: '/models/{name}/versions/{version}',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'One version of a model',
    request: { params: params.extend({ version: versionParam }) },
    responses: { 200: { description: 'The version', schema: modelVersion } },
    handle: async (context) => {
      const { deps, params } = context;
      return {
        body: await deps.registry.getVersion(callerOf(context).workspace, params.name, params.version),
      };
    },
  }),
  route({
    id: 'listAliasMoves',
    method: 'GET',
    path: '/models/{name}/audit',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'Every move of an alias, transition of a stage and change of policy of a model, newest first',
    request: { params, query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ audit: z.array(aliasAudit), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { items, ...rest } = await deps.registry.audit(callerOf(context).workspace, params.name, query);
      return { body: { audit: items, ...rest } };
    },
  }),
];
