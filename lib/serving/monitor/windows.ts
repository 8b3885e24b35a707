import { readModelFile } from '../../learn/file/model-file.ts';
import { counted, grouped } from '../../table/counted.ts';
import {
  DriftReports,
  type DriftSummary,
  driftReportId,
  type OpenWindow,
  type Watched,
  WatchStates,
} from '../../tracking/monitoring/index.ts';
import { isOwn } from '../../tracking/own-model.ts';
import { DRIFT_BOUNDS, type DriftFigures, judgeDrift } from '../drift/index.ts';
import { absent } from './absent.ts';
import { recentRows } from './recent-rows.ts';
import type { DriftReport, MonitorDeps } from './types.ts';

const HOUR = 3_600_000;
/** A window lasts an hour at least, then until it has rows enough, and a day at most. */
const SHORTEST_MS = HOUR;
const LONGEST_MS = 24 * HOUR;

/**
 * Whether a version's window is to be judged. It ends by its length and its number of rows, and never by what the rows hold:
 * looking again and again until something is found would find something in the end.
 */
export function windowIsOver({ from, to, rows }: OpenWindow, now: string): boolean {
  if (to !== undefined) return true;
  const length = Date.parse(now) - Date.parse(from);
  return length >= LONGEST_MS || (length >= SHORTEST_MS && rows >= DRIFT_BOUNDS.minRows);
}

/**
 * Ends the windows that are over: each keeps its end before its rows are looked at. So a look that is cut off is done again
 * on the same rows, to the same report, whenever the next one comes; two looks at once make one.
 *
 * @param now up to when all is counted
 * @param asked ends open windows too: somebody wants to know now
 * @throws ConditionFailedError where another did the same
 */
export async function endWindows(
  deps: Pick<MonitorDeps, 'items'>,
  ws: string,
  model: string,
  { watched, now, asked }: { watched: Watched; now: string; asked: boolean },
): Promise<Watched> {
  const windows = Object.entries(watched.state.windows).map(([version, window]) => {
    // A clock behind the one that began it would end it before its first row.
    const ends = window.to === undefined && window.from < now && (asked || windowIsOver(window, now));
    return [version, ends ? { ...window, to: now } : window] as const;
  });
  if (windows.every(([version, window]) => window === watched.state.windows[version])) return watched;
  const state = { ...watched.state, windows: Object.fromEntries(windows) };
  return new WatchStates(deps.items).write(ws, model, watched, state);
}

/**
 * Compares the rows of each version whose window has ended with its training. The report is stored first, then listed in the
 * transaction that opens the version's next window.
 *
 * @throws ConditionFailedError where another did the same
 */
export async function judgeWindows(
  deps: MonitorDeps,
  ws: string,
  model: string,
  watched: Watched,
): Promise<{ watched: Watched; reports: DriftSummary[] }> {
  const states = new WatchStates(deps.items);
  const reports: DriftSummary[] = [];
  let state = watched;
  for (const [version, { to, ...window }] of Object.entries(watched.state.windows)) {
    if (to === undefined) continue;
    const { [version]: _, ...windows } = state.state.windows;
    const report = await reportOf(deps, ws, model, { version, ...window, to });
    const next = { ...state.state, windows, due: true };
    if (report === undefined) {
      state = await states.write(ws, model, state, next);
      continue;
    }
    const { features: _features, prediction: _prediction, notes: _notes, ...listed } = report;
    const item = await new DriftReports(deps.items, deps.objects).store(ws, listed, report);
    state = await states.write(ws, model, state, next, [item]);
    reports.push(listed);
    // One number a model: that of the version that answers, as its alarms are; a challenger's is in its report.
    const { aliases } = await deps.registry.getModel(ws, model);
    if (listed.highestPsi !== null && version === aliases.production) {
      deps.measure({ name: 'ModelDrift', value: listed.highestPsi, of: { workspace: ws, model } });
    }
  }
  return { watched: state, reports };
}

/** Undefined for a version that is no more, or whose model file is not ours to read. */
async function reportOf(
  deps: MonitorDeps,
  ws: string,
  model: string,
  window: OpenWindow & { version: string; to: string },
): Promise<DriftReport | undefined> {
  const version = await deps.registry.getVersion(ws, model, window.version).catch(absent);
  if (version === undefined || !isOwn(version)) return undefined;
  const bytes = await deps.objects.get(version.modelKey).catch(absent);
  if (bytes === undefined) return undefined;
  const loaded = readModelFile(bytes, { sha256: version.modelSha256 });
  const { table, predictions, unreadable } = await recentRows(deps, ws, model, loaded, window);
  const figures: DriftFigures = judgeDrift(
    loaded.manifest.profile ?? { rows: 0, columns: [] },
    table,
    predictions,
  );
  if (window.rows > figures.rows + unreadable) {
    figures.notes.push(
      `${grouped(figures.rows)} of ${counted(window.rows, 'row')} were looked at, from all parts of the window.`,
    );
  }
  if (unreadable > 0)
    figures.notes.push(`${counted(unreadable, 'row is', 'rows are')} no longer read by the model's steps.`);
  const { version: number, from, to } = window;
  const all = figures.prediction ? [...figures.features, figures.prediction] : figures.features;
  const psi = all.flatMap((one) => (one.psi === null ? [] : [one.psi]));
  return {
    id: driftReportId(model, { version: number, from, to }),
    model,
    version: number,
    from,
    to,
    drifted: all.filter(({ drifted }) => drifted).map(({ name }) => name),
    highestPsi: psi.length === 0 ? null : Math.max(...psi),
    ...figures,
  };
}
