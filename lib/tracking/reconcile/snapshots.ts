import { IntegrityError } from '../../errors/index.ts';
import { type RunSnapshot, readSnapshot } from '../snapshot.ts';
import type { Mending } from './mending.ts';

/** What S3 knows of the runs of a workspace. */
export interface RunsInS3 {
  /** Oldest start first. */
  snapshots: RunSnapshot[];
  /** Runs that have objects and no readable snapshot, with the time of their newest object. */
  bare: Map<string, Date>;
}

/** Lists the objects under `ws/runs/` and reads every snapshot among them. */
export async function readRunsInS3(mending: Mending): Promise<RunsInS3> {
  const { ws, stores } = mending;
  const newest = new Map<string, Date>();
  const withSnapshot = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await stores.objects.list(`${ws}/runs/`, cursor === undefined ? {} : { cursor });
    for (const { key, lastModified } of page.objects) {
      const [runId = '', ...rest] = key.slice(`${ws}/runs/`.length).split('/');
      if (!/^[0-9a-f]{32}$/.test(runId)) continue;
      const before = newest.get(runId);
      if (!before || before < lastModified) newest.set(runId, lastModified);
      if (rest.join('/') === 'run.json') withSnapshot.add(runId);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  const snapshots: RunSnapshot[] = [];
  for (const runId of withSnapshot) {
    const snapshot = await read(mending, runId);
    if (!snapshot) continue;
    snapshots.push(snapshot);
    newest.delete(runId);
  }
  snapshots.sort((a, b) => a.run.startTime.localeCompare(b.run.startTime));
  return { snapshots, bare: newest };
}

async function read(mending: Mending, runId: string): Promise<RunSnapshot | undefined> {
  try {
    return await readSnapshot(mending.stores.objects, mending.ws, runId);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const problem = 'its run.json is not readable';
    await mending.found({
      kind: 'snapshot-unreadable',
      subject: `run ${runId}`,
      problem,
      action: 'Run it again.',
    });
    return undefined;
  }
}
