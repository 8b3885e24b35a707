import { InvalidInputError } from '../../errors/index.ts';
import type { Item } from '../../store/ports.ts';
import { AliasMovedError } from '../errors.ts';
import { key } from '../keys.ts';
import { PRODUCTION_ALIAS } from '../model-stage.ts';
import { happened, optimistic } from '../optimistic.ts';
import { holderOf, sameModel, toModel } from '../registry-items.ts';
import { writeMove } from '../registry-moves.ts';
import type { RegistryRecords } from '../registry-records.ts';
import type { RegisteredModel } from '../types.ts';
import { checkNewSplit, checkVersions, sameSplit } from './check.ts';
import { NoChampionError, NoSplitError, SplitChangedError, SplitRevertedError } from './errors.ts';
import { SPLIT_ATTRIBUTE, type StoredSplit, splitText, storedSplit, toSplit } from './item.ts';
import type { NewSplit, Split } from './types.ts';

/** Who changes a model's split, and why. */
interface Doer {
  model: string;
  actor: string;
  reason: string;
}

/** A split that is to run. */
export interface SplitSet extends Doer {
  split: NewSplit;
  /** Of the split that the caller saw; null for none. Undefined: whatever there is. */
  expectedRevision?: number | null;
  /** The version that the caller saw in production. Undefined: the one that holds it now. */
  expectedChampion?: string;
}

/** The end of a split. */
export interface SplitStop extends Doer {
  expectedRevision?: number;
}

/** The end of a split by giving `production` to one of its versions. */
export interface SplitPromotion extends SplitStop {
  /** Absent: the one that stands beside the champion. */
  version?: string;
}

/** The end of a split by its guard. */
export interface SplitRevert extends Doer {
  /** Of the split that was judged. */
  revision: number;
}

/** What a promotion out of a split did. */
export interface SplitPromoted {
  model: RegisteredModel;
  version: string;
  previousVersion: string | null;
}

const what = (model: string): string => `split of ${model}`;

/** See `Splits.set`. */
export async function setSplit(records: RegistryRecords, ws: string, given: SplitSet): Promise<Split> {
  const { model, expectedRevision, actor, reason } = given;
  let { expectedChampion } = given;
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const champion = championOf(held, model);
    // A split that was asked for beside one champion is not begun beside the next.
    expectedChampion ??= champion;
    if (champion !== expectedChampion) {
      throw new AliasMovedError(
        `version ${champion} of model ${model} is in production, not ${expectedChampion}`,
        {
          details: { expectedVersion: expectedChampion, current: champion },
        },
      );
    }
    checkNewSplit(given.split, champion);
    const before = storedSplit(held);
    const running = before?.state === 'running' ? before : undefined;
    const goesOn = running && sameVersions(running, given.split) ? running : undefined;
    const split = goesOn ? inOrderOf(goesOn, given.split) : given.split;
    if (running && sameSplit(running, split)) return toSplit(model, running);
    checkRevision(model, before, expectedRevision);
    await checkVersions(records, ws, held, split, champion);
    const revision = (held.moves as number) + 1;
    const to: Omit<StoredSplit, 'revision'> = {
      kind: split.kind,
      arms: split.arms.map(({ version, weight }) => ({ version, weight })),
      shadows: [...(split.shadows ?? [])],
      ...(split.guard && { guard: { ...split.guard } }),
      createdAt: goesOn?.createdAt ?? records.clock.now().toISOString(),
      createdBy: goesOn?.createdBy ?? actor,
      seed: goesOn?.seed ?? `${model} ${revision}`,
      state: 'running',
    };
    await records.write(ws, held, { kind: 'split', model, actor, reason, split: { action: 'set', to } });
    return toSplit(model, { ...to, revision });
  }, what(model));
}

/** See `Splits.stop`. */
export async function stopSplit(
  records: RegistryRecords,
  ws: string,
  { model, expectedRevision, actor, reason }: SplitStop,
): Promise<Split | null> {
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const before = storedSplit(held);
    if (before === undefined) return null;
    checkRevision(model, before, expectedRevision);
    await writeStop(records, ws, held, { model, actor, reason });
    return toSplit(model, before);
  }, what(model));
}

