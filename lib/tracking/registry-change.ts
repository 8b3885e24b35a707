import type { Item, WriteOperation } from '../store/ports.ts';
import { toText } from './json.ts';
import { key } from './keys.ts';
import { ACTIVE_STAGES, type ActiveStage, isActive } from './model-stage.ts';
import { sourceItem } from './pipeline-state.ts';
import { aliasAttribute, auditItem, inStage, stackAttribute, stageAttribute } from './registry-items.ts';
import type { AliasAudit, PipelineSource, StageChange } from './types.ts';

/** One change of a model: where an alias goes, which versions change their stage, what its policy is. */
export interface RegistryChange {
  kind: NonNullable<AliasAudit['kind']>;
  model: string;
  actor: string;
  reason: string;
  /** `to` is null where the alias is taken away; `stack` are the versions that it held before, then. */
  alias?: { name: string; from: string | null; to: string | null; stack: readonly string[] };
  stages?: readonly StageChange[];
  requireStaging?: boolean;
  /** What a pipeline reads from now on. */
  data?: { pipeline: string; source: PipelineSource };
}

/** How many versions back a rollback can go. */
const STACK = 50;

/**
 * The undo stack of an alias after it went from one version to another (null: to or from none). The version that it
 * then holds is never on top: who takes an alias away and gives it back undoes to what stood before both.
 */
export function pushed(stack: readonly string[], from: string | null, to: string | null): string[] {
  return withoutTop(from === null ? stack : [...stack, from], to).slice(-STACK);
}

/** The stack down to the first version that is another one than this. */
export const withoutTop = (stack: readonly string[], version: string | null): string[] =>
  stack.slice(0, stack.findLastIndex((held) => held !== version) + 1);

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
  const { model, alias, stages = [], requireStaging, data } = change;
  const moves = held.moves as number;
  const lists = listsAfter(held, stages);
  const set: Record<string, unknown> = { ...lists.set, moves: moves + 1 };
  const remove = [...lists.remove];
  if (alias) {
    set[stackAttribute(alias.name)] = toText(alias.stack);
    if (alias.to === null) remove.push(aliasAttribute(alias.name));
    else set[aliasAttribute(alias.name)] = alias.to;
  }
  if (requireStaging === true) set.requireStaging = true;
  if (requireStaging === false) remove.push('requireStaging');
  const changed = new Set(stages.map(({ version }) => version));
  const unchanged = alias?.to && !changed.has(alias.to) ? [alias.to] : [];
  return {
    operations: [
      {
        update: key.model(ws, model),
        change: { set, ...(remove.length > 0 && { remove }) },
        condition: { equals: { moves, ...(alias && { [aliasAttribute(alias.name)]: alias.from }) } },
      },
      { put: auditItem(ws, moves + 1, auditOf(change, at)), condition: { absent: true } },
      ...stages.map(({ version, from, to }) => ({
        update: key.version(ws, model, version),
        change: { set: { stage: to } },
        condition: { equals: { stage: from } },
      })),
      ...unchanged.map((version) => ({
        check: key.version(ws, model, version),
        condition: { exists: true } as const,
      })),
      ...(data ? [{ put: sourceItem(ws, data.pipeline, data.source) }] : []),
    ],
    model: Object.fromEntries(
      Object.entries({ ...held, ...set }).filter(([name]) => !remove.includes(name)),
    ) as Item,
  };
}

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

function auditOf({ kind, model, actor, reason, ...change }: RegistryChange, at: string): AliasAudit {
  const { alias, stages = [], requireStaging, data } = change;
  return {
    model,
    kind,
    ...(alias && {
      alias: alias.name,
      ...(alias.from !== null && { fromVersion: alias.from }),
      ...(alias.to !== null && { toVersion: alias.to }),
    }),
    ...(stages.length > 0 && { stages: [...stages] }),
    ...(requireStaging !== undefined && { requireStaging }),
    ...(data && { data: { pipeline: data.pipeline, sha256: data.source.sha256 } }),
    actor,
    reason,
    at,
  };
}
