import { queryAll } from '../../store/paging.ts';
import { key, partition } from '../keys.ts';
import { INDEX_VERSION } from '../run-search/entries.ts';
import { Runs } from '../runs.ts';
import type { Mending } from './mending.ts';

/**
 * Runs that MLflow's search does not find, since they were made before its index or their last large batch was cut off. Their next
 * batch gives them their entries too; a run that has ended has none.
 */
export async function mendRunIndex(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const runs = new Runs(stores.items, stores.clock);
  for await (const runId of allRuns(mending)) {
    const header = await stores.items.get(key.run(ws, runId), { consistent: true });
    if (!header || header.index === INDEX_VERSION) continue;
    await mending.found(
      {
        kind: 'run-not-indexed',
        subject: `run ${runId}`,
        problem: 'no search finds it',
        action: 'give it its entries in the search index',
      },
      () => runs.reindex(ws, runId),
    );
  }
}

/** Child runs stand in their parent's list alone, and may have children themselves. */
async function* allRuns({ ws, stores }: Mending): AsyncGenerator<string> {
  const lists = [partition.runs(ws)];
  for (let pk = lists.pop(); pk !== undefined; pk = lists.pop()) {
    for await (const { runId } of queryAll(stores.items, { pk, consistent: true })) {
      yield runId as string;
      lists.push(partition.runsOfParent(ws, runId as string));
    }
  }
}
