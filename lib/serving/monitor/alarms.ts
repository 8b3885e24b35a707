import {
  Alarms,
  DriftReports,
  type LabelMetrics,
  type ModelAlarm,
  metricsOf,
  type StoredAlarm,
  Traffic,
} from '../../tracking/monitoring/index.ts';
import type { MetricRule, MonitorDeps, RetrainRule, WatchRules } from './types.ts';

/** An alarm as it should be, and what it starts. */
interface Wanted {
  name: string;
  state: 'ok' | 'alarm';
  reason: string;
  remedy: string;
  /** When what it goes by happened: decides the window that a run is started for. */
  at: string;
  retrain: readonly { pipeline: string; rule: RetrainRule }[];
}

/**
 * Brings a model's alarms to what its champion's last report and labels say, tells each change on the bus and starts the runs that
 * the rules ask for. Goes by what is stored alone, so that it may be ended anywhere and done again: an alarm whose state was
 * not told is told, and the identity of a run is its window.
 */
export async function judgeAlarms(deps: MonitorDeps, ws: string, model: string): Promise<ModelAlarm[]> {
  const { aliases } = await deps.registry.getModel(ws, model);
  const version = aliases.production;
  if (version === undefined) return new Alarms(deps.items).list(ws, model);
  const rules = deps.rules(model);
  const watched = await Promise.all(
    rules.flatMap(({ pipeline, metric }) =>
      metric === undefined ? [] : [metricAlarm(deps, ws, model, version, { pipeline, rule: metric })],
    ),
  );
  // One number a model: where several pipelines watch it, that of the first by name. The alarms have them all.
  const value = watched[0]?.value;
  if (value !== undefined) deps.measure({ name: 'ModelQuality', value, of: { workspace: ws, model } });
  const wanted = [await driftAlarm(deps, ws, model, version, rules), ...watched.map(({ alarm }) => alarm)];
  const names = new Set(wanted.map(({ name }) => name));
  for (const { name, state } of await new Alarms(deps.items).list(ws, model)) {
    // Its rule was taken out of the definition while it was raised: nothing else would ever end it.
    if (state === 'alarm' && !names.has(name)) wanted.push(unwatched(name, deps.clock.now()));
  }
  for (const same of Map.groupBy(wanted, ({ name }) => name).values()) {
    await bring(deps, ws, model, version, merged(same));
  }
  return new Alarms(deps.items).list(ws, model);
}

const unwatched = (name: string, now: Date): Wanted => ({
  name,
  state: 'ok',
  reason: `no pipeline has a rule on ${name} any more`,
  remedy: 'Nothing to do.',
  at: now.toISOString(),
  retrain: [],
});

/** Rules of several pipelines on one metric are one alarm: raised as long as any of them is broken, by those that are. */
function merged(same: readonly Wanted[]): Wanted {
  const broken = same.filter(({ state }) => state === 'alarm');
  const [first, ...others] = broken.length > 0 ? broken : same;
  if (others.length === 0) return first as Wanted;
  const all = [first as Wanted, ...others];
  return {
    ...(first as Wanted),
    reason: [...new Set(all.map(({ reason }) => reason))].join('; '),
    remedy: [...new Set(all.map(({ remedy }) => remedy))].join(' '),
    retrain: all.flatMap(({ retrain }) => retrain),
  };
}

/** What a reason names at most: the report has them all. */
const NAMED = 10;

const namesOf = (drifted: readonly string[]): string =>
  drifted.slice(0, NAMED).join(', ') + (drifted.length > NAMED ? ` and ${drifted.length - NAMED} more` : '');

async function driftAlarm(
  deps: MonitorDeps,
  ws: string,
  model: string,
  version: string,
  rules: readonly WatchRules[],
): Promise<Wanted> {
  const { items } = await new DriftReports(deps.items, deps.objects).list(ws, model, { limit: 100 });
  // A report on too few rows says nothing either way.
  const last = items.find((one) => one.version === version && one.status !== 'too-few-rows');
  const drifted = last?.status === 'drift';
  return {
    name: 'drift',
    state: drifted ? 'alarm' : 'ok',
    reason:
      last === undefined
        ? `version ${version} has not answered enough rows to be judged`
        : drifted
          ? `in the last ${last.rows} rows of version ${version} drifted: ${namesOf(last.drifted)}`
          : `nothing drifted in the last ${last.rows} rows of version ${version}`,
    remedy: drifted
      ? `Look at \`npx arboleda drift ${model} ${last.id}\`; train on newer data, or correct what sends the rows.`
      : 'Nothing to do.',
    at: last?.to ?? deps.clock.now().toISOString(),
    retrain: drifted
      ? rules.flatMap(({ pipeline, whenDrift: rule }) => (rule ? [{ pipeline, rule }] : []))
      : [],
  };
}

