import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cx } from '../lib/class.ts';
import { moved } from '../lib/keys.ts';
import { isNarrow } from '../lib/narrow.ts';
import { isTyping } from '../lib/typing.ts';
import { Head } from './head.tsx';
import type { Order } from './order.ts';
import { type Column, Row } from './row.tsx';
import { useWindow } from './virtual.ts';

export interface TableProps<T> {
  caption: string;
  /** A table of many rows is given the same array while its columns are the same. */
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Enter, or a click beside a link, on a row. */
  onOpen?: (row: T) => void;
  order?: Order | undefined;
  onOrder?: (order: Order) => void;
  /** The keys of rows that are ticked: a first column of boxes, and the space bar. */
  selected?: ReadonlySet<string>;
  onSelect?: (key: string, on: boolean) => void;
  /** What a row's box is called. The same function always. */
  selectLabel?: (row: T) => string;
  /** Draws only the rows in sight, in an element of its own that scrolls. */
  virtual?: boolean;
  /** How many rows there are in all, where more than those given; absent: as many as given. */
  total?: number;
  /** The reader comes near the last rows. */
  onNear?: () => void;
  empty?: ComponentChildren;
}

/** Of a virtual row, as style/table.css has it; and about that of a card of a phone, which is measured. */
const ROW_HEIGHT = 40;
const CARD_HEIGHT = 180;
const HEAD_HEIGHT = 37;
/** Rows before the end at which more are asked for: those of a second's fast scrolling. */
const NEAR = 500;

const nameless = (): string => 'Choose this row';

/**
 * A table with headings that stay, ordered by its headings, walked by arrows, j and k, opened by Enter. On a phone each
 * row is a card whose cells carry their column's name.
 */
export function Table<T>(props: TableProps<T>) {
  const { caption, columns, rows, rowKey, onOpen, onSelect, selected, virtual = false, onNear } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const isCards = isNarrow.value;
  const head = isCards ? 0 : HEAD_HEIGHT;
  const view = useWindow(scroller, {
    count: virtual ? rows.length : 0,
    rowHeight: isCards ? CARD_HEIGHT : ROW_HEIGHT,
    head,
    kept: active,
  });
  const wanted = useRef<number>();

  // A row that was far away is drawn first, and focused then.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`tr[data-index="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    row.focus({ preventScroll: virtual });
  });
  const lastSeen = view.items.at(-1)?.index ?? -1;
  // Half of what there is where that is less: whoever only looks at the first rows asks for no more.
  const isNear = virtual && rows.length > 0 && lastSeen >= rows.length - Math.min(NEAR, rows.length / 2);
  useEffect(() => {
    if (isNear) onNear?.();
  }, [isNear, rows.length, onNear]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[active];
    const next = moved(event.key, active, rows.length);
    if (next !== undefined) {
      setActive(next);
      wanted.current = next;
      if (virtual) view.show(next);
    } else if (row === undefined || (event.target !== event.currentTarget && !isRow(event.target))) return;
    else if (event.key === 'Enter' && onOpen) onOpen(row);
    else if (event.key === ' ' && onSelect) onSelect(rowKey(row), !selected?.has(rowKey(row)));
    else return;
    event.preventDefault();
  };
  const onClick = ({ target }: MouseEvent) => {
    const at = onOpen === undefined ? undefined : indexOf(target);
    // A link, a button or a box in the row does its own; so does text that is being marked.
    if (at === undefined || (target as Element).closest('a, button, input, label, summary')) return;
    if (getSelection()?.isCollapsed === false) return;
    onOpen?.(rows[at] as T);
  };
  const onChange = ({ target }: Event) => {
    const at = (target as Element).closest('td.tick') === null ? undefined : indexOf(target);
    if (at !== undefined) onSelect?.(rowKey(rows[at] as T), (target as HTMLInputElement).checked);
  };
  const onFocusIn = ({ target }: FocusEvent) => {
    const at = indexOf(target);
    if (at !== undefined) setActive(at);
  };

  if (rows.length === 0 && props.empty !== undefined) return <>{props.empty}</>;
  const hasBoxes = onSelect !== undefined;
  const draw = (index: number) => {
    const row = rows[index];
    if (row === undefined) return null;
    const key = rowKey(row);
    return (
      <Row
        key={key}
        row={row}
        index={index}
        columns={columns}
        isActive={index === active}
        isChosen={hasBoxes ? selected?.has(key) === true : undefined}
        label={props.selectLabel ?? nameless}
        opens={onOpen !== undefined}
        measure={virtual && isCards ? view.measure : undefined}
      />
    );
  };
  return (
    <section
      class={cx('grid', virtual && 'scrolls')}
      ref={scroller}
      aria-label={caption}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onChange={onChange}
      onFocusIn={onFocusIn}
    >
      <table
        aria-rowcount={(props.total ?? rows.length) + 1}
        class={virtual ? 'virtual' : ''}
        style={virtual ? widths(columns, hasBoxes) : undefined}
      >
        <caption class="unseen">{caption}</caption>
        <Head columns={columns} hasBoxes={hasBoxes} order={props.order} onOrder={props.onOrder} />
        {virtual ? (
          <tbody style={{ height: `${view.height}px` }}>
            {view.items.flatMap(({ index, start }, i) => {
              const before = start - (view.items[i - 1]?.end ?? head);
              return before > 0 ? [<Room key={`room ${i}`} height={before} />, draw(index)] : [draw(index)];
            })}
          </tbody>
        ) : (
          <tbody>{rows.map((_, index) => draw(index))}</tbody>
        )}
      </table>
    </section>
  );
}

/** Stands for rows that are not drawn. */
const Room = ({ height }: { height: number }) =>
  height <= 0 ? null : (
    <tr class="room">
      <td style={{ height: `${height}px` }} />
    </tr>
  );

const isRow = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('tr');

/** Which row something lies in. */
function indexOf(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-index]') : null;
  return row === null ? undefined : Number(row.dataset.index);
}

const BOX = 2.5;

/** Rows that come and go must not move the columns: each has its width, and takes its share of what is left over. */
function widths<T>(columns: readonly Column<T>[], hasBoxes: boolean) {
  const own = columns.map(({ width = 8 }) => width);
  const all = own.reduce((sum, width) => sum + width, hasBoxes ? BOX : 0);
  const tracks = own.map((width) => `minmax(${width}rem,${width}fr)`);
  return { '--columns': [...(hasBoxes ? [`${BOX}rem`] : []), ...tracks].join(' '), width: `${all}rem` };
}
