import type { Item } from '../store/ports.ts';
import { fromText, numbersFromText, numbersToText, toText } from './json.ts';
import { key } from './keys.ts';
import type { ActiveStage } from './model-stage.ts';
import { checkAlias } from './names.ts';
import { withoutTop } from './registry-stack.ts';
import type { AliasAudit, ModelVersion, RegisteredModel } from './types.ts';

const ALIAS = 'alias:';
const BEFORE = 'before:';

/** The attribute of the model's item that names the version an alias holds. */
export const aliasAttribute = (alias: string): string => ALIAS + alias;
/** The attribute that names the versions it held before, oldest first: where rollback goes. */
export const stackAttribute = (alias: string): string => BEFORE + alias;
/** The attribute that lists the versions in an active stage, by number. */
export const stageAttribute = (stage: ActiveStage): string => `stage:${stage}`;

/** Where a model's versions live; a model from before homes lives under its first name. */
export const homeOf = (model: Item): string => (model.home as string | undefined) ?? (model.name as string);

/** The number that the last version got, deleted or not. */
export const lastNumber = (model: Item): number => (model.numbered ?? model.latestVersion) as number;

/**
 * The note that a model had this name until `at`, and which it has since, if any. Snapshots of that time name it so still:
 * `reconcile` does not bring back by them what was deleted or renamed.
 */
export const formerName = (ws: string, name: string, at: string, renamedTo?: string): Item => ({
  ...key.formerName(ws, name),
  name,
  at,
  ...(renamedTo !== undefined && { renamedTo }),
});

/** Holds as long as it is the same model: another one of that name lives elsewhere. */
export const sameModel = (model: Item) => ({ home: (model.home as string | undefined) ?? null });

/** Names as callers chose them: `constructor` is one like any other, and nobody's until it is given. */
const byName = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.assign(Object.create(null), Object.fromEntries(entries));

/** Each alias and the version that it holds. */
export const aliasesOf = (model: Item): Record<string, string> =>
  byName(
    Object.entries(model)
      .filter(([name]) => name.startsWith(ALIAS))
      .map(([name, version]) => [name.slice(ALIAS.length), version as string]),
  );

export function toModel(workspace: string, item: Item): RegisteredModel {
  return {
    workspace,
    name: item.name as string,
    createdAt: item.createdAt as string,
    ...(item.description !== undefined && { description: item.description as string }),
    tags: fromText(item.tags, 'model'),
    aliases: aliasesOf(item),
    ...previousOf(item),
    latestVersion: item.latestVersion as number,
    policy: { requireStaging: item.requireStaging === true },
    ...(item.lastUpdated !== undefined && { lastUpdated: item.lastUpdated as string }),
  };
}

/** Where a rollback of each alias would go; nothing where no alias can go back. */
function previousOf(item: Item): Pick<RegisteredModel, 'previous'> {
  const previous = Object.entries(stacksOf(item)).flatMap(([alias, stack]) => {
    const version = withoutTop(stack, holderOf(item, alias)).at(-1);
    return version === undefined ? [] : [[alias, version] as const];
  });
  return previous.length === 0 ? {} : { previous: byName(previous) };
}

export function versionItem(home: string, version: ModelVersion, identity: string): Item {
  const { workspace, metrics, tags, ...plain } = version;
  return {
    ...key.version(workspace, home, version.version),
    ...plain,
    identity,
    metrics: numbersToText(metrics),
    tags: toText(tags),
  };
}

/** The version of the model of that name, which may have been another one when the version was made. */
export function toVersion(workspace: string, name: string, item: Item): ModelVersion {
  const { pk: _, sk: __, identity: ___, updates: ____, metrics, tags, ...plain } = item;
  return {
    ...(plain as unknown as ModelVersion),
    workspace,
    name,
    metrics: numbersFromText(metrics, 'model version'),
    tags: fromText(tags, 'model version'),
  };
}

export function auditItem(ws: string, home: string, move: number, audit: AliasAudit): Item {
  return { ...key.audit(ws, home, move), move, audit: toText(audit) };
}

export function toAudit(item: Item): AliasAudit {
  return fromText<AliasAudit>(item.audit, 'audit');
}

/** The versions in an active stage, by number. */
export function inStage(model: Item, stage: ActiveStage): string[] {
  const text = model[stageAttribute(stage)];
  return text === undefined ? [] : fromText<string[]>(text, 'model');
}

/** The versions an alias held before, oldest first. */
export function stackOf(model: Item, alias: string): string[] {
  const text = model[stackAttribute(alias)];
  return text === undefined ? [] : fromText<string[]>(text, 'model');
}

/** The stacks of all aliases, also of one that holds nothing now. */
export function stacksOf(model: Item): Record<string, string[]> {
  const names = Object.keys(model).filter((name) => name.startsWith(BEFORE));
  return byName(names.map((name) => [name.slice(BEFORE.length), fromText(model[name], 'model')]));
}

/** The version that an alias holds; null where it holds none. @throws InvalidNameError */
export const holderOf = (model: Item, alias: string): string | null =>
  (model[aliasAttribute(checkAlias(alias))] as string | undefined) ?? null;
