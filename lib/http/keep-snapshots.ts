import { InvalidInputError, NotFoundError } from '../errors/index.ts';
import { snapshotRun } from '../tracking/index.ts';
import type { ApiDeps } from './deps.ts';

/**
 * Writes the snapshots of the runs behind these versions again, so that `reconcile` knows the change too. It follows the
 * change: a request that ended between the two is completed by repeating it, as that changes nothing in the registry.
 */
export async function keepSnapshots(
  deps: ApiDeps,
  workspace: string,
  model: string,
  versions: readonly (string | null | undefined)[],
): Promise<void> {
  for (const version of new Set(versions)) {
    if (version === null || version === undefined) continue;
    const { runId } = await deps.registry.getVersion(workspace, model, version);
    if (runId === undefined) continue;
    await keepSnapshotOfRun(deps, workspace, runId, { model, version });
  }
}

/** The snapshot of one run: with the version that it made, if that is still there. */
export async function keepSnapshotOfRun(
  deps: ApiDeps,
  workspace: string,
  runId: string | undefined,
  registered?: { model: string; version: string },
): Promise<void> {
  if (runId === undefined) return;
  await snapshotRun(workspace, runId, deps, registered).catch((error: unknown) => {
    // A version whose run is not known here has nothing to be brought back with.
    if (!(error instanceof NotFoundError || error instanceof InvalidInputError)) throw error;
  });
}
