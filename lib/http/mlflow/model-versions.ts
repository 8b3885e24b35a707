import { randomUUID } from 'node:crypto';
import { isActive, type ModelVersion, sourceOf } from '../../tracking/index.ts';
import type { ApiDeps } from '../deps.ts';
import { keepSnapshotOfRun, keepSnapshots } from '../keep-snapshots.ts';
import type { Route } from '../route.ts';
import { entry } from './entries.ts';
import { MlflowError } from './errors.ts';
import { bool, int64, repeated, string } from './fields.ts';
import { pyDumps } from './python.ts';
import { stageOf } from './registered-models.ts';
import { versionMessage, versionWithAliases } from './registry-message.ts';
import { asked, checkName, checkTag, modelOf, refusePrompt, tagsOf, versionOf } from './registry-rules.ts';
import { mlflowRoute } from './route.ts';
import { checkMaxResults, checkTagKey } from './rules.ts';
import { originOf } from './version-source.ts';

const PATH = '/api/2.0/mlflow/model-versions';
const name = string('string', 'required');
const subject = { name, version: name } as const;

/** The most that one search gives, and what it gives where nothing is said. */
const MAX_VERSIONS = 200_000;
/** An answer of the function is 6 MB at most: what does not fit goes onto the next page. */
const MAX_PAGE = 4_000;

/** The tag of a logged model that lists the versions made of it. */
const VERSIONS_TAG = 'mlflow.modelVersions';

/** A version as it is read, with its aliases. @throws MlflowError */
async function shown(deps: ApiDeps, workspace: string, name: string, version: string): Promise<object> {
  const found = await asked({ name, version }, () => deps.registry.getVersion(workspace, name, version));
  return { model_version: versionWithAliases(await modelOf(deps.registry, workspace, name), found) };
}

const checked = (input: { name: string; version: string }) => ({
  name: checkName(input.name),
  version: versionOf(input.version),
});

/** Adds the version to the list that its logged model keeps. */
async function linkToModel(deps: ApiDeps, workspace: string, version: ModelVersion): Promise<void> {
  const { modelId, name } = version;
  if (modelId === undefined) return;
  const one = { name, version: Number(version.version) };
  await deps.loggedModels.changeTag(workspace, modelId, VERSIONS_TAG, (before) => {
    const others = listOf(before).filter((other) => JSON.stringify(other) !== JSON.stringify(one));
    return pyDumps([...others, one]);
  });
}

/** A client may have set the tag to any text: what is no list counts as an empty one, for the version is made by then. */
function listOf(text: string | undefined): unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

