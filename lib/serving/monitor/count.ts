import type { Item } from '../../store/ports.ts';
import { fromText } from '../../tracking/json.ts';
import { partition } from '../../tracking/keys.ts';
import {
  addTraffic,
  type BucketRef,
  bucketsAt,
  type LabelsChange,
  latencyBin,
  noTraffic,
  Traffic,
  type TrafficSums,
  type Watched,
  type WatchState,
  WatchStates,
} from '../../tracking/monitoring/index.ts';
import { predictionFacts } from '../../tracking/prediction-facts.ts';
import type { MonitorDeps } from './types.ts';

/** Items read at once. */
const PAGE = 500;
/** Buckets written in one transaction, which takes 100 operations. */
const MOST_BUCKETS = 90;
/** Earlier than any sort key. */
const FIRST = '0';

/** What was counted of one list, up to which of its keys. */
interface Counted {
  items: number;
  upTo: string;
  buckets: Map<string, [BucketRef, TrafficSums]>;
  windows: WatchState['windows'];
}

/**
 * Counts what was logged since the last time, up to the moment `until`: requests, latencies, errors and labels by version into
 * buckets of time. Each transaction writes the buckets and how far it came, on condition that nobody came further meanwhile.
 *
 * @param state as it was read, no window of it ended
 * @param until ISO 8601; younger records may still be on their way into the index
 * @throws ConditionFailedError where another counted at the same time
 */
export async function countNew(
  deps: Pick<MonitorDeps, 'items'>,
  ws: string,
  model: string,
  state: Watched,
  until: string,
): Promise<{ watched: Watched; requests: number; labels: number }> {
  const states = new WatchStates(deps.items);
  const traffic = new Traffic(deps.items);
  let watched = state;
  const found = { predictions: 0, labels: 0 };
  for (const list of ['predictions', 'labels'] as const) {
    while (true) {
      const counted = await countPage(deps, ws, model, list, watched.state, until);
      if (counted === undefined) break;
      const items = await traffic.added(ws, model, [...counted.buckets.values()]);
      const { windows, upTo } = counted;
      watched = await states.write(
        ws,
        model,
        watched,
        { ...watched.state, [list]: upTo, windows, due: true },
        items,
      );
      found[list] += counted.items;
    }
  }
  return { watched, requests: found.predictions, labels: found.labels };
}

async function countPage(
  { items }: Pick<MonitorDeps, 'items'>,
  ws: string,
  model: string,
  list: 'predictions' | 'labels',
  state: WatchState,
  until: string,
): Promise<Counted | undefined> {
  const pk = list === 'predictions' ? partition.predictions(ws, model) : partition.feedback(ws, model);
  const after = state[list] === '' ? FIRST : `${state[list]}\u0001`;
  if (after >= until) return undefined;
  const page = await items.query({ pk, index: 'gsi1', skBetween: [after, until], limit: PAGE });
  if (page.items.length === 0) return undefined;
  const counted: Counted = { items: 0, upTo: '', buckets: new Map(), windows: { ...state.windows } };
  for (const item of page.items) {
    // One more item may fill buckets of several versions.
    if (counted.buckets.size > MOST_BUCKETS / 2) break;
    counted.upTo = item.gsi1sk as string;
    if (list === 'labels') countLabels(counted, item);
    else if (!countPrediction(counted, item)) continue;
    counted.items++;
  }
  return counted;
}

/** @returns false of a probe, which is none of the model's traffic */
function countPrediction(counted: Counted, item: Item): boolean {
  const facts = predictionFacts(item);
  if (facts.probe) return false;
  const { at, version, count, latencyMs, error, failedOver, shadows = [] } = facts;
  add(
    counted,
    at,
    version,
    false,
    attempt({ rows: error ? 0 : count, latencyMs, failed: error !== undefined }),
  );
  if (failedOver) {
    add(
      counted,
      at,
      failedOver.version,
      false,
      attempt({ rows: 0, latencyMs: failedOver.latencyMs, failed: true }),
    );
  }
  for (const shadow of shadows) {
    const failed = shadow.error !== undefined;
    add(
      counted,
      at,
      shadow.version,
      true,
      attempt({ rows: failed ? 0 : count, latencyMs: shadow.latencyMs, failed }),
    );
  }
  if (error) return true;
  const open = counted.windows[version];
  counted.windows[version] = { from: open?.from ?? at, rows: (open?.rows ?? 0) + count };
  return true;
}

function countLabels(counted: Counted, item: Item): void {
  const { version, predictedAt, sums } = fromText<LabelsChange>(item.change, 'change of labels');
  add(counted, predictedAt, version, false, { ...noTraffic(), ...sums });
}

const attempt = (one: { rows: number; latencyMs: number | undefined; failed: boolean }): TrafficSums => ({
  ...noTraffic(),
  requests: 1,
  rows: one.rows,
  errors: one.failed ? 1 : 0,
  latency: one.latencyMs === undefined ? {} : { [latencyBin(one.latencyMs)]: 1 },
});

function add({ buckets }: Counted, at: string, version: string, shadow: boolean, sums: TrafficSums): void {
  for (const ref of bucketsAt(at, version, shadow)) {
    const id = JSON.stringify(ref);
    const held = buckets.get(id);
    buckets.set(id, [ref, addTraffic(held?.[1] ?? noTraffic(), sums)]);
  }
}
