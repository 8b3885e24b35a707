import { AlreadyExistsError } from '../../errors/index.ts';
import { ExperimentDeletedError } from '../../tracking/errors.ts';
import type { Experiment } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { MlflowError } from './errors.ts';
import { message, repeated, string } from './fields.ts';
import { checkArtifactLocation } from './locations.ts';
import { mlflowRoute } from './route.ts';
import { checkExperimentTag, knownExperimentId } from './rules.ts';

const BASE = '/api/2.0/mlflow/experiments';
const experimentId = string('required', 'string');
const tag = message({ key: string(), value: string() });

/** An experiment as MLflow writes it. */
export function toMlflowExperiment(experiment: Experiment) {
  const tags = Object.entries(experiment.tags).map(([key, value]) => ({ key, value }));
  return {
    experiment_id: experiment.experimentId,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    last_update_time: Date.parse(experiment.lastUpdateTime),
    creation_time: Date.parse(experiment.createdAt),
    ...(tags.length > 0 && { tags }),
    workspace: experiment.workspace,
  };
}

export const experimentRoutes: Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowCreateExperiment',
    method: 'POST',
    path: `${BASE}/create`,
    permission: 'log',
    summary: 'Make an experiment',
    fields: {
      name: string('required', 'string'),
      artifact_location: string('string'),
      tags: repeated(tag, 'array'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { name, artifact_location: location } = input;
      if (location) checkArtifactLocation(location);
      const tags: Record<string, string> = Object.create(null);
      for (const { key = '', value = '' } of input.tags) checkExperimentTag(key, value);
      for (const { key = '', value = '' } of input.tags) {
        // MLflow's database refuses the second, and its server calls that an experiment that exists.
        if (Object.hasOwn(tags, key)) throw alreadyExists(name);
        tags[key] = value;
      }
      const made = await deps.experiments.create(workspace, {
        name,
        tags,
        ...(location && { artifactLocation: location }),
      });
      return { experiment_id: made.experimentId };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetExperiment',
    method: 'GET',
    path: `${BASE}/get`,
    permission: 'read',
    summary: 'One experiment by its id, deleted ones too',
    fields: { experiment_id: experimentId },
    handle: async ({ deps, workspace, input }) => {
      const found = await deps.experiments.get(workspace, knownExperimentId(input.experiment_id));
      return { experiment: toMlflowExperiment(found) };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetExperimentByName',
    method: 'GET',
    path: `${BASE}/get-by-name`,
    permission: 'read',
    summary: 'One experiment by its name, deleted ones too',
    fields: { experiment_name: string('required', 'string') },
    handle: async ({ deps, workspace, input }) => {
      const found = await deps.experiments.getByName(workspace, input.experiment_name);
      return { experiment: toMlflowExperiment(found) };
    },
  }),
  mlflowRoute({
    id: 'mlflowUpdateExperiment',
    method: 'POST',
    path: `${BASE}/update`,
    permission: 'log',
    summary: 'Rename an experiment',
    fields: { experiment_id: experimentId, new_name: string('string', 'required') },
    handle: async ({ deps, workspace, input }) => {
      try {
        await deps.experiments.rename(workspace, knownExperimentId(input.experiment_id), input.new_name);
      } catch (error) {
        // MLflow's own codes here: a 500 for a deleted one, and a plain bad request for a name that is taken.
        if (error instanceof ExperimentDeletedError) throw new MlflowError('INVALID_STATE', error.message);
        if (error instanceof AlreadyExistsError) throw new MlflowError('BAD_REQUEST', error.message);
        throw error;
      }
      return {};
    },
  }),
  ...(['delete', 'restore'] as const).map((verb) =>
    mlflowRoute({
      id: verb === 'delete' ? 'mlflowDeleteExperiment' : 'mlflowRestoreExperiment',
      method: 'POST',
      path: `${BASE}/${verb}`,
      permission: 'log',
      summary:
        verb === 'delete'
          ? 'Delete an experiment and its runs; both can be restored'
          : 'Restore a deleted experiment and its runs',
      fields: { experiment_id: experimentId },
      handle: async ({ deps, workspace, input }) => {
        const stage = verb === 'delete' ? 'deleted' : 'active';
        await deps.experiments.setLifecycle(workspace, knownExperimentId(input.experiment_id), stage);
        return {};
      },
    }),
  ),
  mlflowRoute({
    id: 'mlflowSetExperimentTag',
    method: 'POST',
    path: `${BASE}/set-experiment-tag`,
    permission: 'log',
    summary: 'Set a tag of an experiment',
    fields: { experiment_id: experimentId, key: string('required', 'string'), value: string('string') },
    handle: async ({ deps, workspace, input }) => {
      const { key, value = '' } = input;
      checkExperimentTag(key, value);
      await deps.experiments.setTag(workspace, knownExperimentId(input.experiment_id), key, value);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteExperimentTag',
    method: 'POST',
    path: `${BASE}/delete-experiment-tag`,
    permission: 'log',
    summary: 'Delete a tag of an experiment',
    fields: { experiment_id: experimentId, key: string('required', 'string') },
    handle: async ({ deps, workspace, input }) => {
      await deps.experiments.deleteTag(workspace, knownExperimentId(input.experiment_id), input.key);
      return {};
    },
  }),
];

const alreadyExists = (name: string): MlflowError =>
  new MlflowError('RESOURCE_ALREADY_EXISTS', `Experiment(name=${name}) already exists.`);
