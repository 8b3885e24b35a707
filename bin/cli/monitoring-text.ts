import type { DriftReport } from '../../lib/serving/monitor/types.ts';
import { counted } from '../../lib/table/counted.ts';
import type { DriftSummary, ModelAlarm, TrafficBucket } from '../../lib/tracking/monitoring/types.ts';
import { figure, table } from './output.ts';

/** What the commands that watch models print. */
const time = (at: string): string => at.slice(0, 16).replace('T', ' ');
const percent = (share: number | null): string => (share === null ? '' : `${figure(100 * share)} %`);

/** Alarms that are raised first, then the reports, newest first. */
export function driftListText(alarms: readonly ModelAlarm[], reports: readonly DriftSummary[]): string {
  const raised = alarms.filter(({ state }) => state === 'alarm');
  const heads = raised.map(
    ({ name, since, reason, remedy }) => `ALARM ${name} since ${time(since)}: ${reason}\n  ${remedy}\n`,
  );
  if (reports.length === 0) {
    return `${heads.join('')}No report yet: one is made once a version has answered 100 rows in an hour, or after a day.\n`;
  }
  const rows = reports.map(({ id, version, from, to, rows: count, status, drifted, highestPsi }) => [
    id,
    version,
    time(from),
    time(to),
    figure(count),
    status,
    highestPsi === null ? '' : figure(highestPsi),
    drifted.slice(0, 5).join(', ') + (drifted.length > 5 ? `, ${drifted.length - 5} more` : ''),
  ]);
  return (
    heads.join('') + table(['report', 'version', 'from', 'to', 'rows', 'status', 'psi', 'drifted'], rows)
  );
}

/** Each feature, the drifted ones first. */
export function driftReportText(report: DriftReport): string {
  const all = [...report.features, ...(report.prediction ? [report.prediction] : [])];
  const ordered = all.toSorted(
    (a, b) => Number(b.drifted) - Number(a.drifted) || (b.psi ?? 0) - (a.psi ?? 0),
  );
  const rows = ordered.map((one) => [
    one.name,
    one.drifted ? one.reasons.join(', ') : 'ok',
    one.psi === null ? '' : figure(one.psi),
    one.test,
    one.statistic === null ? '' : figure(one.statistic),
    one.adjustedPValue === null ? '' : one.adjustedPValue.toPrecision(3),
    `${percent(one.missing.reference)} → ${percent(one.missing.current)}`,
    one.newCategories
      .map(({ value, count }) => `${value} (${count})`)
      .slice(0, 3)
      .join(', '),
  ]);
  const head = `${report.model} version ${report.version}, ${counted(report.rows, 'row')} from ${time(report.from)} to ${time(report.to)}: ${report.status}`;
  const columns = ['feature', 'drift', 'psi', 'test', 'statistic', 'p (adjusted)', 'missing', 'new'];
  return `${head}\n${table(columns, rows)}${report.notes.map((note) => `${note}\n`).join('')}`;
}

export function trafficText(buckets: readonly TrafficBucket[]): string {
  if (buckets.length === 0)
    return 'No traffic in this time; what was answered in the last minutes is counted by the next look.\n';
  const rows = buckets.map((one) => [
    time(one.at),
    `${one.version}${one.shadow ? ' (shadow)' : ''}`,
    figure(one.requests),
    figure(one.rows),
    figure(one.errors),
    [one.latencyMs.p50, one.latencyMs.p95, one.latencyMs.p99]
      .map((ms) => (ms === null ? '-' : figure(ms)))
      .join(' / '),
    figure(one.labels),
    Object.entries(one.metrics)
      .map(([name, value]) => `${name} ${figure(value)}`)
      .join(', '),
  ]);
  return table(
    ['at', 'version', 'requests', 'rows', 'errors', 'ms p50 / p95 / p99', 'labels', 'metrics'],
    rows,
  );
}
