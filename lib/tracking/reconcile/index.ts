import { checkWorkspace } from '../names.ts';
import { type Finding, Mending, type ReconcileStores } from './mending.ts';
import { mendDanglingResults, mendLastResults, mendLocksAndQueues } from './pipelines.ts';
import { mendRegistryFromS3, mendVersionsWithoutObject } from './registry.ts';
import { mendRunIndex } from './run-index.ts';
import { mendOpenRuns, mendRunsFromS3 } from './runs.ts';
import { readRunsInS3 } from './snapshots.ts';

export type { Finding, FindingKind, ReconcileStores } from './mending.ts';

/**
 * Compares DynamoDB with S3 and Step Functions, and mends what does not fit: after a kill, DynamoDB may have lost what it wrote
 * last, while objects stay. Runs, metrics, versions and aliases come back from the runs' snapshots; runs that nothing works on are
 * ended; locks, queue places and remembered results that point nowhere are cleared. A second pass finds nothing that the first fixed.
 *
 * Lists every object under `ws/runs/` and reads every run's header: for an administrator, not for a request in haste.
 *
 * @param options `fix`: mend, not only tell. `graceSeconds` (60): what is younger is left alone, its maker may be at work.
 */
export async function reconcile(
  ws: string,
  stores: ReconcileStores,
  options: { fix: boolean; graceSeconds?: number },
): Promise<Finding[]> {
  const mending = new Mending(checkWorkspace(ws), stores, options);
  const inS3 = await readRunsInS3(mending);
  await mendRunsFromS3(mending, inS3);
  await mendRegistryFromS3(mending, inS3.snapshots);
  await mendOpenRuns(mending);
  await mendRunIndex(mending);
  await mendLocksAndQueues(mending);
  await mendDanglingResults(mending);
  await mendLastResults(mending, inS3.snapshots);
  await mendVersionsWithoutObject(mending);
  return mending.findings;
}
