import type { Item } from '../../store/ports.ts';
import { PRODUCTION_ALIAS } from '../model-stage.ts';
import { SPLIT_ATTRIBUTE, type StoredSplit, splitAudit, splitNames, splitText, storedSplit } from './item.ts';
import type { SplitAudit } from './types.ts';

/** What a change of a model asks of its split: to be this from then on; null: to end. Its revision is given to it here. */
export interface SplitWrite {
  action: SplitAudit['action'];
  to: Omit<StoredSplit, 'revision'> | null;
}

/** Of a change of a model, what bears on its split. */
interface Change {
  split: SplitWrite | undefined;
  alias: { name: string } | undefined;
  /** The version that is deleted. */
  deleted: string | undefined;
}

/**
 * What becomes of a model's split in the transaction of a change. A split stands beside one champion: whatever moves
 * `production`, and the deletion of a version that it names, ends it there and then.
 *
 * @param revision the change's own number
 */
export function splitAfter(
  held: Item,
  { split, alias, deleted }: Change,
  revision: number,
): { set: Record<string, string>; remove: string[]; told?: SplitAudit } {
  if (split?.to) {
    const to: StoredSplit = { ...split.to, revision };
    return { set: { [SPLIT_ATTRIBUTE]: splitText(to) }, remove: [], told: splitAudit(split.action, to) };
  }
  const before = storedSplit(held);
  const ends =
    split !== undefined ||
    alias?.name === PRODUCTION_ALIAS ||
    (before !== undefined && deleted !== undefined && splitNames(before, deleted));
  if (before === undefined || !ends) return { set: {}, remove: [] };
  return { set: {}, remove: [SPLIT_ATTRIBUTE], told: splitAudit('stop', before) };
}
