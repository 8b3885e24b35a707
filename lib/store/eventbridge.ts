import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { TransientError } from '../errors/index.ts';
import { fromAws } from './aws-errors.ts';
import { backoff } from './backoff.ts';
import { StoreError } from './errors.ts';
import type { EventBus } from './ports.ts';

/** The source of every event of ours: rules match on it. */
export const EVENT_SOURCE = 'arboleda';
/** EventBridge's limit of an entry is 256 KB with its source and type; the rest is left for those. */
export const MAX_EVENT_DETAIL_BYTES = 255 * 1024;
/** A text longer than this is cut where an event is too large. */
const LONGEST_TEXT = 1_000;
const TRIES = 4;

/** EventBridge, one bus. */
export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;
  readonly #bus: string;

  constructor(client: EventBridgeClient, bus: string) {
    this.#client = client;
    this.#bus = bus;
  }

  /** An event over 256 KB goes out with its short facts only and `trimmed: true`: an event tells, the run's record knows. */
  async publish(detailType: string, detail: Record<string, unknown>): Promise<void> {
    const entry = {
      EventBusName: this.#bus,
      Source: EVENT_SOURCE,
      DetailType: detailType.slice(0, 128),
      Detail: eventDetail(detail),
    };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#put(entry);
      // A refused entry is no error of the call: it answers 200 with the code in the entry.
      const code = answer.FailedEntryCount ? (answer.Entries?.[0]?.ErrorCode ?? 'unknown') : undefined;
      if (code === undefined) return;
      const passing = /throttl|internal|unavailable/i.test(code);
      if (!passing) throw new StoreError(`EventBridge refused ${detailType}: ${code}`);
      if (attempt === TRIES) throw new TransientError(`EventBridge refused ${detailType}: ${code}`);
      await backoff(attempt);
    }
  }

  async #put(entry: Record<string, string>) {
    try {
      return await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    } catch (error) {
      throw fromAws(error, `EventBridge put ${entry.DetailType}`);
    }
  }
}

/** A detail as JSON of at most 255 KB. */
export function eventDetail(detail: Record<string, unknown>): string {
  const whole = JSON.stringify(detail);
  if (Buffer.byteLength(whole) <= MAX_EVENT_DETAIL_BYTES) return whole;
  const short = Object.entries(detail)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value] as const)
    .slice(0, 50);
  return JSON.stringify({ ...Object.fromEntries(short), trimmed: true });
}
