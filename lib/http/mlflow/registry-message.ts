import { type ModelVersion, type RegisteredModel, sourceOf } from '../../tracking/index.ts';
import { compareText } from '../../tracking/search/index.ts';

/** MLflow's `ModelVersion`. What was not given when it was made is an empty text there, what was never set is left out. */
export function versionMessage(version: ModelVersion, aliases: readonly string[] = []): object {
  const {
    name,
    createdAt,
    lastUpdated = createdAt,
    runId,
    runLink,
    userId,
    description,
    statusMessage,
  } = version;
  return {
    name,
    version: version.version,
    creation_timestamp: Date.parse(createdAt),
    last_updated_timestamp: Date.parse(lastUpdated),
    user_id: userId,
    current_stage: version.stage,
    description,
    source: sourceOf(version),
    run_id: runId ?? '',
    status: 'READY',
    status_message: statusMessage || undefined,
    tags: entries(version.tags),
    run_link: runLink ?? '',
    aliases: list(aliases),
  };
}

/** A version with the aliases that it holds. */
export const versionWithAliases = (model: RegisteredModel, version: ModelVersion): object =>
  versionMessage(version, aliasesOf(model, version.version));

/** MLflow's `RegisteredModel`. */
export function modelMessage(model: RegisteredModel, latest: readonly ModelVersion[]): object {
  const { name, createdAt, lastUpdated = createdAt, description, tags, aliases } = model;
  return {
    name,
    creation_timestamp: Date.parse(createdAt),
    last_updated_timestamp: Date.parse(lastUpdated),
    description: description || undefined,
    latest_versions: list(latest.map((version) => versionMessage(version))),
    tags: entries(tags),
    aliases: list(byKey(aliases).map(([alias, version]) => ({ alias, version }))),
  };
}

/** The newest version of each stage, in the order in which the stages came up. */
export function latestOf(newestFirst: readonly ModelVersion[]): ModelVersion[] {
  const latest = new Map<string, ModelVersion>();
  for (const version of newestFirst.toReversed()) latest.set(version.stage, version);
  return [...latest.values()];
}

const aliasesOf = (model: RegisteredModel, version: string): string[] =>
  byKey(model.aliases).flatMap(([alias, holder]) => (holder === version ? [alias] : []));

/** protobuf's JSON leaves empty lists out. */
const list = <T>(items: readonly T[]): readonly T[] | undefined => (items.length === 0 ? undefined : items);

/** MLflow's tables keep aliases and tags in this order. */
const byKey = (map: Record<string, string>): [string, string][] =>
  Object.entries(map).sort(([a], [b]) => compareText(a, b));

const entries = (tags: Record<string, string>) => list(byKey(tags).map(([key, value]) => ({ key, value })));
