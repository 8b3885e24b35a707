import { storedSplit, toSplit } from './item.ts';
import {
  promoteSplit,
  revertTold,
  type SplitPromoted,
  type SplitPromotion,
  type SplitSet,
  type SplitStop,
  setSplit,
  stopSplit,
} from './operations.ts';
import { SplitTraffic } from './traffic.ts';
import type { Split } from './types.ts';

/**
 * How models' traffic is split. A split is part of the model's item: whatever moves `production`, or deletes a version that
 * the split names, ends it in the same transaction (`Registry`).
 */
export class Splits extends SplitTraffic {
  /** Null where the champion answers it all and no guard said why. Strongly consistent. @throws NotFoundError */
  async get(ws: string, model: string): Promise<Split | null> {
    const split = storedSplit(await this.records.model(ws, model));
    return split === undefined ? null : toSplit(model, split);
  }

  /**
   * Splits the traffic beside the champion, or changes how it is split, with the audit record, in one transaction. Where it
   * is split so already, nothing is written. Callers keep their version while the versions stay, in whatever order they are
   * told, and the weights allow.
   *
   * @throws SplitChangedError where it was not at `expectedRevision`, AliasMovedError where the champion is another one,
   *   NoChampionError, ForeignModelError, StagingRequiredError by the model's policy, NotFoundError, InvalidInputError
   * @example
   * const arms = [{ version: '1', weight: 90 }, { version: '2', weight: 10 }];
   * await splits.set(ws, { model: 'housing', split: { kind: 'ab', arms }, actor: 'ana', reason: 'is 2 better?' });
   */
  set(ws: string, split: SplitSet): Promise<Split> {
    return setSplit(this.records, ws, split);
  }

  /**
   * Ends the split: the champion answers everything. Gives the split that it ended; null where there was none.
   *
   * @throws SplitChangedError, NotFoundError
   */
  stop(ws: string, stop: SplitStop): Promise<Split | null> {
    return stopSplit(this.records, ws, stop);
  }

  /**
   * Gives `production` to a version of the split and ends it, in one transaction; the champion itself only ends it. A repeat
   * that names the version succeeds.
   *
   * @throws NoSplitError, SplitChangedError, SplitRevertedError where none is named and the guard ended it,
   *   StagingRequiredError, InvalidInputError, NotFoundError
   */
  promote(ws: string, promotion: SplitPromotion): Promise<SplitPromoted> {
    return promoteSplit(this.records, ws, promotion);
  }

  /** A reverted split whose event is not known to be published. @throws NotFoundError */
  async untold(ws: string, model: string): Promise<Split | null> {
    const split = storedSplit(await this.records.model(ws, model));
    return split?.eventDue === true ? toSplit(model, split) : null;
  }

  /** Notes that the event of a revert is published; nothing where the split has changed since. @throws NotFoundError */
  told(ws: string, model: string, revision: number): Promise<void> {
    return revertTold(this.records, ws, model, revision);
  }
}
