import type { ComponentChildren } from 'preact';
import { dataKind } from '../../lib/tracking/data-kind.ts';
import { cx } from '../lib/class.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'note' | 'plain';

export function Badge({
  tone = 'plain',
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children: ComponentChildren;
}) {
  return (
    <span class={cx('badge', tone)} title={title}>
      {children}
    </span>
  );
}

/** Word, tone and the path of a 16 px icon of each status: never colour alone. */
const STATUS: Record<string, readonly [string, Tone, string]> = {
  FINISHED: ['finished', 'good', 'M3.5 8.5 6.5 11.5 12.5 4.5'],
  DONE: ['done', 'good', 'M3.5 8.5 6.5 11.5 12.5 4.5'],
  RUNNING: ['running', 'note', 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5'],
  SCHEDULED: ['queued', 'plain', 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2 1.3'],
  WAITING: ['waiting', 'plain', 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2 1.3'],
  FAILED: ['failed', 'bad', 'M4 4l8 8M12 4l-8 8'],
  KILLED: ['cancelled', 'warn', 'M4 8h8'],
  SKIPPED: ['unchanged', 'plain', 'M3 6h10M3 10h10'],
};

/** The status of a run or of a stage: icon, word and colour. */
export function Status({ of }: { of: string }) {
  const [word, tone, icon] = STATUS[of] ?? [of.toLowerCase(), 'plain' as const, 'M4 8h8'];
  return (
    <span class={cx('status', tone, of === 'RUNNING' && 'turning')}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={icon} />
      </svg>
      {word}
    </span>
  );
}

const DATA_TITLE = { real: 'Trained on real rows', synthetic: 'Trained on generated rows' };

/** Real or made-up rows: wherever a run or a version is shown, this is. */
export function DataBadge({ tags }: { tags: Readonly<Record<string, string>> }) {
  const kind = dataKind(tags);
  if (kind === undefined) return <span class="none quiet">–</span>;
  return (
    <Badge tone={kind === 'synthetic' ? 'warn' : 'good'} title={DATA_TITLE[kind]}>
      {kind} data
    </Badge>
  );
}
