import { ConditionFailedError } from '../store/errors.ts';
import type { Item } from '../store/ports.ts';
import { AliasMovedError, NothingToRollBackError } from './errors.ts';
import { PRODUCTION_ALIAS } from './model-stage.ts';
import { optimistic } from './optimistic.ts';
import { holderOf, stackOf, toModel } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';
import { pushed, withoutTop } from './registry-stack.ts';
import { changes, checkPolicy } from './registry-stages.ts';
import type { ModelVersion, PipelineSource, RegisteredModel, StageChange } from './types.ts';

/** A move of an alias. */
export interface AliasMove {
  model: string;
  alias: string;
  version: string;
  /** The version that the mover saw there; null for none. Undefined: wherever it is. */
  expectedVersion?: string | null;
  actor: string;
  reason: string;
}

/** An alias back to the version that it held before. */
export interface AliasRollback {
  model: string;
  alias: string;
  actor: string;
  reason: string;
  /** Where the alias is, as the caller saw it. */
  expectedVersion?: string | null;
  /** Where it is to go, as the caller saw it. */
  toVersion?: string;
  /** What a pipeline reads from then on. */
  data?: { pipeline: string; source: PipelineSource };
}

/** An alias that is taken away. */
export interface AliasDelete {
  model: string;
  alias: string;
  actor: string;
  reason: string;
}

/** See `Registry.moveAlias`. */
export async function moveAlias(
  records: RegistryRecords,
  ws: string,
  move: AliasMove,
): Promise<RegisteredModel> {
  const { model, alias, version, expectedVersion, actor, reason } = move;
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const target = await records.getVersionOf(ws, held, version);
    const current = holderOf(held, alias);
    if (current === version) return toModel(ws, held);
    if (expectedVersion !== undefined && current !== expectedVersion) {
      throw moved({ model, alias, expectedVersion }, current);
    }
    return writeMove(records, ws, held, target, { model, alias, actor, reason });
  }, `alias ${alias} of ${model}`);
}

/** The move of an alias that holds another version than the target, if the model is still as it was read. @throws StagingRequiredError, ConditionFailedError */
export async function writeMove(
  records: RegistryRecords,
  ws: string,
  held: Item,
  target: ModelVersion,
  { model, alias, actor, reason }: Pick<AliasMove, 'model' | 'alias' | 'actor' | 'reason'>,
): Promise<RegisteredModel> {
  const from = holderOf(held, alias);
  const { version } = target;
  if (alias === PRODUCTION_ALIAS) checkPolicy(held, target);
  return records.write(ws, held, {
    kind: 'move',
    model,
    actor,
    reason,
    alias: { name: alias, from, to: version, stack: pushed(stackOf(held, alias), from, version) },
    stages: await stagesOfMove(records, ws, held, alias, target),
  });
}

/** See `Registry.rollback`. */
export async function rollBackAlias(
  records: RegistryRecords,
  ws: string,
  back: AliasRollback,
): Promise<RegisteredModel> {
  const { model, alias, actor, reason, toVersion, data } = back;
  const held = await records.model(ws, model);
  const current = holderOf(held, alias);
  // A stack from before `pushed` kept the holder off its top may have it there: going to where one is undoes nothing.
  const stack = withoutTop(stackOf(held, alias), current);
  const version = stack.at(-1);
  const { expectedVersion = current } = back;
  if (current !== expectedVersion) throw moved({ ...back, expectedVersion }, current);
  if (version === undefined) {
    throw new NothingToRollBackError(`alias ${alias} of model ${model} held no other version before`);
  }
  if (toVersion !== undefined && toVersion !== version) {
    throw new AliasMovedError(
      `alias ${alias} of model ${model} would go back to version ${version}, not ${toVersion}`,
      { details: { toVersion, version } },
    );
  }
  try {
    return await records.write(ws, held, {
      kind: 'rollback',
      model,
      actor,
      reason,
      alias: { name: alias, from: current, to: version, stack: stack.slice(0, -1) },
      stages: await stagesOfMove(records, ws, held, alias, await records.present(ws, held, version)),
      ...(data && { data }),
    });
  } catch (error) {
    if (error instanceof ConditionFailedError) throw moved({ ...back, expectedVersion }, 'another');
    throw error;
  }
}

/** See `Registry.deleteAlias`. */
export async function deleteAlias(
  records: RegistryRecords,
  ws: string,
  gone: AliasDelete,
): Promise<{ model: RegisteredModel; previousVersion: string | null }> {
  const { model, alias, actor, reason } = gone;
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const current = holderOf(held, alias);
    if (current === null) return { model: toModel(ws, held), previousVersion: null };
    const loser = alias === PRODUCTION_ALIAS && (await records.present(ws, held, current));
    const written = await records.write(ws, held, {
      kind: 'move',
      model,
      actor,
      reason,
      alias: { name: alias, from: current, to: null, stack: pushed(stackOf(held, alias), current, null) },
      stages: loser ? changes([loser, 'Archived']) : [],
    });
    return { model: written, previousVersion: current };
  }, `alias ${alias} of ${model}`);
}

/** What a move of `production` to a version does to stages; another alias does nothing to them. */
async function stagesOfMove(
  records: RegistryRecords,
  ws: string,
  held: Item,
  alias: string,
  target: ModelVersion,
): Promise<StageChange[]> {
  if (alias !== PRODUCTION_ALIAS) return [];
  const holder = holderOf(held, alias);
  const loser = holder === null ? undefined : await records.present(ws, held, holder);
  return changes([target, 'Production'], ...(loser ? [[loser, 'Archived'] as const] : []));
}

function moved(
  move: { model: string; alias: string; expectedVersion: string | null },
  current: string | null,
): Error {
  const { model, alias, expectedVersion } = move;
  return new AliasMovedError(
    `alias ${alias} of model ${model} holds ${current ?? 'no version'}, not ${expectedVersion ?? 'none'}`,
    {
      details: { expectedVersion, current },
    },
  );
}
