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

/**
 * Word, tone and sign of each status: never colour alone. The sign is a letter, as a picture of its own in every row of a long
 * table costs more than the rest of the row.
 */
const STATUS: Record<string, readonly [string, Tone, string]> = {
  FINISHED: ['finished', 'good', '✓'],
  DONE: ['done', 'good', '✓'],
  RUNNING: ['running', 'note', '↻'],
  SCHEDULED: ['queued', 'plain', '○'],
  WAITING: ['waiting', 'plain', '○'],
  FAILED: ['failed', 'bad', '✕'],
  KILLED: ['cancelled', 'warn', '⊘'],
  SKIPPED: ['unchanged', 'plain', '='],
};

/** How something stands: sign, word and colour. */
export function Stand({
  tone,
  sign,
  turns = false,
  children,
}: {
  tone: Tone;
  sign: string;
  turns?: boolean;
  children: ComponentChildren;
}) {
  return (
    <span class={cx('status', tone, turns && 'turning')} data-sign={sign}>
      {children}
    </span>
  );
}

/** The status of a run or of a stage. */
export function Status({ of }: { of: string }) {
  const [word, tone, sign] = STATUS[of] ?? [of.toLowerCase(), 'plain' as const, '–'];
  return (
    <Stand tone={tone} sign={sign} turns={of === 'RUNNING'}>
      {word}
    </Stand>
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
