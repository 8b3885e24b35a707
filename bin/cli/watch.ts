import { counted, grouped } from '../../lib/table/counted.ts';
import { CHUNKS_TAG, type Progress } from '../../lib/tracking/progress.ts';
import { STAGES, type StageRecord } from '../../lib/tracking/types.ts';
import { pause } from '../local/stay.ts';
import { hasEnded, type RunDetail } from './api-types.ts';
import { type ApiClient, path, UnreachableError } from './client.ts';
import { figure } from './output.ts';

/** A stage as one line: `train[1]   done     3.1 s  note`. */
export function stageLine(stage: StageRecord): string {
  const name = stage.item === undefined ? stage.stage : `${stage.stage}[${stage.item}]`;
  const seconds = stage.endedAt
    ? `${figure((Date.parse(stage.endedAt) - Date.parse(stage.startedAt)) / 1000)} s`
    : '';
  const soFar = stage.progress === undefined || stage.endedAt ? '' : percent(stage.progress);
  const note = stage.error ? `${stage.error.code}: ${stage.error.message}` : (stage.note ?? soFar);
  return `${name.padEnd(12)} ${stage.status.toLowerCase().padEnd(8)} ${seconds.padStart(8)}  ${note}`.trimEnd();
}

/** In the order in which they run; the items of a Map by their number. */
export const inOrder = (stages: readonly StageRecord[]): StageRecord[] =>
  [...stages].sort(
    (a, b) =>
      STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
      (a.item ?? '').localeCompare(b.item ?? '', 'en', { numeric: true }),
  );

const percent = (share: number): string => `${Math.floor(100 * share)} %`;

/**
 * `training     3 of 20 items, 17 %`, of a batch prediction `predicting   3 of 20 chunks, 17 %`. Off a terminal each change is a line, so
 * there it counts in tenths.
 */
export function progressLine({ done, total, share }: Progress, tty: boolean, batch = false): string {
  const shown = tty ? share : Math.floor(10 * share) / 10;
  const [what, one] = batch ? ['predicting', 'chunk'] : ['training', 'item'];
  return `${what.padEnd(12)} ${grouped(done)} of ${counted(total, one)}, ${percent(shown)}`;
}

export interface WatchOptions {
  write: (text: string) => void;
  /** A terminal is redrawn in place; anything else gets one line a change. */
  tty: boolean;
  signal?: AbortSignal;
  everyMs?: number;
  /** Put before each line where several runs are watched. */
  label?: string;
}

/** Follows a run until it has ended, showing its stages. A moment without an answer is not the end of it. */
export async function watchRun(client: ApiClient, runId: string, options: WatchOptions): Promise<RunDetail> {
  const { write, tty, signal, everyMs = 400, label = '' } = options;
  let shown: string[] = [];
  let misses = 0;
  while (true) {
    signal?.throwIfAborted();
    let run: RunDetail | undefined;
    try {
      run = await client.get<RunDetail>(path`/runs/${runId}`);
      misses = 0;
    } catch (error) {
      if (!(error instanceof UnreachableError) || ++misses > 10) throw error;
    }
    if (run) {
      const lines = [
        ...inOrder(run.stages).map((stage) => stageLine(tty ? stage : { ...stage, progress: undefined })),
        ...(run.progress && run.progress.done < run.progress.total && !hasEnded(run)
          ? [progressLine(run.progress, tty, CHUNKS_TAG in run.tags)]
          : []),
        ...(run.status === 'SCHEDULED' ? ['waits its turn'] : []),
      ];
      write(tty ? redraw(shown.length, lines, label) : added(shown, lines, label));
      shown = lines;
      if (hasEnded(run)) return run;
    }
    await pause(everyMs, signal);
  }
}

function redraw(before: number, lines: string[], label: string): string {
  const up = before > 0 ? `\u001b[${before}A` : '';
  return up + lines.map((line) => `\u001b[2K${label}${line}\n`).join('');
}

const added = (before: string[], lines: string[], label: string): string =>
  lines
    .filter((line) => !before.includes(line))
    .map((line) => `${label}${line}\n`)
    .join('');
