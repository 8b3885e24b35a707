import type { Clock, ItemStore } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition } from '../keys.ts';
import { optimistic } from '../optimistic.ts';
import type { PredictionRecord } from '../types.ts';
import { addLabels, labelSums } from './sums.ts';
import type { LabelSums } from './types.ts';

const DAYS = 60;

/** What turned out to be true of a row. */
export type Label = string | number | boolean;

/** What came of the labels of one request. */
export interface Labelled {
  /** Rows that had no label. */
  accepted: number;
  /** Rows whose label was another. */
  corrected: number;
  /** Rows that had this label already. */
  unchanged: number;
}

/** What labels changed of a version's figures: counted by the monitor, once. */
export interface LabelsChange {
  version: string;
  /** When the prediction was made. */
  predictedAt: string;
  sums: LabelSums;
}

/**
 * Labels of logged predictions. They are one item beside the prediction; whatever a call changes of them is in its transaction a
 * second item, the difference that it makes, so that repeats make none, a correction takes the old label out, and callers who
 * label at once meet at no counter.
 */
export class Feedback {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /** The labels of a request by row; empty where there are none. */
  async labels(ws: string, requestId: string): Promise<Record<string, Label>> {
    return (await this.#read(ws, requestId)).labels;
  }

  /** Joins labels to a prediction. Repeating it changes nothing. */
  async give(
    ws: string,
    record: Pick<PredictionRecord, 'requestId' | 'model' | 'version' | 'at' | 'predictions'>,
    task: 'classification' | 'regression',
    given: ReadonlyMap<number, Label>,
  ): Promise<Labelled> {
    const { requestId, model, version, at: predictedAt, predictions } = record;
    return optimistic(async () => {
      const { labels, rev } = await this.#read(ws, requestId);
      const result = { accepted: 0, corrected: 0, unchanged: 0 };
      let sums: LabelSums = { labels: 0 };
      for (const [row, label] of given) {
        const before = labels[row];
        if (before === label) {
          result.unchanged++;
          continue;
        }
        const predicted = (predictions[row] as { prediction: string | number }).prediction;
        if (before !== undefined) sums = addLabels(sums, labelSums(task, predicted, before), -1);
        sums = addLabels(sums, labelSums(task, predicted, label));
        result[before === undefined ? 'accepted' : 'corrected']++;
        labels[row] = label;
      }
      if (result.accepted + result.corrected === 0) return result;
      const now = this.#clock.now();
      const ttl = Math.floor(now.getTime() / 1000) + DAYS * 86_400;
      const change: LabelsChange = { version, predictedAt, sums };
      await this.#items.transact([
        {
          put: { ...key.labels(ws, requestId), rev: rev + 1, labels: toText(labels), ttl },
          condition: rev === 0 ? { absent: true } : { equals: { rev } },
        },
        {
          put: {
            ...key.labelsChange(ws, requestId, rev + 1),
            gsi1pk: partition.feedback(ws, model),
            gsi1sk: `${now.toISOString()}#${requestId}#${rev + 1}`,
            change: toText(change),
            ttl,
          },
          condition: { absent: true },
        },
      ]);
      return result;
    }, `labels of ${requestId}`);
  }

  async #read(ws: string, requestId: string): Promise<{ labels: Record<string, Label>; rev: number }> {
    const item = await this.#items.get(key.labels(ws, requestId), { consistent: true });
    if (item === undefined) return { labels: {}, rev: 0 };
    return { labels: fromText<Record<string, Label>>(item.labels, 'labels'), rev: item.rev as number };
  }
}
