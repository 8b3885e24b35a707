import { NotFoundError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import type { TableProfile } from '../../table/index.ts';
import type { Runs } from '../../tracking/index.ts';
import { keys } from '../keys.ts';
import { readDataset } from '../stages/dataset.ts';
import type { DatasetManifest, PartRef } from '../stages/types.ts';
import type { DataReference } from './find.ts';
import { runsWithData } from './list.ts';

/** One file of a dataset or source, as it can be fetched. */
export interface DataFile {
  name: string;
  sha256: string;
  rows?: number;
}

export interface DescribedDataset {
  kind: 'dataset';
  sha256: string;
  pipeline: string;
  target: string;
  task: 'classification' | 'regression';
  classes: string[];
  sourceSha256: string;
  synthetic: boolean;
  rowsIn: number;
  rowsOut: number;
  duplicatesDropped: number;
  splits: { train: number; validation: number; test: number };
  batches: number;
  /** Of the training rows before any fitted step. */
  profile: TableProfile;
  files: DataFile[];
}

export interface DescribedSource {
  kind: 'source';
  sha256: string;
  bytes: number;
  /** ISO 8601. */
  storedAt: string;
  /** The last run on these bytes of each pipeline, among the newest 1,000 runs. */
  usedBy: { pipeline: string; runId: string; datasetSha256?: string }[];
  files: DataFile[];
}

type Deps = { objects: Pick<ObjectStore, 'get' | 'head'>; runs: Pick<Runs, 'list'> };

/** A dataset's manifest. @throws NotFoundError, IntegrityError where it is not what its hash says */
export const readManifest = (
  objects: Pick<ObjectStore, 'get'>,
  workspace: string,
  sha256: string,
): Promise<DatasetManifest> =>
  readDataset(objects, { datasetKey: keys.dataset(workspace, sha256), datasetSha256: sha256 });

/** What there is to know of data that `findData` found. */
export async function describeData(
  deps: Deps,
  workspace: string,
  { kind, sha256 }: DataReference,
): Promise<DescribedDataset | DescribedSource> {
  if (kind === 'dataset')
    return describeManifest(sha256, await readManifest(deps.objects, workspace, sha256));
  const info = await deps.objects.head(keys.raw(workspace, sha256));
  if (info === undefined) throw new NotFoundError(`no source ${sha256}`, { field: 'hash' });
  return {
    kind,
    sha256,
    bytes: info.size,
    storedAt: info.lastModified.toISOString(),
    usedBy: await usersOf(deps.runs, workspace, sha256),
    files: [{ name: 'raw', sha256 }],
  };
}

/** Which pipelines read these bytes: the last run of each. */
export async function usersOf(
  runs: Pick<Runs, 'list'>,
  workspace: string,
  sourceSha256: string,
): Promise<DescribedSource['usedBy']> {
  const found = new Map<string, DescribedSource['usedBy'][number]>();
  for (const { pipeline, runId, lineage } of (await runsWithData(runs, workspace)).runs) {
    if (pipeline === undefined || lineage.sourceSha256 !== sourceSha256) continue;
    const seen = found.get(pipeline);
    // A run that failed before cleaning says less than an earlier one that did not.
    if (seen?.datasetSha256 !== undefined || (seen && lineage.datasetSha256 === undefined)) continue;
    const { datasetSha256 } = lineage;
    found.set(pipeline, { pipeline, runId, ...(datasetSha256 !== undefined && { datasetSha256 }) });
  }
  return [...found.values()];
}

function describeManifest(sha256: string, manifest: DatasetManifest): DescribedDataset {
  const { pipeline, target, task, classes, sourceSha256, synthetic, splits, batches, profile } = manifest;
  const { rowsIn, rowsOut, duplicatesDropped } = manifest;
  return {
    kind: 'dataset',
    sha256,
    pipeline,
    target,
    task,
    classes,
    sourceSha256,
    synthetic,
    rowsIn,
    rowsOut,
    duplicatesDropped,
    splits: { train: splits.train.rows, validation: splits.validation.rows, test: splits.test.rows },
    batches: batches.length,
    profile,
    files: filesOf(manifest).map(({ name, part }) => ({ name, sha256: part.sha256, rows: part.rows })),
  };
}

/** Every table of a dataset by the name that it is fetched under. */
export const filesOf = ({ splits, testRaw, batches }: DatasetManifest): { name: string; part: PartRef }[] => [
  { name: 'train.parquet', part: splits.train },
  { name: 'validation.parquet', part: splits.validation },
  { name: 'test.parquet', part: splits.test },
  { name: 'test-raw.parquet', part: testRaw },
  ...batches.map((part) => ({ name: `batch-${part.batchId}.parquet`, part })),
];
