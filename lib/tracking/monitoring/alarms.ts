import { ConditionFailedError } from '../../store/errors.ts';
import { collect } from '../../store/paging.ts';
import type { Item, ItemStore } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition, prefix } from '../keys.ts';
import type { ModelAlarm } from './types.ts';

/** An alarm as it is stored. */
export interface StoredAlarm {
  alarm: ModelAlarm;
  /** Its state was told on the bus. */
  announced: boolean;
  /** The window that a run was started for last. */
  startedFor?: string;
  rev: number;
}

/** A model's alarms, by name. */
export class Alarms {
  readonly #items: ItemStore;

  constructor(items: ItemStore) {
    this.#items = items;
  }

  async list(ws: string, model: string): Promise<ModelAlarm[]> {
    return (await this.stored(ws, model)).map(({ alarm }) => alarm);
  }

  /** With what is known of each: whether it was told, and what was started for it. */
  async stored(ws: string, model: string): Promise<StoredAlarm[]> {
    const request = { pk: partition.monitor(ws, model), skPrefix: prefix.alarms, consistent: true };
    return (await collect(this.#items, request)).map(stored);
  }

  async get(ws: string, model: string, name: string): Promise<StoredAlarm | undefined> {
    const item = await this.#items.get(key.alarm(ws, model, name), { consistent: true });
    return item && stored(item);
  }

  /**
   * Writes an alarm as it was not before.
   * @returns it with its new `rev`, or undefined where another wrote it meanwhile
   */
  async put(ws: string, model: string, next: StoredAlarm): Promise<StoredAlarm | undefined> {
    const { alarm, announced, startedFor, rev } = next;
    const item = {
      ...key.alarm(ws, model, alarm.name),
      alarm: toText(alarm),
      announced,
      rev: rev + 1,
      ...(startedFor !== undefined && { startedFor }),
    };
    try {
      await this.#items.put(item, rev === 0 ? { absent: true } : { equals: { rev } });
      return { ...next, rev: rev + 1 };
    } catch (error) {
      if (error instanceof ConditionFailedError) return undefined;
      throw error;
    }
  }
}

const stored = (item: Item): StoredAlarm => ({
  alarm: fromText<ModelAlarm>(item.alarm, 'alarm'),
  announced: item.announced as boolean,
  rev: item.rev as number,
  ...(item.startedFor !== undefined && { startedFor: item.startedFor as string }),
});
