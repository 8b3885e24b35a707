import { BadDataError } from '../../errors/index.ts';
import { toTarget } from '../../learn/index.ts';
import { counted, grouped } from '../../table/counted.ts';
import {
  applyPreprocessing,
  applyRowSteps,
  type CleanStep,
  checkLeakage,
  checkTarget,
  concatTables,
  dropColumns,
  duplicatesAcrossSplits,
  type FittedPreprocessing,
  fitPreprocessing,
  profileTable,
  requireColumn,
  splitRows,
  type Table,
  takeRows,
  withoutColumns,
} from '../../table/index.ts';
import { groupColumns } from '../definition/index.ts';
import { keys } from '../keys.ts';
import { outputsOf, type StageContext, type StageDefinition } from '../run-stage.ts';
import { dataArtifacts, storeAssignment, storeBatches, storeRowSplit } from './clean-parts.ts';
import { tellClean } from './data-facts.ts';
import { loadTable, storeJson, storeTable } from './dataset.ts';
import type { CleanOutputs, DatasetManifest, IngestOutputs } from './types.ts';

/** Rows that stand in the training split stand in the test split too: the test figure would flatter. */
export class DuplicatesAcrossSplitsError extends BadDataError {
  static override readonly code = 'DUPLICATES_ACROSS_SPLITS';
  static override readonly remedy =
    'Add dropDuplicates() to clean, or allow it with guards.maxDuplicateShare if equal rows are honest in this data.';
}

/**
 * Drops, guards, splits, then fits the clean steps on the training rows alone and applies them to all. Everything is
 * written under the hash of its bytes; the manifest's own hash is the dataset's identity.
 */
export const cleanStage: StageDefinition<CleanOutputs> = {
  stage: 'clean',
  prepare: async (context) => {
    const { definition, described, deps, workspace, runId } = context;
    const ingest = await outputsOf<IngestOutputs>(context, 'ingest');
    const { clean, split, guards, batches, target, validate } = definition;
    const task = described.task;
    return {
      inputs: {
        table: ingest.tableSha256,
        clean,
        split,
        guards,
        // What is made of the batches is the matter of train.
        batches: batches && { rows: batches.rows, seed: batches.seed },
        groupBy: validate?.groupBy,
        target,
        task,
        synthetic: ingest.synthetic,
      },
      execute: () => cleanTable(context, ingest),
      promised: (outputs) => [outputs.datasetKey, ...outputs.artifacts.map(({ key }) => key)],
      publish: async (outputs) => void (await tellClean(deps, workspace, runId, outputs)),
      note: (outputs) => `${counted(outputs.rows, 'row')}, ${counted(outputs.features, 'feature')}`,
    };
  },
};

