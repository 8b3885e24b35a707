import type { Item } from '../store/ports.ts';
import { fromText, numbersFromText, numbersToText, toText } from './json.ts';
import { key } from './keys.ts';
import type { ActiveStage } from './model-stage.ts';
import { checkAlias } from './names.ts';
import type { AliasAudit, ModelVersion, RegisteredModel } from './types.ts';

const ALIAS = 'alias:';
const BEFORE = 'before:';

/** The attribute of the model's item that names the version an alias holds. */
export const aliasAttribute = (alias: string): string => ALIAS + alias;
/** The attribute that names the versions it held before, oldest first: where rollback goes. */
export const stackAttribute = (alias: string): string => BEFORE + alias;
/** The attribute that lists the versions in an active stage, by number. */
export const stageAttribute = (stage: ActiveStage): string => `stage:${stage}`;

/** Names as callers chose them: `constructor` is one like any other, and nobody's until it is given. */
const byName = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.assign(Object.create(null), Object.fromEntries(entries));

export function toModel(workspace: string, item: Item): RegisteredModel {
  const aliases = Object.entries(item).filter(([name]) => name.startsWith(ALIAS));
  return {
    workspace,
    name: item.name as string,
    createdAt: item.createdAt as string,
    ...(item.description !== undefined && { description: item.description as string }),
    tags: fromText(item.tags, 'model'),
    aliases: byName(aliases.map(([name, version]) => [name.slice(ALIAS.length), version as string])),
    latestVersion: item.latestVersion as number,
    policy: { requireStaging: item.requireStaging === true },
  };
}

export function versionItem(version: ModelVersion, identity: string): Item {
  const { workspace, metrics, tags, ...plain } = version;
  return {
    ...key.version(workspace, version.name, version.version),
    ...plain,
    identity,
    metrics: numbersToText(metrics),
    tags: toText(tags),
  };
}

export function toVersion(workspace: string, item: Item): ModelVersion {
  const { pk: _, sk: __, identity: ___, metrics, tags, ...plain } = item;
  return {
    ...(plain as unknown as ModelVersion),
    workspace,
    metrics: numbersFromText(metrics, 'model version'),
    tags: fromText(tags, 'model version'),
  };
}

export function auditItem(ws: string, move: number, audit: AliasAudit): Item {
  return { ...key.audit(ws, audit.model, move), move, audit: toText(audit) };
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
