import {
  applyPreprocessing,
  type CleanStep,
  type Column,
  duplicatesAcrossSplits,
  fitPreprocessing,
  requireColumn,
  type Split,
  splitRows,
  type Table,
  takeRows,
} from '../../table/index.ts';
import { BATCH_COLUMN, type PipelineDefinition } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { StageContext } from '../run-stage.ts';
import { batchName, batchRows } from '../training/batches.ts';
import { storeJson, storeTable } from './dataset.ts';
import type { ArtifactRef, DatasetManifest, PartRef } from './types.ts';

/** The training rows in shuffled batches: each is kept, none is written over another, and each says which one it is. */
export async function storeBatches(
  { deps, workspace, definition }: StageContext,
  train: Table,
): Promise<DatasetManifest['batches']> {
  if (definition.batches === undefined) return [];
  const batches: DatasetManifest['batches'] = [];
  for (const rows of batchRows(train.rowCount, definition.batches)) {
    const batchId = batches.length + 1;
    const part = withBatchId(takeRows(train, rows), batchId);
    batches.push({ ...(await storeTable(deps.objects, workspace, part)), batchId });
  }
  return batches;
}

function withBatchId(table: Table, batchId: number): Table {
  const values = new Float64Array(table.rowCount).fill(batchId);
  return { ...table, columns: [...table.columns, { name: BATCH_COLUMN, kind: 'integer', values }] };
}

/**
 * The same rows parted one by one, by the same shares and seed: what a split that knows no groups would have made. Its
 * clean steps are fitted on its own training rows, as they would have been.
 */
export async function storeRowSplit(
  context: StageContext,
  table: Table,
  steps: readonly CleanStep[],
): Promise<DatasetManifest['rowSplit']> {
  const { deps, workspace, definition, described } = context;
  const { split, target } = definition;
  if (split.compare === undefined) return undefined;
  const { compare: _, groupBy, ...byRows } = split;
  const indices = splitRows(table, byRows, target);
  const train = takeRows(table, indices.train);
  const fitted = fitPreprocessing(train, steps, { target, schema: described.schema });
  const store = (rows: Int32Array) =>
    storeTable(deps.objects, workspace, applyPreprocessing(fitted, takeRows(table, rows)));
  const preprocessing = await storeJson(deps.objects, (sha) => keys.preprocessing(workspace, sha), fitted);
  return {
    train: await store(indices.train),
    validation: await store(indices.validation),
    test: await store(indices.test),
    preprocessingKey: preprocessing.key,
    groupsShared: duplicatesAcrossSplits(
      [indices.train, indices.test].map((rows) => only(takeRows(table, rows), groupBy!)),
    ),
  };
}

const only = (table: Table, name: string): Table => ({
  rowCount: table.rowCount,
  columns: [requireColumn(table, name)],
});

/** Where each clean row went: its group, its split, and of a training row its batch. So that anyone can check it. */
export async function storeAssignment(
  { deps, workspace, definition }: StageContext,
  table: Table,
  split: Split,
): Promise<PartRef | undefined> {
  if (definition.split.groupBy === undefined) return undefined;
  const columns = [
    requireColumn(table, definition.split.groupBy),
    splitColumn(table.rowCount, split),
    ...batchColumn(table.rowCount, split, definition),
  ];
  return storeTable(deps.objects, workspace, { rowCount: table.rowCount, columns });
}

function splitColumn(rowCount: number, split: Split): Column {
  const categories = ['train', 'validation', 'test'] as const;
  const codes = new Int32Array(rowCount);
  for (const [code, name] of categories.entries()) for (const row of split[name]) codes[row] = code;
  return { name: 'split', kind: 'category', codes, categories };
}

function batchColumn(rowCount: number, { train }: Split, { batches }: PipelineDefinition): Column[] {
  if (batches === undefined) return [];
  const values = new Float64Array(rowCount).fill(Number.NaN);
  for (const [k, rows] of batchRows(train.length, batches).entries()) {
    for (const place of rows) values[train[place] as number] = k + 1;
  }
  return [{ name: BATCH_COLUMN, kind: 'integer', values }];
}

/** What a user downloads of a clean dataset: every batch, and where each row went. */
export function dataArtifacts({ batches, assignment }: DatasetManifest): ArtifactRef[] {
  const parquet = (path: string, { key, sha256, bytes = 0 }: PartRef): ArtifactRef => ({
    path,
    key,
    size: bytes,
    contentType: 'application/vnd.apache.parquet',
    sha256,
  });
  return [
    ...batches.map((batch) => parquet(`data/batches/${batchName(batch.batchId)}.parquet`, batch)),
    ...(assignment === undefined ? [] : [parquet('data/split.parquet', assignment)]),
  ];
}
