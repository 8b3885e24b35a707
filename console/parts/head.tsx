import type { Order } from './order.ts';
import type { Column } from './row.tsx';
import { Still } from './still.ts';

interface HeadProps<T> {
  columns: readonly Column<T>[];
  hasBoxes: boolean;
  order: Order | undefined;
  onOrder: ((order: Order) => void) | undefined;
}

/** The headings; those of sortable columns order the table. */
export class Head<T> extends Still<HeadProps<T>> {
  override render({ columns, hasBoxes, order, onOrder }: HeadProps<T>) {
    return (
      <thead>
        <tr aria-rowindex={1}>
          {hasBoxes ? (
            <th scope="col" class="tick">
              <span class="unseen">Chosen</span>
            </th>
          ) : null}
          {columns.map((column) => (
            <Heading key={column.id} column={column} order={order} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
    );
  }
}

function Heading<T>({
  column: { id, title, numeric, sortable },
  order,
  onOrder,
}: Pick<HeadProps<T>, 'order' | 'onOrder'> & { column: Column<T> }) {
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
