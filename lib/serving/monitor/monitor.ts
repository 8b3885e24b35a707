import { withoutSecrets } from '../../errors/index.ts';
import { ConditionFailedError } from '../../store/errors.ts';
import { partition } from '../../tracking/keys.ts';
import { Alarms, WatchStates } from '../../tracking/monitoring/index.ts';
import { optimistic } from '../../tracking/optimistic.ts';
import { judgeAlarms } from './alarms.ts';
import { countNew } from './count.ts';
import type { MonitorDeps, Watch } from './types.ts';
import { endWindows, judgeWindows, windowIsOver } from './windows.ts';

/**
 * Records younger than this are left for the next look. A record's time is taken before it is written: it may come into the index
 * as long after as a request may take (29 s), and what comes in behind the mark would never be counted.
 */
export const SETTLED_MS = 40_000;

/**
 * One look at a model: counts what is new in its log, compares the rows of versions whose window is over with their training, and
 * brings its alarms up to date. Costs two reads of an index and one of the table where nothing is new.
 *
 * @param options.asked judges open windows too
 * @throws NotFoundError where there is no such model
 */
export async function watchModel(
  deps: MonitorDeps,
  ws: string,
  model: string,
  { asked = false }: { asked?: boolean } = {},
): Promise<Watch> {
  await deps.watchSplit(ws, model);
  const until = new Date(deps.clock.now().getTime() - SETTLED_MS).toISOString();
  // Whoever counts at the same time does the same: the loser begins again where the winner ended.
  const found = await optimistic(async () => {
    // What a look that was cut off left to be judged comes first: what is counted now belongs to the next window.
    const before = await judgeWindows(deps, ws, model, await new WatchStates(deps.items).read(ws, model));
    const counted = await countNew(deps, ws, model, before.watched, until);
    const ended = await endWindows(deps, ws, model, { watched: counted.watched, now: until, asked });
    const judged = await judgeWindows(deps, ws, model, ended);
    return { ...counted, ...judged, reports: [...before.reports, ...judged.reports] };
  }, `monitor of ${model}`);
  const { watched, requests, labels, reports } = found;
  const idle = !watched.state.due && !asked;
  const { alarms, again } = idle
    ? { alarms: await new Alarms(deps.items).list(ws, model), again: false }
    : await judgeAlarms(deps, ws, model);
  if (watched.state.due && !again) {
    // Another may have counted more since: then it is still due, and that one, or the next look, judges it.
    await new WatchStates(deps.items)
      .write(ws, model, watched, { ...watched.state, due: false })
      .catch(unlessWritten);
  }
  return { model, requests, labels, reports, alarms };
}

/** Whether a look at the model would find anything to do: three small reads. */
export async function hasNews(
  deps: Pick<MonitorDeps, 'items' | 'clock'>,
  ws: string,
  model: string,
): Promise<boolean> {
  const { state } = await new WatchStates(deps.items).read(ws, model);
  const until = new Date(deps.clock.now().getTime() - SETTLED_MS).toISOString();
  if (state.due || Object.values(state.windows).some((window) => windowIsOver(window, until))) return true;
  const lists = [
    [partition.predictions(ws, model), state.predictions],
    [partition.feedback(ws, model), state.labels],
  ] as const;
  for (const [pk, upTo] of lists) {
    const after = upTo === '' ? '0' : `${upTo}\u0001`;
    if (after >= until) continue;
    const { items } = await deps.items.query({ pk, index: 'gsi1', skBetween: [after, until], limit: 1 });
    if (items.length > 0) return true;
  }
  return false;
}

/**
 * One tick of the rule: looks at every model of a workspace that has news. A model whose look fails does not keep the others from
 * theirs; it is tried again by the next tick.
 */
export async function watchModels(
  deps: MonitorDeps,
  ws: string,
  tell: (line: Record<string, unknown>) => void,
  { asked = false }: { asked?: boolean } = {},
): Promise<Watch[]> {
  const looks: Watch[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await deps.registry.listModels(ws, { limit: 100, ...(cursor && { cursor }) });
    for (const { name } of page.items) {
      try {
        if (!asked && !(await hasNews(deps, ws, name))) {
          await deps.watchSplit(ws, name);
          continue;
        }
        const { alarms, reports, ...look } = await watchModel(deps, ws, name, { asked });
        looks.push({ ...look, alarms, reports });
        const raised = alarms.filter(({ state }) => state === 'alarm').map(({ name: alarm }) => alarm);
        tell({ message: 'watched', workspace: ws, ...look, reports: reports.length, alarms: raised });
      } catch (error) {
        tell({ message: 'watch failed', workspace: ws, model: name, error: withoutSecrets(String(error)) });
      }
    }
    cursor = page.cursor;
    if (cursor === undefined) return looks;
  }
}

function unlessWritten(error: unknown): undefined {
  if (error instanceof ConditionFailedError) return undefined;
  throw error;
}
