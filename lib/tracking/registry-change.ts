import type { Item, WriteOperation } from '../store/ports.ts';
import { toText } from './json.ts';
import { key } from './keys.ts';
import { ACTIVE_STAGES, type ActiveStage, isActive, PRODUCTION_ALIAS } from './model-stage.ts';
import { sourceItem } from './pipeline-state.ts';
import { type VersionDelete, withoutVersion } from './registry-delete.ts';
import {
  aliasAttribute,
  auditItem,
  formerName,
  homeOf,
  inStage,
  sameModel,
  stackAttribute,
  stageAttribute,
} from './registry-items.ts';
import { type SplitWrite, splitAfter } from './splits/after.ts';
import type { SplitAudit } from './splits/types.ts';
import type { AliasAudit, DeletedVersion, PipelineSource, StageChange } from './types.ts';

/** One change of a model: where an alias goes, which versions change their stage or go, how its traffic is split, what its policy or its name is. */
export interface RegistryChange {
  kind: NonNullable<AliasAudit['kind']>;
  model: string;
  actor: string;
  reason: string;
  /** `to` is null where the alias is taken away; `stack` are the versions that it held before, then. */
  alias?: { name: string; from: string | null; to: string | null; stack: readonly string[] };
  stages?: readonly StageChange[];
  requireStaging?: boolean;
  deleted?: VersionDelete;
  split?: SplitWrite;
  /** The name from then on. */
  renameTo?: string;
  /** What a pipeline reads from now on. */
  data?: { pipeline: string; source: PipelineSource };
}

/**
 * A change as one transaction: the model's item where nobody else changed it (`moves` counts its changes, and numbers the
 * audit), the audit record, and each version's new stage where the version has the old one still.
 */
export function changeOperations(
  ws: string,
  held: Item,
  change: RegistryChange,
  at: string,
): { operations: WriteOperation[]; model: Item } {
  const { model, alias, stages = [], requireStaging, deleted, renameTo, data } = change;
  const moves = held.moves as number;
  const home = homeOf(held);
  const lists = listsAfter(held, stages);
  const without = deleted && withoutVersion(held, deleted);
  const gone = deleted && (deleted.item.version as string);
  // A version that holds `production` takes the alias with it: that ends the split as a move does.
  const lost = gone !== undefined && gone === held[aliasAttribute(PRODUCTION_ALIAS)];
  const split = splitAfter(
    held,
    { split: change.split, alias: lost ? { name: PRODUCTION_ALIAS } : alias, deleted: gone },
    moves + 1,
  );
  const set: Record<string, unknown> = { ...lists.set, ...without?.set, ...split.set, moves: moves + 1 };
  const remove = [...lists.remove, ...(without?.remove ?? []), ...split.remove];
  if (alias) {
    set[stackAttribute(alias.name)] = toText(alias.stack);
    if (alias.to === null) remove.push(aliasAttribute(alias.name));
    else set[aliasAttribute(alias.name)] = alias.to;
  }
  if (requireStaging === true) set.requireStaging = true;
  if (requireStaging === false) remove.push('requireStaging');
  if (stages.length > 0 || deleted || renameTo !== undefined) set.lastUpdated = at;
  if (renameTo !== undefined) Object.assign(set, { ...key.model(ws, renameTo), name: renameTo, home });
  const changed = new Set(stages.map(({ version }) => version));
  const unchanged = alias?.to && !changed.has(alias.to) ? [alias.to] : [];
  const after = Object.fromEntries(
    Object.entries({ ...held, ...set }).filter(([name]) => !remove.includes(name)),
  ) as Item;
  const condition = {
    equals: {
      moves,
      ...sameModel(held),
      ...(alias && { [aliasAttribute(alias.name)]: alias.from }),
      ...(deleted && { latestVersion: held.latestVersion as number }),
      ...(renameTo !== undefined && asRead(held)),
    },
  };
  return {
    operations: [
      ...(renameTo === undefined
        ? [{ update: key.model(ws, model), change: { set, ...(remove.length > 0 && { remove }) }, condition }]
        : [
            { remove: key.model(ws, model), condition },
            { put: after, condition: { absent: true } as const },
            { put: formerName(ws, model, at, renameTo) },
          ]),
      {
        put: auditItem(ws, home, moves + 1, auditOf(change, at, without?.told, split.told)),
        condition: { absent: true },
      },
      ...stages.map(({ version, from, to }) => ({
        update: key.version(ws, home, version),
        change: { set: { stage: to, lastUpdated: at } },
        condition: { equals: { stage: from } },
      })),
      ...unchanged.map((version) => ({
        check: key.version(ws, home, version),
        condition: { exists: true } as const,
      })),
      ...(without?.operations(ws, home) ?? []),
      ...(data ? [{ put: sourceItem(ws, data.pipeline, data.source) }] : []),
    ],
    model: after,
  };
}

/** What changes on a model's item without being counted in `moves`: a rename writes the item anew and must not lose it. */
const asRead = ({ latestVersion, numbered, updates }: Item) => ({
  latestVersion: latestVersion as number,
  numbered: (numbered as number | undefined) ?? null,
  updates: (updates as number | undefined) ?? null,
});

/** The lists of the active stages, where the changes touch them. An empty list is no attribute. */
function listsAfter(held: Item, stages: readonly StageChange[]) {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const stage of ACTIVE_STAGES) {
    if (!stages.some(({ from, to }) => from === stage || to === stage)) continue;
    const versions = inStageAfter(held, stage, stages);
    if (versions.length === 0) remove.push(stageAttribute(stage));
    else set[stageAttribute(stage)] = toText(versions);
  }
  return { set, remove };
}

/** The versions in a stage after these changes, by number. */
export function inStageAfter(held: Item, stage: ActiveStage, stages: readonly StageChange[]): string[] {
  const versions = new Set(inStage(held, stage));
  for (const { version, to } of stages) {
    if (isActive(to) && to === stage) versions.add(version);
    else versions.delete(version);
  }
  return [...versions].sort((a, b) => Number(a) - Number(b));
}

function auditOf(
  { kind, model, actor, reason, ...change }: RegistryChange,
  at: string,
  deleted: DeletedVersion | undefined,
  split: SplitAudit | undefined,
): AliasAudit {
  const { alias, stages = [], requireStaging, renameTo, data } = change;
  return {
    model: renameTo ?? model,
    kind,
    ...(alias && {
      alias: alias.name,
      ...(alias.from !== null && { fromVersion: alias.from }),
      ...(alias.to !== null && { toVersion: alias.to }),
    }),
    ...(stages.length > 0 && { stages: [...stages] }),
    ...(requireStaging !== undefined && { requireStaging }),
    ...(deleted && { deleted }),
    ...(renameTo !== undefined && { renamedFrom: model }),
    ...(split && { split }),
    ...(data && { data: { pipeline: data.pipeline, sha256: data.source.sha256 } }),
    actor,
    reason,
    at,
  };
}