export const modelVersionRoutes: Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowCreateModelVersion',
    method: 'POST',
    path: `${PATH}/create`,
    permission: 'log',
    summary: 'Register a version of a model',
    fields: {
      name,
      source: name,
      run_id: string('string'),
      tags: repeated(entry, 'array'),
      run_link: string('string'),
      description: string('string'),
      model_id: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { run_link: runLink, description = '' } = input;
      const given = { source: input.source, runId: input.run_id, modelId: input.model_id };
      const { own, ...origin } = await originOf(deps, workspace, given);
      checkName(input.name);
      const tags = tagsOf(input.tags);
      refusePrompt(tags);
      const version = await asked({ name: input.name }, () =>
        deps.registry.createVersion(workspace, input.name, {
          // The same request twice makes two versions, as in MLflow; one request makes one, however often its writes are tried.
          identity: randomUUID(),
          ...origin,
          ...own,
          ...(runLink && { runLink }),
          description,
          tags,
        }),
      );
      await linkToModel(deps, workspace, version);
      return { model_version: versionMessage(version) };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetModelVersion',
    method: 'GET',
    path: `${PATH}/get`,
    permission: 'read',
    summary: 'A version of a model',
    fields: subject,
    handle: ({ deps, workspace, input }) => {
      const { name, version } = checked(input);
      return shown(deps, workspace, name, version);
    },
  }),
  mlflowRoute({
    id: 'mlflowSearchModelVersions',
    method: 'GET',
    path: `${PATH}/search`,
    permission: 'read',
    summary: 'Search versions of all models',
    fields: {
      filter: string('string'),
      max_results: int64('int', { holds: (value) => Number(value) <= MAX_VERSIONS }),
      order_by: repeated(string(), 'array'),
      page_token: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { filter, max_results: most = MAX_VERSIONS, order_by: orderBy, page_token: pageToken } = input;
      if (most < 1) {
        const message = `Invalid value for max_results. It must be a positive integer, but got ${most}`;
        throw new MlflowError('INVALID_PARAMETER_VALUE', message);
      }
      const maxResults = Math.min(checkMaxResults(most, MAX_VERSIONS), MAX_PAGE);
      const found = await deps.registry.searchVersions(workspace, { filter, maxResults, orderBy, pageToken });
      return {
        model_versions:
          found.items.length === 0 ? undefined : found.items.map((version) => versionMessage(version)),
        next_page_token: found.nextPageToken,
      };
    },
  }),
  mlflowRoute({
    id: 'mlflowUpdateModelVersion',
    method: 'PATCH',
    path: `${PATH}/update`,
    permission: 'log',
    summary: 'Describe a version of a model',
    fields: { ...subject, description: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const { name, version } = checked(input);
      await asked({ name, version }, () =>
        deps.registry.setDescription(workspace, { model: name, version }, input.description),
      );
      return shown(deps, workspace, name, version);
    },
  }),
  mlflowRoute({
    id: 'mlflowTransitionStage',
    method: 'POST',
    path: `${PATH}/transition-stage`,
    permission: 'operate',
    summary: 'Move a version to a stage; to Production moves the alias `production` in the same transaction',
    fields: { ...subject, stage: name, archive_existing_versions: bool('bool') },
    handle: async ({ deps, workspace, input, principal }) => {
      const stage = stageOf(input.stage);
      const archiveExisting = input.archive_existing_versions ?? false;
      if (archiveExisting && !isActive(stage)) {
        // MLflow's server calls this one an error of its own, and so its clients expect it.
        const message = `Model version transition cannot archive existing model versions because '${input.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`;
        throw new MlflowError('INTERNAL_ERROR', message);
      }
      const { name, version } = checked(input);
      const done = await asked({ name, version }, () =>
        deps.registry.transitionStage(workspace, {
          model: name,
          version,
          stage,
          archiveExisting,
          actor: principal.name,
          reason: 'moved by an MLflow client',
        }),
      );
      await keepSnapshots(deps, workspace, name, [version, ...done.archived]);
      return shown(deps, workspace, name, version);
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteModelVersion',
    method: 'DELETE',
    path: `${PATH}/delete`,
    permission: 'operate',
    summary: 'Delete a version of a model; the aliases that it holds go with it',
    fields: subject,
    handle: async ({ deps, workspace, input, principal }) => {
      const { name, version } = checked(input);
      const gone = await asked({ name, version }, () => deps.registry.getVersion(workspace, name, version));
      const by = { actor: principal.name, reason: 'deleted by an MLflow client' };
      const model = await asked({ name, version }, () =>
        deps.registry.deleteVersion(workspace, { model: name, version, ...by }),
      );
      await keepSnapshotOfRun(deps, workspace, gone.runId);
      await keepSnapshots(
        deps,
        workspace,
        name,
        model.latestVersion === 0 ? [] : [String(model.latestVersion)],
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowGetDownloadUri',
    method: 'GET',
    path: `${PATH}/get-download-uri`,
    permission: 'read',
    summary: 'Where the files of a version are',
    fields: { name: string(), version: string() },
    handle: async ({ deps, workspace, input }) => {
      const { name, version } = checked({ name: input.name ?? '', version: input.version ?? '' });
      const found = await asked({ name, version }, () => deps.registry.getVersion(workspace, name, version));
      return { artifact_uri: found.storageLocation ?? sourceOf(found) };
    },
  }),
  mlflowRoute({
    id: 'mlflowSetModelVersionTag',
    method: 'POST',
    path: `${PATH}/set-tag`,
    permission: 'log',
    summary: 'Set a tag of a version',
    fields: { ...subject, key: name, value: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const { key, value = '' } = input;
      const { name, version } = checked(input);
      checkTag(key, value);
      await asked({ name, version }, () =>
        deps.registry.changeTags(workspace, { model: name, version }, { set: { [key]: value } }),
      );
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteModelVersionTag',
    method: 'DELETE',
    path: `${PATH}/delete-tag`,
    permission: 'log',
    summary: 'Delete a tag of a version',
    fields: { ...subject, key: name },
    handle: async ({ deps, workspace, input }) => {
      const { name, version } = checked(input);
      checkTagKey(input.key);
      await asked({ name, version }, () =>
        deps.registry.changeTags(workspace, { model: name, version }, { remove: [input.key] }),
      );
      return {};
    },
  }),
];
