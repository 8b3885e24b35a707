import type { ComponentChildren } from 'preact';
import { cx } from '../lib/class.ts';
import { Still } from './still.ts';

/** A column: its heading, and what a row shows in it. */
export interface Column<T> {
  id: string;
  title: ComponentChildren;
  cell: (row: T) => ComponentChildren;
  /** Figures stand right, with digits of one width. */
  numeric?: boolean;
  /** Of the whole, in `rem`; absent: as the browser sees fit. A table of virtual rows needs it, or columns would jump. */
  width?: number;
  /** Whether its heading orders the table, by `onOrder`. */
  sortable?: boolean;
}

export interface RowProps<T> {
  row: T;
  index: number;
  columns: readonly Column<T>[];
  isActive: boolean;
  /** Whether its box is ticked; undefined: it has none. */
  isChosen: boolean | undefined;
  /** What the box is called. */
  label: (row: T) => string;
  /** Whether Enter or a click opens it. */
  opens: boolean;
  /** Of a virtual row whose height is its own. */
  measure: ((row: Element | null) => void) | undefined;
}

/**
 * A row draws itself again only when it is another one: a table that scrolls calls none of those that stay. What happens
 * to it is heard by the table, so that a row brings no listener of its own.
 */
export class Row<T> extends Still<RowProps<T>> {
  override render({ row, index, columns, isActive, isChosen, label, opens, measure }: RowProps<T>) {
    return (
      <tr
        ref={measure}
        data-index={index}
        aria-rowindex={index + 2}
        aria-selected={isChosen}
        tabIndex={isActive ? 0 : -1}
        class={cx(opens && 'opens', isChosen && 'chosen')}
      >
        {isChosen === undefined ? null : (
          <td class="tick">
            <label>
              <input type="checkbox" checked={isChosen} aria-label={label(row)} />
            </label>
          </td>
        )}
        {columns.map(({ id, title, numeric, cell }, i) => (
          <td
            key={id}
            class={cx(numeric && 'numeric', i === 0 && 'lead')}
            data-label={typeof title === 'string' ? title : undefined}
          >
            {cell(row)}
          </td>
        ))}
      </tr>
    );
  }
}
