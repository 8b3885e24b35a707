import { ConflictError, NotFoundError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import { type ColumnShift, compareProfiles, type TableProfile } from '../../table/index.ts';
import type { Runs } from '../../tracking/index.ts';
import type { Run } from '../../tracking/types.ts';
import { readManifest } from '../datasets/describe.ts';

/** Columns that one answer describes. */
const MOST_COLUMNS = 500;
/** Earlier runs that are looked at for one that has a dataset. */
const SEARCHED = 50;

type ColumnProfile = TableProfile['columns'][number];

/** One column of the training rows, before any fitted step, beside the same column of an earlier run. */
export interface ProfiledColumn {
  profile: ColumnProfile;
  /** Absent where the earlier run has no such column, or there is no earlier run. */
  previous?: ColumnProfile;
  /** How far its values moved; absent as `previous` is, and where the two are of kinds that do not compare. */
  shift?: Pick<ColumnShift, 'psi' | 'shift' | 'missing'>;
}

export interface RunData {
  runId: string;
  datasetSha256: string;
  target: string;
  task: 'classification' | 'regression';
  synthetic: boolean;
  rows: { delivered: number; clean: number; train: number; validation: number; test: number };
  duplicatesDropped: number;
  /** The run that it is compared with: the pipeline's last one before it that has a dataset, or the one asked for. */
  previous: { runId: string; name: string; startTime: string; datasetSha256: string; same: boolean } | null;
  columns: ProfiledColumn[];
  /** Of them, `columns` holds the first 500. */
  columnCount: number;
  /** Columns that the earlier run had, and this one has not. */
  removed: string[];
}

type Deps = { objects: Pick<ObjectStore, 'get'>; runs: Pick<Runs, 'get' | 'list'> };

/**
 * What a run's columns hold, and how they moved since an earlier run: by the profiles in the datasets' manifests, no row is read.
 *
 * @param against the earlier run; absent: the last one of its pipeline before it that has a dataset
 * @throws NotFoundError (no such run, or none by the name `against`), ConflictError where one of them has no dataset
 */
export async function profileOfRun(
  deps: Deps,
  workspace: string,
  runId: string,
  against?: string,
): Promise<RunData> {
  const run = await deps.runs.get(workspace, runId);
  const datasetSha256 = requireDataset(run);
  const before =
    against === undefined ? await runBefore(deps.runs, run) : await runNamed(deps.runs, workspace, against);
  const previousSha256 = before === undefined ? undefined : requireDataset(before, 'against');
  const [manifest, previous] = await Promise.all([
    readManifest(deps.objects, workspace, datasetSha256),
    previousSha256 === undefined ? undefined : readManifest(deps.objects, workspace, previousSha256),
  ]);
  const { splits, profile, target, task, synthetic, rowsIn, rowsOut, duplicatesDropped } = manifest;
  const diff = previous && compareProfiles(previous.profile, profile);
  const shifts = new Map(diff?.columns.map((column) => [column.name, column]));
  const held = new Map(previous?.profile.columns.map((column) => [column.name, column]));
  return {
    runId,
    datasetSha256,
    target,
    task,
    synthetic,
    rows: {
      delivered: rowsIn,
      clean: rowsOut,
      train: splits.train.rows,
      validation: splits.validation.rows,
      test: splits.test.rows,
    },
    duplicatesDropped,
    previous:
      before === undefined || previousSha256 === undefined
        ? null
        : {
            runId: before.runId,
            name: before.name,
            startTime: before.startTime,
            datasetSha256: previousSha256,
            same: previousSha256 === datasetSha256,
          },
    columns: profile.columns
      .slice(0, MOST_COLUMNS)
      .map((column) => columnOf(column, held.get(column.name), shifts.get(column.name))),
    columnCount: profile.columns.length,
    removed: diff?.schema.removed.map(({ name }) => name) ?? [],
  };
}

function columnOf(
  profile: ColumnProfile,
  previous: ColumnProfile | undefined,
  moved: ColumnShift | undefined,
): ProfiledColumn {
  return {
    profile,
    ...(previous && { previous }),
    ...(moved && { shift: { psi: moved.psi, shift: moved.shift, missing: moved.missing } }),
  };
}

/** The pipeline's last run before this one whose data were cleaned. A candidate's run is compared with none. */
async function runBefore(runs: Pick<Runs, 'list'>, run: Run): Promise<Run | undefined> {
  const { workspace, pipeline, runId, startTime } = run;
  if (pipeline === undefined) return undefined;
  const { items } = await runs.list(workspace, { pipeline, upTo: startTime, limit: SEARCHED });
  return items.find(
    (one) =>
      one.runId !== runId &&
      one.startTime <= startTime &&
      one.lifecycleStage !== 'deleted' &&
      one.lineage.datasetSha256 !== undefined,
  );
}

async function runNamed(runs: Pick<Runs, 'get'>, workspace: string, runId: string): Promise<Run> {
  try {
    return await runs.get(workspace, runId);
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause;
    throw new NotFoundError(cause.message, { field: 'against', cause });
  }
}

function requireDataset({ runId, lineage }: Run, field?: string): string {
  if (lineage.datasetSha256 !== undefined) return lineage.datasetSha256;
  throw new ConflictError(`run ${runId} has no clean dataset`, {
    ...(field !== undefined && { field }),
    remedy: 'It has one once its stage `clean` is done; runs of MLflow clients and imports have none.',
  });
}