async function metricAlarm(
  deps: MonitorDeps,
  ws: string,
  model: string,
  version: string,
  { pipeline, rule }: { pipeline: string; rule: MetricRule },
): Promise<{ alarm: Wanted; value: number | undefined }> {
  const now = deps.clock.now();
  const from = new Date(now.getTime() - rule.over * 1000).toISOString();
  const sums = await new Traffic(deps.items).total(ws, model, version, from);
  const value = metricsOf(sums)[rule.metric as keyof LabelMetrics];
  const enough = sums.labels >= rule.minLabels && value !== undefined;
  const wrong = enough && (rule.wrong === 'below' ? value < rule.threshold : value > rule.threshold);
  const figure = `${rule.metric} of version ${version} is ${value?.toPrecision(4)} on ${sums.labels} labels`;
  const alarm: Wanted = {
    name: rule.metric,
    state: wrong ? 'alarm' : 'ok',
    reason: !enough
      ? `version ${version} has ${sums.labels} of the ${rule.minLabels} labels that it is judged by`
      : `${figure}, ${wrong ? rule.wrong : `not ${rule.wrong}`} ${rule.threshold}`,
    remedy: wrong
      ? `See \`npx arboleda traffic ${model}\` for since when; run the pipeline ${pipeline} on newer data, or roll back.`
      : 'Nothing to do.',
    at: now.toISOString(),
    retrain: wrong && rule.retrain ? [{ pipeline, rule: rule.retrain }] : [],
  };
  return { alarm, value };
}

/** Stores the alarm where its state changed, tells it, starts what is due; in this order, each step known by what it left. */
async function bring(deps: MonitorDeps, ws: string, model: string, version: string, wanted: Wanted) {
  const alarms = new Alarms(deps.items);
  const { name, state, reason, remedy } = wanted;
  const held = await alarms.get(ws, model, name);
  const changed = held === undefined || held.alarm.state !== state || held.alarm.version !== version;
  // An alarm that never was is no news.
  const news = held?.alarm.state !== state && (held !== undefined || state === 'alarm');
  const since = held?.alarm.state === state ? held.alarm.since : deps.clock.now().toISOString();
  const alarm = { ...held?.alarm, name, state, version, since, reason, remedy };
  let stored: StoredAlarm | undefined =
    changed || held.alarm.reason !== reason
      ? await alarms.put(ws, model, {
          ...(held ?? { rev: 0 }),
          alarm,
          announced: news ? false : (held?.announced ?? true),
        })
      : held;
  if (stored === undefined) return;
  stored = await startDue(deps, ws, model, stored, wanted);
  if (stored === undefined || stored.announced) return;
  await deps.events.publish(state === 'alarm' ? 'Model Alarm' : 'Model Alarm Ended', {
    workspace: ws,
    model,
    ...stored.alarm,
    alarm: name,
  });
  if (state === 'alarm') deps.measure({ name: 'ModelAlarms', value: 1 });
  await alarms.put(ws, model, { ...stored, announced: true });
}

/** A run a pipeline for the window that this alarm's cause lies in. */
async function startDue(
  deps: MonitorDeps,
  ws: string,
  model: string,
  stored: StoredAlarm,
  { name, retrain, at }: Wanted,
): Promise<StoredAlarm | undefined> {
  if (retrain.length === 0) return stored;
  const windowOf = ({ window }: RetrainRule) => Math.floor(Date.parse(at) / 1000 / window);
  const due = JSON.stringify(retrain.map(({ pipeline, rule }) => [pipeline, rule.window, windowOf(rule)]));
  if (stored.startedFor === due) return stored;
  let runId: string | undefined;
  for (const { pipeline, rule } of retrain) {
    const identity = `monitor:${model}:${name}:${rule.window}:${windowOf(rule)}`;
    ({ runId } = await deps.start(ws, pipeline, identity));
  }
  const alarm = { ...stored.alarm, ...(runId !== undefined && { runId }) };
  return new Alarms(deps.items).put(ws, model, { ...stored, alarm, startedFor: due });
}