async function cleanTable(context: StageContext, ingest: IngestOutputs): Promise<CleanOutputs> {
  const { deps, workspace, definition, described, log } = context;
  const { target, guards, validate } = definition;
  const groups = groupColumns(definition);
  const whole = await loadTable(deps.objects, { key: ingest.tableKey, sha256: ingest.tableSha256 });
  checkTarget(whole, target, described.task);
  const { table, report } = applyRowSteps(whole, keeping(definition.clean, groups));
  checkLeakage(table, target, described.task, { allow: [...guards.allowLeakage, ...groups] });

  const { compare: _, ...split } = definition.split;
  const indices = splitRows(table, split, target);
  const raw = {
    train: takeRows(table, indices.train),
    validation: takeRows(table, indices.validation),
    test: takeRows(table, indices.test),
  };
  const duplicates = refuseDuplicates(raw, guards.maxDuplicateShare);
  // The columns that parted the rows say who a row is about: a model that saw them would learn it by heart.
  const steps = groups.length > 0 ? [dropColumns(groups), ...definition.clean] : definition.clean;
  const preprocessing = fitPreprocessing(raw.train, steps, { target, schema: described.schema });
  const fitted = {
    train: applyPreprocessing(preprocessing, raw.train),
    validation: applyPreprocessing(preprocessing, raw.validation),
    test: applyPreprocessing(preprocessing, raw.test),
  };
  checkLeakage(concatTables([fitted.train, fitted.validation, fitted.test]), target, described.task, {
    allow: derivedFrom(guards.allowLeakage, fitted.train),
  });
  const { rareClasses } = indices;
  log.info('cleaned', { ...report, rareClasses, duplicatesAcrossSplits: duplicates });

  const rowSplit = await storeRowSplit(context, table, steps);
  const assignment = await storeAssignment(context, table, indices);
  const store = (part: Table) => storeTable(deps.objects, workspace, part);
  const manifest: DatasetManifest = {
    format: 'arboleda-dataset',
    version: 1,
    pipeline: definition.name,
    target,
    task: described.task,
    classes: described.task === 'classification' ? [...classesOf(table, target)] : [],
    splits: {
      train: await store(fitted.train),
      validation: await store(fitted.validation),
      test: await store(fitted.test),
    },
    testRaw: await store(raw.test),
    batches: await storeBatches(context, fitted.train),
    ...(rowSplit && { rowSplit }),
    ...(assignment && { assignment }),
    ...(validate?.groupBy && { groups: await store(onlyColumn(raw.train, validate.groupBy)) }),
    preprocessingKey: (
      await storeJson(deps.objects, (sha) => keys.preprocessing(workspace, sha), preprocessing)
    ).key,
    rowsIn: whole.rowCount,
    rowsOut: table.rowCount,
    duplicatesDropped: whole.rowCount - table.rowCount,
    duplicatesAcrossSplits: duplicates,
    synthetic: ingest.synthetic,
    sourceSha256: ingest.sourceSha256,
    profile: profileTable(withoutColumns(raw.train, groups)),
  };
  return writeManifest(context, manifest, preprocessing);
}

async function writeManifest(
  { deps, workspace }: StageContext,
  manifest: DatasetManifest,
  fitted: FittedPreprocessing,
) {
  const dataset = await storeJson(deps.objects, (sha) => keys.dataset(workspace, sha), manifest);
  return {
    datasetKey: dataset.key,
    datasetSha256: dataset.sha256,
    rows: manifest.rowsOut,
    features: fitted.output.length,
    synthetic: manifest.synthetic,
    artifacts: dataArtifacts(manifest),
    splits: withoutKeys(manifest.splits),
  };
}

/** A split's sides without their S3 keys, which say no more than the hashes. */
function withoutKeys(splits: DatasetManifest['splits']): CleanOutputs['splits'] {
  const facts = ({ sha256, rows }: DatasetManifest['testRaw']) => ({ sha256, rows });
  const { train, validation, test } = splits;
  return { train: facts(train), validation: facts(validation), test: facts(test) };
}

/** The steps without the dropping of columns that are needed until the rows are parted; they are dropped then. */
function keeping(steps: readonly CleanStep[], groups: readonly string[]): CleanStep[] {
  return steps.flatMap((step): CleanStep[] => {
    if (step.step !== 'drop-columns') return [step];
    const columns = step.columns.filter((name) => !groups.includes(name));
    return columns.length > 0 ? [{ ...step, columns }] : [];
  });
}

const onlyColumn = (table: Table, name: string): Table => ({
  rowCount: table.rowCount,
  columns: [requireColumn(table, name)],
});

function refuseDuplicates(raw: { train: Table; validation: Table; test: Table }, allowed: number): number {
  const count = duplicatesAcrossSplits([raw.train, raw.test]);
  const share = raw.test.rowCount === 0 ? 0 : count / raw.test.rowCount;
  if (share > allowed) {
    throw new DuplicatesAcrossSplitsError(
      `${grouped(count)} of ${counted(raw.test.rowCount, 'test row')} stand in the training split too (${(100 * share).toFixed(1)} %, at most ${100 * allowed} % allowed)`,
      { details: { count, testRows: raw.test.rowCount, share, allowed } },
    );
  }
  return count;
}

/** An allowed column is allowed under the names that its encoding gives it too. */
function derivedFrom(allowed: readonly string[], table: Table): string[] {
  const names = table.columns.map((column) => column.name);
  return names.filter((name) =>
    allowed.some(
      (column) => name === column || name.startsWith(`${column}=`) || name.startsWith(`${column}_`),
    ),
  );
}

function classesOf(table: Table, target: string): readonly string[] {
  const encoded = toTarget(table, target, 'classification');
  return encoded.task === 'classification' ? encoded.classes : [];
}
