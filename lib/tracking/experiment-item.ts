import { InvalidInputError } from '../errors/index.ts';
import type { Item } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key } from './keys.ts';
import type { Experiment, LifecycleStage } from './types.ts';

export const DEFAULT_ID = '0';
export const DEFAULT_NAME = 'Default';

/** Where the files of an experiment's runs are, as MLflow's clients ask for them, unless it was made with a place of its own. */
export const defaultLocation = (experimentId: string): string => `mlflow-artifacts:/${experimentId}`;

/** Experiment 0 as it is until something of it changes: it needs no item. */
export function defaultExperiment(workspace: string): Experiment {
  return {
    workspace,
    experimentId: DEFAULT_ID,
    name: DEFAULT_NAME,
    createdAt: '1970-01-01T00:00:00.000Z',
    lastUpdateTime: '1970-01-01T00:00:00.000Z',
    lifecycleStage: 'active',
    artifactLocation: defaultLocation(DEFAULT_ID),
    tags: {},
  };
}

/**
 * Of a deleted experiment nothing changes but its restore.
 * @throws {InvalidInputError} In MLflow's words.
 */
export function requireActive({ lifecycleStage, experimentId }: Experiment): void {
  if (lifecycleStage === 'active') return;
  const text = `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`;
  throw new InvalidInputError(text, { field: 'experiment_id' });
}

/** `rev` counts the writes; `cascading` names a stage that the experiment's runs are still being brought to. */
export interface Held {
  experiment: Experiment;
  rev: number;
  cascading?: LifecycleStage | undefined;
}

/** What is as it was at the start is left out, so that an item of before these attributes reads the same. */
export function toItem({ experiment, rev, cascading }: Held): Item {
  const { workspace, experimentId, name, createdAt, lastUpdateTime, lifecycleStage, artifactLocation, tags } =
    experiment;
  return {
    ...key.experiment(workspace, experimentId),
    experimentId,
    name,
    createdAt,
    tags: toText(tags),
    ...(lastUpdateTime !== createdAt && { lastUpdateTime }),
    ...(lifecycleStage !== 'active' && { lifecycleStage }),
    ...(artifactLocation !== defaultLocation(experimentId) && { artifactLocation }),
    ...(rev > 0 && { rev }),
    ...(cascading && { cascading }),
  };
}

export function fromItem(workspace: string, item: Item): Held {
  const experimentId = item.experimentId as string;
  const createdAt = item.createdAt as string;
  const cascading = item.cascading as LifecycleStage | undefined;
  return {
    experiment: {
      workspace,
      experimentId,
      name: item.name as string,
      createdAt,
      lastUpdateTime: (item.lastUpdateTime as string | undefined) ?? createdAt,
      lifecycleStage: (item.lifecycleStage as LifecycleStage | undefined) ?? 'active',
      artifactLocation: (item.artifactLocation as string | undefined) ?? defaultLocation(experimentId),
      tags: fromText(item.tags, 'experiment'),
    },
    rev: (item.rev as number | undefined) ?? 0,
    ...(cascading && { cascading }),
  };
}
