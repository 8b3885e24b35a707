/** The stages that a run may begin and end at, in order (plan is done by every run). */
export const STAGES = ['ingest', 'clean', 'train', 'evaluate', 'register', 'promote'] as const;
export type Stage = (typeof STAGES)[number];

export interface RunOptions {
  from: Stage;
  to: Stage;
  force: boolean;
}

export const WHOLE: RunOptions = { from: 'ingest', to: 'promote', force: false };

/** With another first stage, the last one goes along where it came before. */
export const withFrom = (options: RunOptions, from: Stage): RunOptions => ({
  ...options,
  from,
  to: STAGES.indexOf(options.to) < STAGES.indexOf(from) ? from : options.to,
});

/** The body of POST /pipelines/{name}/runs: only what differs from a whole run. */
export const bodyOf = ({ from, to, force }: RunOptions): { from?: Stage; to?: Stage; force?: true } => ({
  ...(from === WHOLE.from ? {} : { from }),
  ...(to === WHOLE.to ? {} : { to }),
  ...(force ? { force: true } : {}),
});

/** What such a run will do, in sentences. */
export function planWords({ from, to, force }: RunOptions): string {
  const first = STAGES.indexOf(from);
  const stages = STAGES.slice(first, STAGES.indexOf(to) + 1);
  const before = STAGES.slice(0, first);
  const last = stages.at(-1);
  const named = stages.length === 1 ? `Runs ${from} alone` : `Runs ${from} to ${last}`;
  const takes = before.length === 0 ? '' : `, on the latest results of ${listed(before)}`;
  const skips = force
    ? 'Every stage is done again, even where nothing changed.'
    : 'A stage whose data, parameters and code are unchanged is skipped.';
  return `${named}${takes}. ${skips}`;
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** The command that does the same. */
export function commandOf(pipeline: string, options: RunOptions): string {
  const { from, to, force } = bodyOf(options);
  return ['arboleda run', pipeline, from && `--from ${from}`, to && `--to ${to}`, force && '--force']
    .filter(Boolean)
    .join(' ');
}
