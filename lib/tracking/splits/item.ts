import type { Item } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import type { Split, SplitAudit } from './types.ts';

/**
 * The attribute of the model's item that holds its split. There, and not in an item of its own, so that the look-up of the
 * alias `production` reads it at no further cost, and no transaction can move the alias past it.
 */
export const SPLIT_ATTRIBUTE = 'split';

/** A split as it is kept. */
export interface StoredSplit extends Omit<Split, 'model'> {
  /** What a caller's key is hashed with: a change of weights keeps it, so that most callers stay where they are. */
  seed: string;
  /** Reverted, and the event of it is not known to be published. */
  eventDue?: boolean;
}

/** The model's split, running or reverted. */
export function storedSplit(model: Item): StoredSplit | undefined {
  const text = model[SPLIT_ATTRIBUTE];
  return text === undefined ? undefined : fromText<StoredSplit>(text, 'model');
}

export const splitText = (split: StoredSplit): string => toText(split);

/** As callers see it. */
export function toSplit(model: string, { seed: _, eventDue: __, ...split }: StoredSplit): Split {
  return { model, ...split };
}

export function splitAudit(action: SplitAudit['action'], split: StoredSplit): SplitAudit {
  const { revision, kind, arms, shadows, guard } = split;
  return { action, revision, kind, arms, shadows, ...(guard && { guard }) };
}

/** Whether the split cannot go on without this version. */
export const splitNames = ({ arms, shadows }: StoredSplit, version: string): boolean =>
  shadows.includes(version) || arms.some((arm) => arm.version === version);
