import { NotFoundError } from '../../errors/index.ts';
import { InvalidNameError } from '../../tracking/index.ts';
import type { ApiDeps } from '../deps.ts';
import { keepSnapshots } from '../keep-snapshots.ts';
import type { Route } from '../route.ts';
import { invalidParameter, MlflowError } from './errors.ts';
import { string } from './fields.ts';
import { versionWithAliases } from './registry-message.ts';
import { asked, checkAliasName, checkName, checkNewAlias, modelOf, versionOf } from './registry-rules.ts';
import { mlflowRoute } from './route.ts';

const PATH = '/api/2.0/mlflow/registered-models/alias';
const name = string('string', 'required');

export const modelAliasRoutes: Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowSetAlias',
    method: 'POST',
    path: PATH,
    permission: 'operate',
    summary: 'Move an alias to a version; with `production` the stages follow',
    fields: { name, alias: name, version: name },
    handle: async ({ deps, workspace, input, principal }) => {
      const { alias } = input;
      const name = checkName(input.name);
      checkNewAlias(alias);
      const version = versionOf(input.version);
      const before = await deps.registry.getModel(workspace, name).catch(noneIfGone);
      await asked({ name, version }, () =>
        deps.registry.moveAlias(workspace, {
          model: name,
          alias,
          version,
          actor: principal.name,
          reason: 'set by an MLflow client',
        }),
      );
      await keepSnapshots(deps, workspace, name, [version, before?.aliases[alias]]);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteAlias',
    method: 'DELETE',
    path: PATH,
    permission: 'operate',
    summary: 'Take an alias away; the version that loses `production` is archived',
    fields: { name, alias: name },
    handle: async ({ deps, workspace, input, principal }) => {
      const { alias } = input;
      const name = checkName(input.name);
      checkAliasName(alias);
      const by = { actor: principal.name, reason: 'deleted by an MLflow client' };
      await modelOf(deps.registry, workspace, name);
      try {
        const gone = { model: name, alias, ...by };
        const done = await asked({ name }, () => deps.registry.deleteAlias(workspace, gone));
        await keepSnapshots(deps, workspace, name, [done.previousVersion]);
      } catch (error) {
        // A name that no alias can have is nobody's alias: there is nothing to take away.
        if (!(error instanceof InvalidNameError)) throw error;
      }
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowGetVersionByAlias',
    method: 'GET',
    path: PATH,
    permission: 'read',
    summary: 'The version that holds an alias; `latest` is the newest',
    fields: { name, alias: name },
    handle: async ({ deps, workspace, input }) => {
      const { alias } = input;
      const name = checkName(input.name);
      checkAliasName(alias);
      const model = await modelOf(deps.registry, workspace, name);
      const latest = alias.toLowerCase() === 'latest';
      if (latest && model.latestVersion === 0) {
        throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Latest version not found for model ${name}.`);
      }
      const version = latest ? String(model.latestVersion) : model.aliases[alias];
      if (version === undefined) throw invalidParameter(`Registered model alias ${alias} not found.`);
      const found = await asked({ name, version }, () => deps.registry.getVersion(workspace, name, version));
      return { model_version: versionWithAliases(model, found) };
    },
  }),
];

function noneIfGone(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}
