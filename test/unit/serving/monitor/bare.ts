import type { MonitorDeps, WatchRules } from '../../../../lib/serving/monitor/types.ts';
import { DriftReports, type DriftSummary, driftReportId } from '../../../../lib/tracking/monitoring/index.ts';
import { bucketsAt, Traffic } from '../../../../lib/tracking/monitoring/traffic.ts';
import type { TrafficSums } from '../../../../lib/tracking/monitoring/types.ts';
import { FixedClock, MemoryBus, MemoryItemStore, MemoryObjectStore } from '../../../support/memory.ts';

export const WS = 'default';
export const MODEL = 'm';
export const NOON = '2026-03-01T12:00:00.000Z';
export const HOUR = 3_600_000;

/** The monitor over empty stores: whatever it goes by is put there by the test, and nothing is trained. */
export function bareMonitor({ champion = '1' as string | undefined, rules = [] as WatchRules[] } = {}) {
  const clock = new FixedClock(NOON);
  const items = new MemoryItemStore(clock);
  const objects = new MemoryObjectStore(clock);
  const events = new MemoryBus();
  const started: string[] = [];
  const measured: [string, number][] = [];
  const state = { champion, rules };
  const deps: MonitorDeps = {
    items,
    objects,
    events,
    clock,
    predictions: {
      list: async () => ({ items: [] }),
      get: async () => {
        throw new Error('nothing is logged here');
      },
    },
    registry: {
      getModel: async () => ({ aliases: state.champion === undefined ? {} : { production: state.champion } }),
      getVersion: async () => {
        throw new Error('no version is asked for here');
      },
      listModels: async () => ({ items: [] }),
    } as unknown as MonitorDeps['registry'],
    rules: () => state.rules,
    start: async (_ws, pipeline, identity) => {
      started.push(`${pipeline} ${identity}`);
      return { runId: `run of ${pipeline}` };
    },
    watchSplit: async () => undefined,
    measure: ({ name, value }) => measured.push([name, value]),
  };

  /** Lists a drift report of the hour before `to`. */
  async function report(to: string, more: Partial<DriftSummary> = {}) {
    const from = new Date(Date.parse(to) - HOUR).toISOString();
    const version = more.version ?? '1';
    const summary: DriftSummary = {
      id: driftReportId(MODEL, { version, from, to }),
      model: MODEL,
      version,
      from,
      to,
      rows: 150,
      status: 'ok',
      drifted: [],
      highestPsi: 0.01,
      ...more,
    };
    await items.put(await new DriftReports(items, objects).store(WS, summary, summary));
  }

  /** Counts what a version did at a time, as a look does. */
  async function traffic(at: string, sums: Partial<TrafficSums>, version = '1', shadow = false) {
    const whole = { requests: 0, rows: 0, errors: 0, latency: {}, labels: 0, ...sums };
    const refs = bucketsAt(at, version, shadow).map((ref) => [ref, whole] as const);
    for (const item of await new Traffic(items).added(WS, MODEL, refs)) await items.put(item);
  }

  const told = () =>
    events.events.map(({ detailType, detail }) => `${detailType}: ${(detail as { alarm: string }).alarm}`);
  return { deps, state, clock, items, objects, events, started, measured, report, traffic, told };
}
export type BareMonitor = ReturnType<typeof bareMonitor>;
