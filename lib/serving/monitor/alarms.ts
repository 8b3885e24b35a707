import { counted, grouped } from '../../table/counted.ts';
import {
  Alarms,
  DriftReports,
  type LabelMetrics,
  type ModelAlarm,
  metricsOf,
  Traffic,
} from '../../tracking/monitoring/index.ts';
import { bringAlarm, type WantedAlarm } from './bring-alarm.ts';
import type { MetricRule, MonitorDeps, WatchRules } from './types.ts';

/** What came of a judgement. */
export interface Judged {
  alarms: ModelAlarm[];
  /** Another wrote an alarm at the same time and may yet be ended before it is told: to be judged again. */
  again: boolean;
}

/**
 * Brings a model's alarms to what its champion's last report and labels say, tells each change on the bus and starts the runs that
 * the rules ask for. Goes by what is stored alone, so that it may be ended anywhere and done again: an alarm whose state was
 * not told is told, and the identity of a run is its window. What fails for one alarm keeps no other from being told.
 *
 * @throws what the first of them that failed threw, once all were tried
 */
export async function judgeAlarms(deps: MonitorDeps, ws: string, model: string): Promise<Judged> {
  const { aliases } = await deps.registry.getModel(ws, model);
  const version = aliases.production;
  const wanted = version === undefined ? [] : await judgeVersion(deps, ws, model, version);
  const names = new Set(wanted.map(({ name }) => name));
  for (const { alarm, announced } of await new Alarms(deps.items).stored(ws, model)) {
    const ends = alarm.state === 'alarm' || !announced;
    if (ends && !names.has(alarm.name)) wanted.push(unwatched(alarm.name, version, deps.clock.now()));
  }
  const failures: unknown[] = [];
  let again = false;
  for (const same of Map.groupBy(wanted, ({ name }) => name).values()) {
    try {
      const brought = await bringAlarm(deps, ws, model, version, merged(same));
      again ||= !brought;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { alarms: await new Alarms(deps.items).list(ws, model), again };
}

async function judgeVersion(
  deps: MonitorDeps,
  ws: string,
  model: string,
  version: string,
): Promise<WantedAlarm[]> {
  const rules = deps.rules(model);
  const watched = await Promise.all(
    rules.flatMap(({ pipeline, metric }) =>
      metric === undefined ? [] : [metricAlarm(deps, ws, model, version, { pipeline, rule: metric })],
    ),
  );
  // One number a model: where several pipelines watch it, that of the first by name. The alarms have them all.
  const value = watched[0]?.value;
  if (value !== undefined) deps.measure({ name: 'ModelQuality', value, of: { workspace: ws, model } });
  return [await driftAlarm(deps, ws, model, version, rules), ...watched.map(({ alarm }) => alarm)];
}

/** Nothing else would ever end an alarm whose rule was taken out of the definition, or whose model has no champion left. */
const unwatched = (name: string, champion: string | undefined, now: Date): WantedAlarm => ({
  name,
  state: 'ok',
  reason:
    champion === undefined
      ? 'no version is in production any more'
      : `no pipeline has a rule on ${name} any more`,
  remedy: 'Nothing to do.',
  at: now.toISOString(),
  retrain: [],
});

/** Rules of several pipelines on one metric are one alarm: raised as long as any of them is broken, by those that are. */
function merged(same: readonly WantedAlarm[]): WantedAlarm {
  const known = same.filter(({ unknown }) => !unknown);
  const broken = known.filter(({ state }) => state === 'alarm');
  const [first, ...others] = [broken, known, same].find(({ length }) => length > 0) as readonly WantedAlarm[];
  if (others.length === 0) return first as WantedAlarm;
  const all = [first as WantedAlarm, ...others];
  return {
    ...(first as WantedAlarm),
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
): Promise<WantedAlarm> {
  const { items } = await new DriftReports(deps.items, deps.objects).list(ws, model, { limit: 100 });
  // A report on too few rows says nothing either way.
  const last = items.find((one) => one.version === version && one.status !== 'too-few-rows');
  const drifted = last?.status === 'drift';
  return {
    name: 'drift',
    state: drifted ? 'alarm' : 'ok',
    ...(last === undefined && { unknown: true }),
    reason:
      last === undefined
        ? `version ${version} has not answered enough rows to be judged`
        : drifted
          ? `in the last ${counted(last.rows, 'row')} of version ${version} drifted: ${namesOf(last.drifted)}`
          : `nothing drifted in the last ${counted(last.rows, 'row')} of version ${version}`,
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
): Promise<{ alarm: WantedAlarm; value: number | undefined }> {
  const now = deps.clock.now();
  const from = new Date(now.getTime() - rule.over * 1000).toISOString();
  const sums = await new Traffic(deps.items).total(ws, model, version, from);
  const value = metricsOf(sums)[rule.metric as keyof LabelMetrics];
  const labels = counted(sums.labels, 'label');
  const wanting =
    sums.labels < rule.minLabels
      ? `version ${version} has ${grouped(sums.labels)} of the ${counted(rule.minLabels, 'label')} that it is judged by`
      : value === undefined
        ? // R² of labels that are all one; or a rule on a metric of the other task.
          `${rule.metric} of version ${version} has no value on its ${labels}`
        : undefined;
  const judged = wanting === undefined ? (value as number) : undefined;
  const wrong =
    judged !== undefined && (rule.wrong === 'below' ? judged < rule.threshold : judged > rule.threshold);
  const alarm: WantedAlarm = {
    name: rule.metric,
    state: wrong ? 'alarm' : 'ok',
    ...(wanting !== undefined && { unknown: true }),
    reason:
      wanting ??
      `${rule.metric} of version ${version} is ${beside(judged as number, rule.threshold)} on ${labels}, ${wrong ? rule.wrong : `not ${rule.wrong}`} ${written(rule.threshold)}`,
    remedy: wrong
      ? `See \`npx arboleda traffic ${model}\` for since when; run the pipeline ${pipeline} on newer data, or roll back.`
      : 'Nothing to do.',
    at: now.toISOString(),
    retrain: wrong && rule.retrain ? [{ pipeline, rule: rule.retrain }] : [],
  };
  return { alarm, value };
}

/** Four digits that count, and as many more as it takes not to read as the threshold that it is not. */
function beside(value: number, threshold: number): string {
  for (let digits = 4; digits < 15; digits++) {
    const text = written(Number(value.toPrecision(digits)));
    if (value === threshold || text !== written(threshold)) return text;
  }
  return String(value);
}

/** Thousands apart, and no exponent where a person can do without. */
const written = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-6)
    ? String(value)
    : value.toLocaleString('en-US', { maximumSignificantDigits: 15 });
