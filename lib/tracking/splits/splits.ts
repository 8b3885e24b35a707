import type { Clock, ItemStore } from '../../store/ports.ts';
import { RegistryRecords } from '../registry-records.ts';
import { storedSplit, toSplit } from './item.ts';
import {
  promoteSplit,
  revertSplit,
  revertTold,
  type SplitPromoted,
  type SplitPromotion,
  type SplitRevert,
  type SplitSet,
  type SplitStop,
  setSplit,
  stopSplit,
} from './operations.ts';
import { type TrafficRoute, trafficRoute } from './route.ts';
import type { Split } from './types.ts';

/**
 * How models' traffic is split. A split is part of the model's item: whatever moves `production`, or deletes a version that
 * the split names, ends it in the same transaction (`Registry`).
 */
export class Splits {
  readonly #records: RegistryRecords;

  constructor(items: ItemStore, clock: Clock) {
    this.#records = new RegistryRecords(items, clock);
  }

  /** Null where the champion answers it all and no guard said why. Strongly consistent. @throws NotFoundError */
  async get(ws: string, model: string): Promise<Split | null> {
    const split = storedSplit(await this.#records.model(ws, model));
    return split === undefined ? null : toSplit(model, split);
  }

  /**
   * Splits the traffic beside the champion, or changes how it is split, with the audit record, in one transaction. Where it
   * is split so already, nothing is written. Callers keep their version while the versions stay and the weights allow.
   *
   * @throws SplitChangedError where it was not at `expectedRevision`, AliasMovedError where the champion is another one,
   *   NoChampionError, ForeignModelError, StagingRequiredError by the model's policy, NotFoundError, InvalidInputError
   * @example
   * const arms = [{ version: '1', weight: 90 }, { version: '2', weight: 10 }];
   * await splits.set(ws, { model: 'housing', split: { kind: 'ab', arms }, actor: 'ana', reason: 'is 2 better?' });
   */
  set(ws: string, split: SplitSet): Promise<Split> {
    return setSplit(this.#records, ws, split);
  }

  /**
   * Ends the split: the champion answers everything. Gives the split that it ended; null where there was none.
   *
   * @throws SplitChangedError, NotFoundError
   */
  stop(ws: string, stop: SplitStop): Promise<Split | null> {
    return stopSplit(this.#records, ws, stop);
  }

  /**
   * Gives `production` to a version of the split and ends it, in one transaction; the champion itself only ends it. A repeat
   * that names the version succeeds.
   *
   * @throws NoSplitError, SplitChangedError, SplitRevertedError where none is named and the guard ended it,
   *   StagingRequiredError, InvalidInputError, NotFoundError
   */
  promote(ws: string, promotion: SplitPromotion): Promise<SplitPromoted> {
    return promoteSplit(this.#records, ws, promotion);
  }

  /**
   * Sends all traffic back to the champion and keeps the split's record, `reverted`, which says why. Null, and nothing
   * written, where the split is not running at this revision any more.
   *
   * @throws NotFoundError
   */
  revert(ws: string, revert: SplitRevert): Promise<Split | null> {
    return revertSplit(this.#records, ws, revert);
  }

  /** A reverted split whose event is not known to be published. @throws NotFoundError */
  async untold(ws: string, model: string): Promise<Split | null> {
    const split = storedSplit(await this.#records.model(ws, model));
    return split?.eventDue === true ? toSplit(model, split) : null;
  }

  /** Notes that the event of a revert is published; nothing where the split has changed since. @throws NotFoundError */
  told(ws: string, model: string, revision: number): Promise<void> {
    return revertTold(this.#records, ws, model, revision);
  }

  /** The versions that answer callers who name none: a read of the model, and one of each version. @throws NotFoundError */
  route(ws: string, model: string): Promise<TrafficRoute> {
    return trafficRoute(this.#records, ws, model);
  }
}
