import { InvalidInputError, NotFoundError } from '../errors/index.ts';
import { AliasMovedError, snapshotRun } from '../tracking/index.ts';
import type { ApiDeps } from './deps.ts';

/**
 * Writes the snapshots of the runs behind these versions again, so that `reconcile` knows the change too. It follows the
 * change: a request that ended between the two is completed by repeating it, as that changes nothing in the registry. The repeat
 * finds the change done and no longer sees whom it displaced: the newest audit record names them.
 */
export async function keepSnapshots(
  deps: ApiDeps,
  workspace: string,
  model: string,
  versions: readonly (string | null | undefined)[],
): Promise<void> {
  const displaced = await lastChanged(deps, workspace, model);
  for (const version of new Set([...versions, ...displaced])) {
    if (version === null || version === undefined) continue;
    const found = await deps.registry.getVersion(workspace, model, version).catch((error: unknown) => {
      // It was deleted since.
      if (displaced.includes(version) && error instanceof NotFoundError) return undefined;
      throw error;
    });
    if (found?.runId === undefined) continue;
    await keepSnapshotOfRun(deps, workspace, found.runId, { model, version });
  }
}

/**
 * Makes a change that its repeat finds done and refuses. The repeat may be that of a request which ended before its snapshots were
 * written: they are written before the refusal is told.
 */
export async function changeOnce<T>(
  deps: ApiDeps,
  workspace: string,
  model: string,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof AliasMovedError) await keepSnapshots(deps, workspace, model, []);
    throw error;
  }
}

/** The versions whose alias or stage the newest record of the model's audit changed. */
async function lastChanged(deps: ApiDeps, workspace: string, model: string): Promise<string[]> {
  const { items } = await deps.registry.audit(workspace, model, { limit: 1 });
  return items.flatMap(({ fromVersion, toVersion, stages = [] }) =>
    [fromVersion, toVersion, ...stages.map(({ version }) => version)].filter((one) => one !== undefined),
  );
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
