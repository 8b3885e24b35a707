import { MAX_TRANSACTION_OPERATIONS } from '../../store/limits.ts';
import type { Condition, ItemStore, Key, WriteOperation } from '../../store/ports.ts';
import { happened } from '../optimistic.ts';
import type { IndexChange } from './entries.ts';

/**
 * Writes a run's header with what the index gains and loses by it. Where it fits, all is one transaction, so that the index is
 * exact. Of more than 100 writes the new entries go first and the old ones last: one too many is harmless, since a search looks at
 * the header; one too few would hide the run, and there never is. Each part holds on condition that the header is as it was read.
 *
 * @throws ConditionFailedError, TransientError where another writer was faster.
 */
export async function writeIndexed(
  items: ItemStore,
  header: { key: Key; asRead: Condition; rev: number; operations: WriteOperation[] },
  change: IndexChange,
): Promise<void> {
  const puts = change.put.map((put): WriteOperation => ({ put }));
  const removes = change.remove.map((remove): WriteOperation => ({ remove }));
  const room = MAX_TRANSACTION_OPERATIONS - header.operations.length;
  if (puts.length + removes.length <= room) {
    await items.transact([...header.operations, ...puts, ...removes]);
    return;
  }
  for (const part of parts(puts))
    await items.transact([{ check: header.key, condition: header.asRead }, ...part]);
  await items.transact(header.operations);
  // Another writer may have brought an old value back: then its entry stays.
  const asWritten: Condition = { equals: { rev: header.rev + 1 } };
  for (const part of parts(removes)) {
    if (!(await happened(items.transact([{ check: header.key, condition: asWritten }, ...part])))) return;
  }
}

function parts(operations: readonly WriteOperation[]): WriteOperation[][] {
  const size = MAX_TRANSACTION_OPERATIONS - 1;
  return Array.from({ length: Math.ceil(operations.length / size) }, (_, i) =>
    operations.slice(i * size, (i + 1) * size),
  );
}
