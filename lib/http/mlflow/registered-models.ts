import { type ModelVersion, parseStage, type RegisteredModel } from '../../tracking/index.ts';
import { compareText } from '../../tracking/search/index.ts';
import type { ApiDeps } from '../deps.ts';
import { keepSnapshots } from '../keep-snapshots.ts';
import type { Route } from '../route.ts';
import { entry } from './entries.ts';
import { invalidParameter } from './errors.ts';
import { int64, repeated, string } from './fields.ts';
import { latestOf, modelMessage, versionWithAliases } from './registry-message.ts';
import { asked, checkName, checkTag, modelOf, refusePrompt, tagsOf } from './registry-rules.ts';
import { type MlflowContext, mlflowRoute } from './route.ts';
import { checkTagKey } from './rules.ts';

const PATH = '/api/2.0/mlflow/registered-models';
const name = string('string', 'required');

/** How many models' newest versions are read at once for a page of a search. */
const AT_ONCE = 16;

/** The model with its newest versions, as MLflow shows it. */
async function shown(deps: ApiDeps, workspace: string, name: string): Promise<object> {
  const found = await asked({ name }, () => deps.registry.modelWithVersions(workspace, name));
  return { registered_model: modelMessage(found.model, latestOf(found.versions)) };
}

const latestFields = { name, stages: repeated(string(), 'array') } as const;

/** GET and POST ask the same. The stages are MLflow's, in any case; none is all. */
async function latestVersions({ deps, workspace, input }: MlflowContext<ApiDeps, typeof latestFields>) {
  const { stages } = input;
  checkName(input.name);
  const found = await asked(input, () => deps.registry.modelWithVersions(workspace, input.name));
  const wanted = new Set<string>(stages.map(stageOf));
  const versions = latestOf(found.versions).filter(({ stage }) => stages.length === 0 || wanted.has(stage));
  if (versions.length === 0) return {};
  return { model_versions: versions.map((version) => versionWithAliases(found.model, version)) };
}

/** MLflow knows four stages, and not our `Development`. @throws MlflowError */
export function stageOf(word: string) {
  try {
    if (word.toLowerCase() !== 'development') return parseStage(word);
  } catch {
    // In MLflow's words below.
  }
  throw invalidParameter(
    `Invalid Model Version stage: ${word}. Value must be one of None, Staging, Production, Archived.`,
  );
}

const byStage = (a: ModelVersion, b: ModelVersion): number => compareText(a.stage, b.stage);

/** A page's models with their newest versions; one that went meanwhile is left out. */
async function withLatest(
  deps: ApiDeps,
  workspace: string,
  models: readonly RegisteredModel[],
): Promise<object[]> {
  const shown: object[] = [];
  for (let from = 0; from < models.length; from += AT_ONCE) {
    const some = await Promise.all(
      models.slice(from, from + AT_ONCE).map(async (model) => {
        const none: ModelVersion[] = [];
        const { versions } =
          model.latestVersion === 0
            ? { versions: none }
            : await deps.registry.modelWithVersions(workspace, model.name).catch(() => ({ versions: none }));
        // In a search MLflow's database gives them by stage.
        return modelMessage(model, latestOf(versions).sort(byStage));
      }),
    );
    shown.push(...some);
  }
  return shown;
}

