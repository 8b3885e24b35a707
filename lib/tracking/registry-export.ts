import { prefix } from './keys.ts';
import type { ActiveStage } from './model-stage.ts';
import { inStage, lastNumber, stacksOf, toAudit, toModel, toVersion } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';
import { type StoredSplit, storedSplit } from './splits/item.ts';
import type { AliasAudit, ModelVersion, RegisteredModel } from './types.ts';

/** A version and its model's state, as a snapshot keeps them. */
export interface RegistryExport {
  version: ModelVersion;
  identity: string;
  aliases: Record<string, string>;
  /** Moves so far, versions each alias held before (oldest first), the last moves (newest first). */
  registry: {
    model: Pick<RegisteredModel, 'description' | 'tags' | 'lastUpdated'>;
    moves: number;
    before: Record<string, string[]>;
    audit: AliasAudit[];
    /** The versions in each active stage. */
    stages: Record<ActiveStage, string[]>;
    requireStaging: boolean;
    split?: StoredSplit;
    /** The last number that a version got, where that one was deleted. */
    numbered?: number;
  };
}

/** How many moves a snapshot keeps. */
const EXPORTED_AUDIT = 100;

/** See `Registry.exportVersion`. */
export async function exportVersion(
  records: RegistryRecords,
  ws: string,
  name: string,
  version: string,
): Promise<RegistryExport> {
  const held = await records.model(ws, name);
  const item = await records.versionOf(ws, held, version);
  const { aliases, policy, description, tags, lastUpdated } = toModel(ws, held);
  const audit = await records.list(ws, held, prefix.audit, { limit: EXPORTED_AUDIT });
  const split = storedSplit(held);
  const registry = {
    model: { description, tags, lastUpdated },
    moves: held.moves as number,
    before: stacksOf(held),
    audit: audit.items.map(toAudit),
    stages: { Staging: inStage(held, 'Staging'), Production: inStage(held, 'Production') },
    ...policy,
    ...(split && { split }),
    ...(held.numbered !== undefined && { numbered: lastNumber(held) }),
  };
  return { version: toVersion(ws, name, item), identity: item.identity as string, aliases, registry };
}
