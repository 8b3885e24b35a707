import { InvalidInputError } from '../errors/index.ts';
import type { Item } from '../store/ports.ts';
import { StageFullError, StageMovedError, StagingRequiredError } from './errors.ts';
import { ACTIVE_STAGES, isActive, MAX_IN_STAGE, type ModelStage, PRODUCTION_ALIAS } from './model-stage.ts';
import { inStageAfter, type RegistryChange } from './registry-change.ts';
import { inStage, stackOf } from './registry-items.ts';
import { pushed } from './registry-stack.ts';
import type { ModelVersion, RegisteredModel, StageChange } from './types.ts';

/** A transition of a version to a stage. */
export interface StageTransition {
  model: string;
  version: string;
  stage: ModelStage;
  /** Archives the other versions of an active stage in the same transaction. */
  archiveExisting?: boolean;
  /** Only from this stage. */
  expectedStage?: ModelStage;
  actor: string;
  reason: string;
}

/** What a transition did. */
export interface TransitionResult {
  version: ModelVersion;
  previousStage: ModelStage;
  /** The versions that it archived. */
  archived: string[];
  model: RegisteredModel;
}

/** The version goes from the stage it is in to the other; nothing where it is there. */
export const changes = (...moves: (readonly [ModelVersion, ModelStage])[]): StageChange[] =>
  moves
    .map(([{ version, stage }, to]) => ({ version, from: stage, to }))
    .filter(({ from, to }) => from !== to);

/** Whether the version may come to hold `production`. @throws StagingRequiredError */
export function checkPolicy(held: Item, { name, version, stage }: ModelVersion): void {
  if (held.requireStaging !== true || stage === 'Staging') return;
  throw new StagingRequiredError(
    `model ${name} lets only a version in Staging go to production; version ${version} is in ${stage}`,
    { details: { model: name, version, stage } },
  );
}

interface Present {
  held: Item;
  target: ModelVersion;
  /** The version that holds `production`, if any. */
  holder: string | null;
  /** The same, where it is another one than the target. */
  loser: ModelVersion | null;
}

/**
 * What a transition changes; undefined where nothing is to change.
 *
 * @throws StageMovedError, StagingRequiredError, StageFullError, InvalidInputError
 */
export function transitionChange(present: Present, transition: StageTransition): RegistryChange | undefined {
  const { held, target, holder, loser } = present;
  const { model, version, stage, archiveExisting = false, expectedStage, actor, reason } = transition;
  if (archiveExisting && !isActive(stage)) {
    throw new InvalidInputError(
      `only ${ACTIVE_STAGES.join(' and ')} have versions to archive, not ${stage}`,
      {
        field: 'archiveExisting',
      },
    );
  }
  const promotes = stage === 'Production' && holder !== version;
  const demotes = stage !== 'Production' && holder === version;
  const stages = changes([target, stage], ...(archiveExisting ? archived(present, stage) : []));
  if (stages.length === 0 && !promotes && !demotes) return undefined;
  if (expectedStage !== undefined && target.stage !== stage && target.stage !== expectedStage) {
    throw new StageMovedError(
      `version ${version} of model ${model} is in ${target.stage}, not ${expectedStage}`,
      {
        details: { expectedStage, current: target.stage },
      },
    );
  }
  if (promotes) checkPolicy(held, target);
  if (isActive(stage) && inStageAfter(held, stage, stages).length > MAX_IN_STAGE) {
    throw new StageFullError(`${MAX_IN_STAGE} versions of model ${model} are in ${stage}`);
  }
  const alias = {
    name: PRODUCTION_ALIAS,
    from: holder,
    stack: pushed(stackOf(held, PRODUCTION_ALIAS), holder, promotes ? version : null),
  };
  // A holder that never had its stage (from before stages were kept) gets one with the move: it is not left in None.
  const late = promotes && !archiveExisting && loser ? changes([loser, 'Production']) : [];
  return {
    kind: 'stage',
    model,
    actor,
    reason,
    stages: [...stages, ...late],
    ...(promotes && { alias: { ...alias, to: version } }),
    ...(demotes && { alias: { ...alias, to: null } }),
  };
}

/** The others of the stage, as they are archived; with Production the holder of the alias, whatever its stage is. */
function archived({ held, target, loser }: Present, stage: ModelStage): [ModelVersion, ModelStage][] {
  if (!isActive(stage)) return [];
  const others = inStage(held, stage).filter((version) => version !== target.version);
  const listed = others.map((version): [ModelVersion, ModelStage] => [
    { ...target, version, stage },
    'Archived',
  ]);
  const unlisted = stage === 'Production' && loser !== null && !others.includes(loser.version);
  return unlisted ? [...listed, [loser, 'Archived']] : listed;
}