export const registeredModelRoutes: Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowCreateRegisteredModel',
    method: 'POST',
    path: `${PATH}/create`,
    permission: 'log',
    summary: 'Register a model',
    fields: { name, tags: repeated(entry, 'array'), description: string('string') },
    handle: async ({ deps, workspace, input }) => {
      checkName(input.name);
      const tags = tagsOf(input.tags);
      refusePrompt(tags);
      const { description } = input;
      const model = await asked(input, () =>
        deps.registry.createNewModel(workspace, {
          name: input.name,
          tags,
          ...(description && { description }),
        }),
      );
      return { registered_model: modelMessage(model, []) };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetRegisteredModel',
    method: 'GET',
    path: `${PATH}/get`,
    permission: 'read',
    summary: 'A registered model, its aliases and the newest version of each stage',
    fields: { name },
    handle: ({ deps, workspace, input }) => shown(deps, workspace, checkName(input.name)),
  }),
  mlflowRoute({
    id: 'mlflowSearchRegisteredModels',
    method: 'GET',
    path: `${PATH}/search`,
    permission: 'read',
    summary: 'Search registered models',
    fields: {
      filter: string('string'),
      max_results: int64('int', { holds: (value) => Number(value) <= 1_000 }),
      order_by: repeated(string(), 'array'),
      page_token: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { filter, max_results: most = 100, order_by: orderBy, page_token: pageToken } = input;
      const found = await deps.registry.searchModels(workspace, {
        filter,
        maxResults: Math.max(0, most),
        orderBy,
        pageToken,
      });
      const models = await withLatest(deps, workspace, found.items);
      return {
        registered_models: models.length === 0 ? undefined : models,
        next_page_token: found.nextPageToken,
      };
    },
  }),
  mlflowRoute({
    id: 'mlflowUpdateRegisteredModel',
    method: 'PATCH',
    path: `${PATH}/update`,
    permission: 'log',
    summary: 'Describe a registered model',
    fields: { name, description: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const { name, description = '' } = input;
      checkName(name);
      await asked(input, () => deps.registry.setDescription(workspace, { model: name }, description));
      return shown(deps, workspace, name);
    },
  }),
  mlflowRoute({
    id: 'mlflowRenameRegisteredModel',
    method: 'POST',
    path: `${PATH}/rename`,
    permission: 'operate',
    summary: 'Rename a registered model: versions, aliases, stages and audit go with it',
    fields: { name, new_name: name },
    handle: async ({ deps, workspace, input, principal }) => {
      const newName = checkName(input.new_name, 'new_name');
      await modelOf(deps.registry, workspace, checkName(input.name));
      const reason = 'renamed by an MLflow client';
      await asked({ name: newName }, () =>
        deps.registry.renameModel(workspace, { model: input.name, newName, actor: principal.name, reason }),
      );
      await keepSnapshotsOfAll(deps, workspace, newName);
      return shown(deps, workspace, newName);
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteRegisteredModel',
    method: 'DELETE',
    path: `${PATH}/delete`,
    permission: 'operate',
    summary: 'Delete a registered model with all of its versions',
    fields: { name },
    handle: async ({ deps, workspace, input }) => {
      checkName(input.name);
      await asked(input, () => deps.registry.deleteModel(workspace, input.name));
      return {};
    },
  }),
  ...(['GET', 'POST'] as const).map((method) =>
    mlflowRoute({
      id: `mlflowLatestVersions${method === 'GET' ? '' : 'Post'}`,
      method,
      path: `${PATH}/get-latest-versions`,
      permission: 'read',
      summary: 'The newest version of each stage',
      fields: latestFields,
      handle: latestVersions,
    }),
  ),
  mlflowRoute({
    id: 'mlflowSetRegisteredModelTag',
    method: 'POST',
    path: `${PATH}/set-tag`,
    permission: 'log',
    summary: 'Set a tag of a registered model',
    fields: { name, key: name, value: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const { name, key, value = '' } = input;
      checkName(name);
      checkTag(key, value);
      refusePrompt({ [key]: value });
      await asked(input, () =>
        deps.registry.changeTags(workspace, { model: name }, { set: { [key]: value } }),
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteRegisteredModelTag',
    method: 'DELETE',
    path: `${PATH}/delete-tag`,
    permission: 'log',
    summary: 'Delete a tag of a registered model',
    fields: { name, key: name },
    handle: async ({ deps, workspace, input }) => {
      const { name, key } = input;
      checkName(name);
      checkTagKey(key);
      await asked(input, () => deps.registry.changeTags(workspace, { model: name }, { remove: [key] }));
      return {};
    },
  }),
];

/** Snapshots of a model's runs name it: after a rename all of them are written again. */
async function keepSnapshotsOfAll(deps: ApiDeps, workspace: string, model: string): Promise<void> {
  const { versions } = await deps.registry.modelWithVersions(workspace, model);
  for (let from = 0; from < versions.length; from += AT_ONCE) {
    const some = versions.slice(from, from + AT_ONCE);
    await Promise.all(some.map(({ version }) => keepSnapshots(deps, workspace, model, [version])));
  }
}
