import type { Item, WriteOperation } from '../store/ports.ts';
import { toText } from './json.ts';
import { key } from './keys.ts';
import { isActive, type ModelStage } from './model-stage.ts';
import {
  aliasAttribute,
  aliasesOf,
  holderOf,
  inStage,
  lastNumber,
  stackAttribute,
  stacksOf,
  stageAttribute,
} from './registry-items.ts';
import { withoutDeleted } from './registry-stack.ts';
import type { DeletedVersion } from './types.ts';

/** A version that goes. */
export interface VersionDelete {
  /** The version's item. */
  item: Item;
  /** The highest number among the others; 0 where there is none. */
  newest: number;
}

/**
 * What goes with a version: the aliases that it holds, its place in undo stacks and in its stage, and its identity, which
 * stays as a mark: `reconcile` does not bring the version back from a snapshot. Its number is not given again.
 */
export function withoutVersion(held: Item, { item, newest }: VersionDelete) {
  const version = item.version as string;
  const stage = item.stage as ModelStage;
  const set: Record<string, unknown> = { latestVersion: newest, numbered: lastNumber(held) };
  const remove: string[] = [];
  const aliases = Object.entries(aliasesOf(held)).flatMap(([name, holder]) =>
    holder === version ? [name] : [],
  );
  remove.push(...aliases.map(aliasAttribute));
  for (const [alias, stack] of Object.entries(stacksOf(held))) {
    const holder = holderOf(held, alias);
    const left = withoutDeleted(stack, version, holder === version ? null : holder);
    if (left.length !== stack.length) set[stackAttribute(alias)] = toText(left);
  }
  if (isActive(stage)) {
    const left = inStage(held, stage).filter((other) => other !== version);
    if (left.length === 0) remove.push(stageAttribute(stage));
    else set[stageAttribute(stage)] = toText(left);
  }
  const told: DeletedVersion = { version, stage, aliases };
  const operations = (ws: string, home: string): WriteOperation[] => [
    { remove: key.version(ws, home, version), condition: { equals: { stage } } },
    { put: { ...key.identity(ws, home, item.identity as string), version, deleted: true } },
  ];
  return { set, remove, told, operations };
}
