import type { ComponentChildren } from 'preact';
import { cx } from '../../lib/class.ts';
import { figure } from '../../lib/format.ts';

export interface BarItem {
  name: string;
  value: number;
  /** In place of the figure. */
  text?: ComponentChildren;
  strong?: boolean;
}

/** Named bars, one a line. Negative values grow to the left of a line in the middle, as contributions do. */
export function Bars({ label, items, most }: { label: string; items: readonly BarItem[]; most?: number }) {
  const high = most ?? Math.max(0, ...items.map(({ value }) => Math.abs(value)));
  const isSigned = items.some(({ value }) => value < 0);
  const share = (value: number) => (high > 0 ? (Math.abs(value) / high) * (isSigned ? 50 : 100) : 0);
  return (
    <ol class="bars" aria-label={label}>
      {items.map(({ name, value, text, strong }) => (
        <li key={name} class={cx(strong && 'chosen')}>
          <span class="name">{name}</span>
          <svg class="bar-room" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-back" width="100" height="8" />
            <rect
              class={value < 0 ? 'bar-less' : 'bar-more'}
              x={isSigned ? (value < 0 ? 50 - share(value) : 50) : 0}
              width={share(value)}
              height="8"
            />
            {isSigned ? <rect class="bar-zero" x="49.7" width="0.6" height="8" /> : null}
          </svg>
          <span class="share">{text ?? figure(value)}</span>
        </li>
      ))}
    </ol>
  );
}
