import { NotFoundError } from '../../errors/index.ts';
import { PRODUCTION_ALIAS } from '../model-stage.ts';
import { optimistic } from '../optimistic.ts';
import { holderOf } from '../registry-items.ts';
import type { RegistryRecords } from '../registry-records.ts';
import type { ModelVersion } from '../types.ts';
import { versionsOf } from './check.ts';
import { storedSplit } from './item.ts';
import type { SplitGuard } from './types.ts';

/** The versions that answer a model's callers. */
export interface TrafficRoute {
  /** Holds `production`. */
  champion: ModelVersion;
  /** A split that runs. */
  split?: {
    revision: number;
    seed: string;
    arms: { version: ModelVersion; weight: number }[];
    shadows: ModelVersion[];
    guard?: SplitGuard;
  };
}

/** See `Splits.route`. */
export async function trafficRoute(
  records: RegistryRecords,
  ws: string,
  model: string,
): Promise<TrafficRoute> {
  // A version that is deleted between the two reads has ended the split in the same transaction: read again.
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const holder = holderOf(held, PRODUCTION_ALIAS);
    if (holder === null) throw new NotFoundError(`model ${model} has no alias ${PRODUCTION_ALIAS}`);
    const split = storedSplit(held);
    if (split?.state !== 'running') return { champion: await records.present(ws, held, holder) };
    const [champion, versions] = await Promise.all([
      records.present(ws, held, holder),
      versionsOf(records, ws, held, split),
    ]);
    const { revision, seed, arms, shadows, guard } = split;
    return {
      champion,
      split: {
        revision,
        seed,
        arms: arms.map(({ version, weight }) => ({ version: versions.get(version)!, weight })),
        shadows: shadows.map((version) => versions.get(version)!),
        ...(guard && { guard }),
      },
    };
  }, `versions of ${model}`);
}
