import type { Clock, ItemStore } from '../../store/ports.ts';
import { RegistryRecords } from '../registry-records.ts';
import { revertSplit, type SplitRevert } from './operations.ts';
import { type TrafficRoute, trafficRoute } from './route.ts';
import type { Split } from './types.ts';

/** Splits as serving needs them: where traffic goes, and the way back. The prediction function carries no more of them. */
export class SplitTraffic {
  protected readonly records: RegistryRecords;

  constructor(items: ItemStore, clock: Clock) {
    this.records = new RegistryRecords(items, clock);
  }

  /** The versions that answer callers who name none: a read of the model, and one of each version. @throws NotFoundError */
  route(ws: string, model: string): Promise<TrafficRoute> {
    return trafficRoute(this.records, ws, model);
  }

  /**
   * Sends all traffic back to the champion and keeps the split's record, `reverted`, which says why. Null, and nothing
   * written, where the split is not running at this revision any more.
   *
   * @throws NotFoundError
   */
  revert(ws: string, revert: SplitRevert): Promise<Split | null> {
    return revertSplit(this.records, ws, revert);
  }
}
