import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { keepSnapshots } from '../keep-snapshots.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, stageTransition, stageWord, versionParam } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const reason = z.string().max(1000).optional();
const policy = z.object({ model: z.string(), requireStaging: z.boolean() }).meta({ id: 'ModelPolicy' });

/** Stages of versions, and the policy that binds them. */
export const modelStageRoutes: Route<ApiDeps>[] = [
  route({
    id: 'transitionStage',
    method: 'PUT',
    path: '/models/{name}/versions/{version}/stage',
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: 'Move a version to a stage; to Production moves the alias `production` in the same transaction',
    request: {
      params: z.object({ name: nameParam, version: versionParam }),
      body: z.strictObject({
        stage: stageWord,
        archiveExisting: z
          .boolean()
          .optional()
          .meta({ description: 'Archive the other versions of Staging or Production with it' }),
        expectedStage: stageWord.optional(),
        reason,
      }),
    },
    responses: {
      200: { description: 'Where it is now', schema: stageTransition },
      409: {
        description:
          'It is in another stage than expected, the policy of the model demands Staging first, or the stage is full',
      },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const { name, version } = params;
      const { reason = 'moved by a caller', ...rest } = body;
      const done = await deps.registry.transitionStage(workspace, {
        model: name,
        version,
        actor,
        reason,
        ...rest,
      });
      await keepSnapshots(deps, workspace, name, [version, ...done.archived]);
      const { previousStage, archived, model } = done;
      return {
        body: { model: name, version, stage: body.stage, previousStage, archived, aliases: model.aliases },
      };
    },
  }),
  route({
    id: 'getPolicy',
    method: 'GET',
    path: '/models/{name}/policy',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'What the versions of a model must have been through',
    request: { params: z.object({ name: nameParam }) },
    responses: { 200: { description: 'The policy', schema: policy } },
    handle: async (context) => {
      const { name } = context.params;
      const model = await context.deps.registry.getModel(callerOf(context).workspace, name);
      return { body: { model: name, ...model.policy } };
    },
  }),
  route({
    id: 'setPolicy',
    method: 'PUT',
    path: '/models/{name}/policy',
    // Not for operators: who promotes is not who sets the rule for promoting.
    permission: 'admin',
    fn: 'api',
    tag: 'registry',
    summary: 'Let only versions in Staging come to hold `production`, or any again',
    request: {
      params: z.object({ name: nameParam }),
      body: z.strictObject({ requireStaging: z.boolean(), reason }),
    },
    responses: { 200: { description: 'The policy from now on', schema: policy } },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const { requireStaging, reason = 'set by a caller' } = body;
      const model = await deps.registry.setPolicy(workspace, {
        model: params.name,
        requireStaging,
        actor,
        reason,
      });
      const newest = model.latestVersion === 0 ? [] : [String(model.latestVersion)];
      await keepSnapshots(deps, workspace, params.name, newest);
      return { body: { model: params.name, ...model.policy } };
    },
  }),
];
