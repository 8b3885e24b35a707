import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cx } from '../lib/class.ts';
import { moved } from '../lib/keys.ts';
import { isTyping } from '../lib/typing.ts';
import type { Order } from './order.ts';
import { useWindow } from './virtual.ts';

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

export interface TableProps<T> {
  caption: string;
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
  /** What a row's box is called. */
  selectLabel?: (row: T) => string;
  /** Draws only the rows in sight, in an element of its own that scrolls. */
  virtual?: boolean;
  /** How many rows there are in all, where more than those given; absent: as many as given. */
  total?: number;
  /** The last rows come into sight. */
  onEnd?: () => void;
  empty?: ComponentChildren;
}

const ROW_HEIGHT = 40;
/** From so many rows on a table is drawn in part. */
const LONG = 80;

/**
 * A table with headings that stay, ordered by its headings, walked by arrows, j and k, opened by Enter. On a phone each
 * row is a card whose cells carry their column's name.
 */
export function Table<T>(props: TableProps<T>) {
  const { caption, columns, rows, rowKey, order, onOrder, selected, virtual, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isLong = virtual === true && rows.length > LONG;
  const view = useWindow(scroller, rows.length, ROW_HEIGHT);
  const [active, setActive] = useState(0);
  const wanted = useRef<number>();
  const shown = isLong ? view.items.map(({ index }) => index) : rows.map((_, i) => i);

  // A row that was far away is drawn first, and focused then.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`tr[data-index="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    row.focus({ preventScroll: isLong });
  });
  const lastShown = shown.at(-1) ?? -1;
  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - 1) props.onEnd?.();
  }, [lastShown, rows.length, props.onEnd]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[active];
    const next = moved(event.key, active, rows.length);
    if (next !== undefined) {
      setActive(next);
      wanted.current = next;
      if (isLong) view.show(next);
    } else if (row === undefined || (event.target !== event.currentTarget && !isRow(event.target))) return;
    else if (event.key === 'Enter' && props.onOpen) props.onOpen(row);
    else if (event.key === ' ' && props.onSelect) props.onSelect(rowKey(row), !selected?.has(rowKey(row)));
    else return;
    event.preventDefault();
  };

  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <section
      class={cx('grid', virtual && 'scrolls')}
      ref={scroller}
      aria-label={caption}
      onKeyDown={onKeyDown}
    >
      <table
        aria-rowcount={(props.total ?? rows.length) + 1}
        class={virtual ? 'fixed' : ''}
        style={virtual ? { width: `${widthOf(props)}rem` } : undefined}
      >
        <caption class="unseen">{caption}</caption>
        <colgroup>
          {props.onSelect === undefined ? null : <col class="tick" />}
          {columns.map(({ id, width }) => (
            <col key={id} style={width === undefined ? undefined : { width: `${width}rem` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {props.onSelect === undefined ? null : (
              <th scope="col">
                <span class="unseen">Chosen</span>
              </th>
            )}
            {columns.map((column) => (
              <Heading key={column.id} column={column} order={order} onOrder={onOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {isLong && view.before > 0 ? <Room height={view.before} /> : null}
          {shown.map((index) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <Row
                key={rowKey(row)}
                {...props}
                row={row}
                index={index}
                isActive={index === active}
                measure={isLong ? view.measure : undefined}
                onFocus={setActive}
              />
            );
          })}
          {isLong && view.after > 0 ? <Room height={view.after} /> : null}
        </tbody>
      </table>
    </section>
  );
}

const isRow = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('tr');

/** Rows that come and go must not move the columns: their widths are fixed, and so is that of the whole. */
const widthOf = <T,>({ columns, onSelect }: TableProps<T>): number =>
  columns.reduce((all, { width = 8 }) => all + width, onSelect === undefined ? 0 : 2.5);

/** Stands for rows that are not drawn. */
const Room = ({ height }: { height: number }) => (
  <tr class="room">
    <td style={{ height: `${height}px` }} />
  </tr>
);

function Heading<T>({
  column: { id, title, numeric, sortable },
  order,
  onOrder,
}: {
  column: Column<T>;
  order: Order | undefined;
  onOrder: ((order: Order) => void) | undefined;
}) {
  const isBy = order?.by === id;
  const sorted = !isBy ? undefined : order.descending ? 'descending' : 'ascending';
  const label =
    !sortable || onOrder === undefined ? (
      title
    ) : (
      <button type="button" onClick={() => onOrder({ by: id, descending: isBy ? !order.descending : true })}>
        {title}
        <span class="arrow" aria-hidden="true">
          {sorted === 'ascending' ? '▲' : sorted === 'descending' ? '▼' : ''}
        </span>
      </button>
    );
  return (
    <th scope="col" class={numeric ? 'numeric' : ''} aria-sort={sorted}>
      {label}
    </th>
  );
}

interface RowProps<T> extends TableProps<T> {
  row: T;
  index: number;
  isActive: boolean;
  measure: ((row: Element | null) => void) | undefined;
  onFocus: (index: number) => void;
}

function Row<T>({ row, index, isActive, measure, onFocus, ...props }: RowProps<T>) {
  const { columns, rowKey, onOpen, selected, onSelect } = props;
  const key = rowKey(row);
  const isChosen = selected?.has(key) === true;
  const open = (event: MouseEvent) => {
    const { target } = event;
    // A link, a button or a box in the row does its own; so does text that is being marked.
    if (target instanceof Element && target.closest('a, button, input, label, summary')) return;
    if (getSelection()?.isCollapsed === false) return;
    onOpen?.(row);
  };
  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={onSelect === undefined ? undefined : isChosen}
      tabIndex={isActive ? 0 : -1}
      class={cx(onOpen && 'opens', isChosen && 'chosen')}
      onFocus={() => onFocus(index)}
      onClick={onOpen && open}
    >
      {onSelect === undefined ? null : (
        <td class="tick">
          <label>
            <input
              type="checkbox"
              checked={isChosen}
              aria-label={props.selectLabel?.(row) ?? `Choose ${key}`}
              onChange={(event) => onSelect(key, event.currentTarget.checked)}
            />
          </label>
        </td>
      )}
      {columns.map((column, i) => (
        <td
          key={column.id}
          class={cx(column.numeric && 'numeric', i === 0 && 'lead')}
          data-label={textOf(column.title)}
        >
          <div>{column.cell(row)}</div>
        </td>
      ))}
    </tr>
  );
}

const textOf = (title: ComponentChildren): string | undefined =>
  typeof title === 'string' ? title : undefined;