/** See `Splits.promote`. */
export async function promoteSplit(
  records: RegistryRecords,
  ws: string,
  { model, version, expectedRevision, actor, reason }: SplitPromotion,
): Promise<SplitPromoted> {
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const split = storedSplit(held);
    const holder = holderOf(held, PRODUCTION_ALIAS);
    if (split === undefined) {
      // What a repeat finds whose first answer was lost.
      if (version !== undefined && version === holder) {
        return { model: toModel(ws, held), version, previousVersion: holder };
      }
      throw new NoSplitError(`the traffic of model ${model} is not split`);
    }
    checkRevision(model, split, expectedRevision);
    const to = version ?? onlyChallenger(split, holder, model);
    if (!split.arms.some((arm) => arm.version === to) && !split.shadows.includes(to)) {
      throw new InvalidInputError(`version ${to} is not in the split of model ${model}`, {
        field: 'version',
      });
    }
    const doer = { model, actor, reason };
    const written =
      to === holder
        ? await writeStop(records, ws, held, doer)
        : await writeMove(records, ws, held, await records.present(ws, held, to), {
            ...doer,
            alias: PRODUCTION_ALIAS,
          });
    return { model: written, version: to, previousVersion: holder };
  }, what(model));
}

/** See `Splits.revert`. */
export async function revertSplit(
  records: RegistryRecords,
  ws: string,
  { model, revision, actor, reason }: SplitRevert,
): Promise<Split | null> {
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const before = storedSplit(held);
    if (before?.state !== 'running' || before.revision !== revision) return null;
    const { revision: _, ...rest } = before;
    const to = {
      ...rest,
      state: 'reverted' as const,
      revertedReason: reason,
      revertedAt: records.clock.now().toISOString(),
      eventDue: true,
    };
    await records.write(ws, held, { kind: 'split', model, actor, reason, split: { action: 'revert', to } });
    return toSplit(model, { ...to, revision: (held.moves as number) + 1 });
  }, what(model));
}

/** Notes that the event of a revert is published. What changed meanwhile is left alone. */
export async function revertTold(
  records: RegistryRecords,
  ws: string,
  model: string,
  revision: number,
): Promise<void> {
  const held = await records.model(ws, model);
  const before = storedSplit(held);
  if (before?.eventDue !== true || before.revision !== revision) return;
  const { eventDue: _, ...told } = before;
  const change = { set: { [SPLIT_ATTRIBUTE]: splitText(told) } };
  const condition = { equals: { [SPLIT_ATTRIBUTE]: splitText(before), ...sameModel(held) } };
  await happened(records.items.update(key.model(ws, model), change, condition));
}

const writeStop = (records: RegistryRecords, ws: string, held: Item, doer: Doer): Promise<RegisteredModel> =>
  records.write(ws, held, { kind: 'split', ...doer, split: { action: 'stop', to: null } });

function championOf(held: Item, model: string): string {
  const champion = holderOf(held, PRODUCTION_ALIAS);
  if (champion !== null) return champion;
  throw new NoChampionError(`no version of model ${model} holds ${PRODUCTION_ALIAS}`);
}

function checkRevision(
  model: string,
  split: StoredSplit | undefined,
  expected: number | null | undefined,
): void {
  const current = split?.revision ?? null;
  if (expected === undefined || expected === current) return;
  throw new SplitChangedError(
    `the split of model ${model} is ${current === null ? 'not there' : `at revision ${current}`}, not ${expected === null ? 'absent' : `at ${expected}`}`,
    { field: 'revision', details: { expectedRevision: expected, current } },
  );
}

/** The same versions answer callers, in whatever order they are told: who was assigned one keeps it as far as the weights allow. */
const sameVersions = (a: NewSplit, b: NewSplit): boolean =>
  a.arms.length === b.arms.length && b.arms.every(({ version }) => placeOf(a, version) >= 0);

/** A caller's place lies between the arms before and after: they stay in the order in which the split was begun. */
const inOrderOf = (running: NewSplit, split: NewSplit): NewSplit => ({
  ...split,
  arms: split.arms.toSorted((a, b) => placeOf(running, a.version) - placeOf(running, b.version)),
});

const placeOf = ({ arms }: NewSplit, version: string): number =>
  arms.findIndex((arm) => arm.version === version);

function onlyChallenger({ arms, shadows, state }: StoredSplit, holder: string | null, model: string): string {
  if (state === 'reverted') {
    throw new SplitRevertedError(`the guard ended the split of model ${model}`);
  }
  const [only, ...more] = arms.filter(({ version }) => version !== holder);
  if (only !== undefined && more.length === 0) return only.version;
  const found = [only, ...more].flatMap((arm) => (arm === undefined ? [] : [arm.version]));
  throw new InvalidInputError(
    `say which version of the split of model ${model} to promote: ${[...found, ...shadows].join(', ')}`,
    { field: 'version' },
  );
}
