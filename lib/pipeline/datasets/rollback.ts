import { ConflictError, NotFoundError } from '../../errors/index.ts';
import type { Clock, ObjectStore } from '../../store/ports.ts';
import type { Registry, Runs } from '../../tracking/index.ts';
import { NothingToRollBackError } from '../../tracking/index.ts';
import type { AliasAudit, PipelineSource, RegisteredModel } from '../../tracking/types.ts';
import { keys } from '../keys.ts';

/** The version to go back to was not trained on data that is kept here. */
export class NoDataToGoBackToError extends ConflictError {
  static override readonly code: string = 'NO_DATA_TO_GO_BACK_TO';
  static override readonly remedy: string = 'Roll the model back alone: leave --with-data out.';
}

interface Deps {
  objects: Pick<ObjectStore, 'head'>;
  registry: Pick<Registry, 'getModel' | 'getVersion' | 'rollback' | 'audit'>;
  runs: Pick<Runs, 'get'>;
  clock: Clock;
}

export interface RollBackWithData {
  model: string;
  alias: string;
  actor: string;
  reason: string;
  /** The version that the alias is at: with it, a repeat of the same call changes nothing more. */
  expectedVersion?: string;
}

export interface RolledBack {
  model: RegisteredModel;
  previousVersion: string | null;
  data: { pipeline: string; sha256: string };
}

/**
 * Moves an alias back to the version it held before, and with it the pipeline's source to the bytes that this version was
 * trained on, so that the next run reads them. One transaction, with one audit record: there is no state between. Made-up
 * rows stay tagged so.
 *
 * @throws NothingToRollBackError, AliasMovedError, NoDataToGoBackToError, NotFoundError
 */
export async function rollBackWithData(
  deps: Deps,
  workspace: string,
  back: RollBackWithData,
): Promise<RolledBack> {
  const { model, alias, expectedVersion } = back;
  const held = await deps.registry.getModel(workspace, model);
  const current = held.aliases[alias] ?? null;
  if (expectedVersion !== undefined && current !== expectedVersion) {
    const done = await lastMove(deps, workspace, model, alias);
    const repeated =
      done?.kind === 'rollback' && done.fromVersion === expectedVersion && done.toVersion === current;
    if (repeated && done.data) return { model: held, previousVersion: expectedVersion, data: done.data };
  }
  const toVersion = held.previous?.[alias];
  if (toVersion === undefined) {
    throw new NothingToRollBackError(`alias ${alias} of model ${model} held no other version before`);
  }
  const { pipeline, source } = await sourceOf(deps, workspace, model, toVersion);
  const moved = await deps.registry.rollback(workspace, {
    ...back,
    expectedVersion: expectedVersion ?? current,
    toVersion,
    data: { pipeline, source },
  });
  return { model: moved, previousVersion: current, data: { pipeline, sha256: source.sha256 } };
}

async function lastMove(deps: Deps, workspace: string, model: string, alias: string) {
  const { items } = await deps.registry.audit(workspace, model, { limit: 100 });
  return items.find((move: AliasAudit) => move.alias === alias);
}

/** The bytes behind a version, as a source that says where it comes from. */
async function sourceOf(
  deps: Deps,
  workspace: string,
  model: string,
  version: string,
): Promise<{ pipeline: string; source: PipelineSource }> {
  const name = `version ${version} of model ${model}`;
  const { runId } = await deps.registry.getVersion(workspace, model, version);
  const run =
    runId === undefined
      ? undefined
      : await deps.runs.get(workspace, runId).catch((error: unknown) => {
          if (error instanceof NotFoundError) return undefined;
          throw error;
        });
  const sha256 = run?.lineage.sourceSha256;
  if (run?.pipeline === undefined || runId === undefined || sha256 === undefined) {
    throw new NoDataToGoBackToError(`${name} has no data of its own: it was imported, or its run is gone`);
  }
  const key = keys.raw(workspace, sha256);
  const info = await deps.objects.head(key);
  if (info === undefined) {
    throw new NoDataToGoBackToError(
      `the bytes that ${name} was trained on (${sha256}) are not kept any more`,
    );
  }
  const source: PipelineSource = {
    key,
    sha256,
    fileName: `source of ${model} version ${version}`.slice(0, 255),
    bytes: info.size,
    pushedAt: deps.clock.now().toISOString(),
    synthetic: run.tags['data.synthetic'] === 'true',
    pinned: { model, version, runId, source: run.tags['data.source'] ?? 'unknown' },
  };
  return { pipeline: run.pipeline, source };
}
