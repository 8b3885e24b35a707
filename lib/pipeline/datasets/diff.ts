import { compareProfiles, type ProfileDiff } from '../../table/index.ts';
import { type Difference, differences } from '../control/diff.ts';
import type { DatasetManifest } from '../stages/types.ts';

export interface DatasetSide {
  sha256: string;
  sourceSha256: string;
  pipeline: string;
  synthetic: boolean;
}

/** What differs between two clean datasets. */
export interface DatasetDiff {
  a: DatasetSide;
  b: DatasetSide;
  /** Equal to the byte. */
  same: boolean;
  /** Source, target, classes and the like: what differs only. */
  facts: Difference[];
  /** Both counts of every part, equal or not. */
  rows: { part: string; a: number; b: number }[];
  schema: ProfileDiff['schema'];
  /** By the profiles of the training rows, before any fitted step. */
  columns: ProfileDiff['columns'];
}

/** Compares two datasets by their manifests: no row is read. */
export function diffDatasets(
  a: { sha256: string; manifest: DatasetManifest },
  b: { sha256: string; manifest: DatasetManifest },
): DatasetDiff {
  const { schema, columns } = compareProfiles(a.manifest.profile, b.manifest.profile);
  const [before, after] = [rowsOf(a.manifest), rowsOf(b.manifest)];
  return {
    a: sideOf(a),
    b: sideOf(b),
    same: a.sha256 === b.sha256,
    facts: differences(factsOf(a.manifest), factsOf(b.manifest)),
    rows: Object.entries(before).map(([part, rows]) => ({ part, a: rows, b: after[part] ?? 0 })),
    schema,
    columns,
  };
}

const sideOf = ({ sha256, manifest }: { sha256: string; manifest: DatasetManifest }): DatasetSide => {
  const { sourceSha256, pipeline, synthetic } = manifest;
  return { sha256, sourceSha256, pipeline, synthetic };
};

const factsOf = (manifest: DatasetManifest) => ({
  pipeline: manifest.pipeline,
  source: manifest.sourceSha256,
  synthetic: manifest.synthetic,
  target: manifest.target,
  task: manifest.task,
  classes: manifest.classes.join(', '),
  preprocessing: manifest.preprocessingKey.split('/').at(-1)?.replace('.json', ''),
  batches: manifest.batches.length,
});

const rowsOf = ({ rowsIn, rowsOut, duplicatesDropped, duplicatesAcrossSplits, splits }: DatasetManifest) => {
  const rows: Record<string, number> = {
    delivered: rowsIn,
    clean: rowsOut,
    train: splits.train.rows,
    validation: splits.validation.rows,
    test: splits.test.rows,
    'dropped as duplicates': duplicatesDropped,
    'in train and test': duplicatesAcrossSplits,
  };
  return rows;
};
