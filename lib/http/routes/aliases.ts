import * as z from 'zod';
import { CHAMPION } from '../../serving/index.ts';
import type { RegisteredModel } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import { changeOnce, keepSnapshots } from '../keep-snapshots.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { aliasMove, nameParam } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const version = z.string().regex(/^[1-9]\d{0,8}$/, 'a version number from 1, as a string');
const reason = z.string().max(1000).optional();

export const aliasRoutes: Route<ApiDeps>[] = [
  route({
    id: 'moveAlias',
    method: 'PUT',
    path: '/models/{name}/aliases/{alias}',
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary:
      'Promote: move an alias to a version, with an audit record, in one transaction; with `production` the stages follow',
    request: {
      params: z.object({ name: nameParam, alias: nameParam }),
      body: z.strictObject({
        version,
        expectedVersion: version
          .nullable()
          .optional()
          .meta({ description: 'Move only if the alias holds this version now; null: holds none' }),
        reason,
      }),
    },
    responses: {
      200: { description: 'What the alias holds now', schema: aliasMove },
      409: {
        description:
          'The alias holds another version than expected, or the version is not in Staging as the policy demands',
      },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const { name: model, alias } = params;
      const before = await held(deps, workspace, model, alias);
      const moved = await deps.registry.moveAlias(workspace, {
        model,
        alias,
        version: body.version,
        expectedVersion: body.expectedVersion === undefined ? before : body.expectedVersion,
        actor,
        reason: body.reason ?? 'promoted by a caller',
      });
      await keepSnapshots(deps, workspace, model, [moved.aliases[alias], before]);
      return { body: moveOf(moved, alias, before) };
    },
  }),
  route({
    id: 'rollback',
    method: 'POST',
    path: '/models/{name}/rollback',
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: 'Move an alias back to the version that held it before',
    request: {
      params: z.object({ name: nameParam }),
      body: z
        .strictObject({
          alias: nameParam.optional(),
          reason,
          expectedVersion: version
            .optional()
            .meta({ description: 'Only if the alias holds this version now; with it a repeat does no more' }),
          withData: z
            .boolean()
            .optional()
            .meta({ description: 'Also give the pipeline back the bytes that the version was trained on' }),
        })
        .optional(),
    },
    responses: {
      200: { description: 'What the alias holds now', schema: aliasMove },
      409: { description: 'There is no version to go back to' },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const alias = body?.alias ?? CHAMPION;
      const { expectedVersion } = body ?? {};
      if (body?.withData) {
        const { name: model } = params;
        const text = body.reason ?? 'rolled back by a caller, with its data';
        const back = { model, alias, actor, reason: text, ...(expectedVersion && { expectedVersion }) };
        const done = await changeOnce(deps, workspace, model, () => deps.datasets.rollBack(workspace, back));
        await keepSnapshots(deps, workspace, model, [done.model.aliases[alias], done.previousVersion]);
        return { body: { ...moveOf(done.model, alias, done.previousVersion), data: done.data } };
      }
      const before = expectedVersion ?? (await held(deps, workspace, params.name, alias));
      const back = {
        model: params.name,
        alias,
        actor,
        reason: body?.reason ?? 'rolled back by a caller',
        expectedVersion: before,
      };
      const moved = await changeOnce(deps, workspace, params.name, () =>
        deps.registry.rollback(workspace, back),
      );
      await keepSnapshots(deps, workspace, params.name, [moved.aliases[alias], before]);
      return { body: moveOf(moved, alias, before) };
    },
  }),
];

/** The version that the alias holds now; the move is refused where another caller was faster. */
async function held(deps: ApiDeps, workspace: string, model: string, alias: string): Promise<string | null> {
  return (await deps.registry.getModel(workspace, model)).aliases[alias] ?? null;
}

function moveOf(model: RegisteredModel, alias: string, previousVersion: string | null) {
  const { name, aliases } = model;
  return { model: name, alias, version: aliases[alias], previousVersion, aliases };
}
