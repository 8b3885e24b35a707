import { Alarms, type StoredAlarm } from '../../tracking/monitoring/index.ts';
import type { MonitorDeps, RetrainRule } from './types.ts';

/** An alarm as it should be, and what it starts. */
export interface WantedAlarm {
  name: string;
  state: 'ok' | 'alarm';
  /** Too little is known to say either: what is raised for this version stays so, and nothing is raised. */
  unknown?: true;
  reason: string;
  remedy: string;
  /** When what it goes by happened: decides the window that a run is started for. */
  at: string;
  retrain: readonly { pipeline: string; rule: RetrainRule }[];
}

/**
 * Stores the alarm where its state changed, starts what is due and tells it; in this order, each step known by what it left. A run
 * that cannot be started keeps nobody from being told.
 *
 * @param champion undefined where nothing is in production
 * @returns false where another wrote the alarm at the same time: it is that one's to tell, should it live
 * @throws what starting a run threw, once the alarm is told; what publishing threw
 */
export async function bringAlarm(
  deps: MonitorDeps,
  ws: string,
  model: string,
  champion: string | undefined,
  wanted: WantedAlarm,
): Promise<boolean> {
  const held = await new Alarms(deps.items).get(ws, model, wanted.name);
  const stays = wanted.unknown && held?.alarm.state === 'alarm' && held.alarm.version === champion;
  const stored = stays ? held : await store(deps, ws, model, champion, wanted, held);
  if (stored === undefined) return false;
  const { alarm, failures } = await startDue(deps, ws, model, stored, wanted);
  if (alarm === undefined) return false;
  const told = alarm.announced || (await tell(deps, ws, model, alarm));
  if (failures.length > 0) throw failures[0];
  return told;
}

/** The alarm as it is from now on; undefined where another wrote it meanwhile. */
async function store(
  deps: MonitorDeps,
  ws: string,
  model: string,
  champion: string | undefined,
  { name, state, reason, remedy }: WantedAlarm,
  held: StoredAlarm | undefined,
): Promise<StoredAlarm | undefined> {
  const version = champion ?? held?.alarm.version;
  if (version === undefined) return undefined;
  const same = held?.alarm.state === state && held.alarm.version === version && held.alarm.reason === reason;
  if (same) return held;
  // An alarm that never was is no news.
  const news = held?.alarm.state !== state && (held !== undefined || state === 'alarm');
  const since = held?.alarm.state === state ? held.alarm.since : deps.clock.now().toISOString();
  const alarm = { ...held?.alarm, name, state, version, since, reason, remedy };
  const announced = news ? false : (held?.announced ?? true);
  return new Alarms(deps.items).put(ws, model, { ...(held ?? { rev: 0 }), alarm, announced });
}

/** @returns whether it is known to be told */
async function tell(deps: MonitorDeps, ws: string, model: string, stored: StoredAlarm): Promise<boolean> {
  const { name, state } = stored.alarm;
  const type = state === 'alarm' ? 'Model Alarm' : 'Model Alarm Ended';
  await deps.events.publish(type, { workspace: ws, model, ...stored.alarm, alarm: name });
  if (state === 'alarm') deps.measure({ name: 'ModelAlarms', value: 1 });
  const written = await new Alarms(deps.items).put(ws, model, { ...stored, announced: true });
  return written !== undefined;
}

/** A run a pipeline for the window that this alarm's cause lies in. One that cannot be started keeps no other from it. */
async function startDue(
  deps: MonitorDeps,
  ws: string,
  model: string,
  stored: StoredAlarm,
  { name, retrain, at }: WantedAlarm,
): Promise<{ alarm: StoredAlarm | undefined; failures: unknown[] }> {
  const failures: unknown[] = [];
  if (retrain.length === 0) return { alarm: stored, failures };
  const windowOf = ({ window }: RetrainRule) => Math.floor(Date.parse(at) / 1000 / window);
  const due = JSON.stringify(retrain.map(({ pipeline, rule }) => [pipeline, rule.window, windowOf(rule)]));
  if (stored.startedFor === due) return { alarm: stored, failures };
  let runId: string | undefined;
  for (const { pipeline, rule } of retrain) {
    const identity = `monitor:${model}:${name}:${rule.window}:${windowOf(rule)}`;
    try {
      ({ runId } = await deps.start(ws, pipeline, identity));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) return { alarm: stored, failures };
  const alarm = { ...stored.alarm, ...(runId !== undefined && { runId }) };
  const next = await new Alarms(deps.items).put(ws, model, { ...stored, alarm, startedFor: due });
  return { alarm: next, failures };
}
