import type { Item, ItemStore, WriteOperation } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key } from '../keys.ts';
import type { WatchState } from './types.ts';

const NOTHING_YET: WatchState = { predictions: '', labels: '', windows: {}, due: false };

/** A model's state as it was read; `rev` counts its writes. */
export interface Watched {
  state: WatchState;
  rev: number;
}

/**
 * How far each model is watched. Whatever is worked out from the log is written in one transaction with the state that it was
 * worked out at, on condition that nobody wrote that since: so nothing is counted twice or not at all, whoever repeats.
 */
export class WatchStates {
  readonly #items: ItemStore;

  constructor(items: ItemStore) {
    this.#items = items;
  }

  async read(ws: string, model: string): Promise<Watched> {
    const item = await this.#items.get(key.watched(ws, model), { consistent: true });
    if (item === undefined) return { state: NOTHING_YET, rev: 0 };
    return { state: fromText<WatchState>(item.state, 'watch state'), rev: item.rev as number };
  }

  /**
   * The state from now on, and what goes with it: 95 items at most.
   * @throws ConditionFailedError where another was quicker: nothing is written then
   */
  async write(
    ws: string,
    model: string,
    { rev }: Watched,
    state: WatchState,
    items: readonly Item[] = [],
  ): Promise<Watched> {
    const operations: WriteOperation[] = [
      {
        put: { ...key.watched(ws, model), rev: rev + 1, state: toText(state) },
        condition: rev === 0 ? { absent: true } : { equals: { rev } },
      },
      ...items.map((put) => ({ put })),
    ];
    await this.#items.transact(operations);
    return { state, rev: rev + 1 };
  }
}
