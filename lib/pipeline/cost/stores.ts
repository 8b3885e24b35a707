import type { Artifact, Run, StageRecord } from '../../tracking/types.ts';
import { BATCH_KIND, KIND_TAG } from '../batch/types.ts';
import type { DatasetManifest } from '../stages/types.ts';
import type { Usage } from './estimate.ts';

/** What is known of a run's files. */
export interface RunFiles {
  run: Pick<Run, 'params' | 'tags' | 'metrics'>;
  records: readonly StageRecord[];
  artifacts: readonly Artifact[];
  /** Of the clean dataset; absent where the run did not get so far. */
  manifest?: Pick<DatasetManifest, 'splits' | 'testRaw' | 'batches'>;
  /** Bytes of what ingest stored: the delivered file and its table. */
  ingested: number;
}

const did = (records: readonly StageRecord[], stage: StageRecord['stage']) =>
  records.filter((record) => record.stage === stage && record.status === 'DONE');

/**
 * Requests to S3 and bytes stored, by what each stage reads and writes: ingest its source and a table; clean a manifest, a
 * preprocessing and each part; a candidate its model and result; evaluate its reports; every stage its log. Of a batch prediction
 * see `batchOf`.
 */
export function s3Of(files: RunFiles): Usage['s3'] {
  const { records, artifacts, manifest, ingested } = files;
  if (isBatch(files.run)) return batchOf(files);
  const parts = manifest ? [...Object.values(manifest.splits), manifest.testRaw, ...manifest.batches] : [];
  const models = did(records, 'train').filter(({ item }) => item !== undefined);
  const reports = artifacts.filter(({ path }) => !path.startsWith('model/'));
  const sum = (sizes: readonly unknown[]) =>
    sizes.reduce<number>((total, size) => total + (typeof size === 'number' ? size : 0), 0);
  const written = {
    ingest: did(records, 'ingest').length * 2,
    clean: did(records, 'clean').length * (2 + parts.length),
    train: models.length * 2 + (models.length > 0 ? 2 : 0),
    evaluate: did(records, 'evaluate').length * reports.length,
    register: did(records, 'register').length * LOGGED_MODEL_FILES,
    logs: records.length + SNAPSHOTS,
  };
  const bytes =
    (did(records, 'ingest').length > 0 ? ingested : 0) +
    (did(records, 'clean').length > 0 ? sum(parts.map((part) => part.bytes)) : 0) +
    sum(models.map(({ outputs }) => outputs.sizeBytes)) +
    (did(records, 'evaluate').length > 0 ? sum(reports.map(({ size }) => size)) : 0) +
    (did(records, 'register').length > 0
      ? sum(artifacts.filter(({ path }) => path === 'model/model.arbm').map(({ size }) => size))
      : 0);
  const reads = did(records, 'clean').length + models.length * READS_OF_A_CANDIDATE + models.length + 2;
  return {
    puts: sum(Object.values(written)),
    // Each object is looked for before it is promised again: as many reads as there are stages.
    gets: reads + records.length,
    bytes,
  };
}

/** A run that predicts a file, however far it came. */
const isBatch = ({ tags }: RunFiles['run']): boolean => tags[KIND_TAG] === BATCH_KIND;

/**
 * The plan looks for the file, reads the model and all of it, and leaves itself and the Map's list. A chunk reads the plan, looks for the
 * file, reads its part and writes two; the model is read once by a function that goes on. Who joins reads the plan and both of each chunk, and writes
 * two files, in parts. The chunks' own files stay, as large together as what they are joined to.
 */
function batchOf({ records, artifacts }: RunFiles): Usage['s3'] {
  const chunks = did(records, 'predict').length;
  const planned = did(records, 'plan').length;
  const joined = did(records, 'join').length;
  const bytes = artifacts.reduce((sum, { size }) => sum + size, 0);
  const parts = artifacts.reduce((sum, { size }) => sum + requestsOf(size), 0);
  return {
    puts: planned * 2 + chunks * 2 + (joined > 0 ? parts : 0) + records.length + SNAPSHOTS,
    gets: planned * 4 + chunks * 3 + 1 + joined * (1 + 2 * chunks),
    bytes: 2 * bytes,
  };
}

/** What putting a file in parts takes: one where it fits into one; else its parts, a beginning and an end. */
const requestsOf = (bytes: number): number => (bytes < PART_BYTES ? 1 : Math.ceil(bytes / PART_BYTES) + 2);
/** As lib/store/s3-pieces.ts has it. */
const PART_BYTES = 8 * 2 ** 20;

/** The model file and what MLflow's clients want beside it. */
const LOGGED_MODEL_FILES = 6;
/** At the end of a run, and after its promotion. */
const SNAPSHOTS = 2;
/** Manifest, training rows, validation rows. */
const READS_OF_A_CANDIDATE = 3;

/**
 * Units of DynamoDB: the run is made and ended; each stage writes its record twice and tells the run of it, a header of about
 * 3 KB in a transaction; each value is an entry of the search index, each metric a point too (docs/data-model.md).
 */
export function dynamoOf({ run, records, artifacts }: RunFiles): Usage['dynamo'] {
  const values = Object.keys(run.params).length + Object.keys(run.tags).length;
  if (isBatch(run)) {
    // A chunk tells nobody but its own record: a Map of thousands would meet at the run's.
    const writes = CREATED_AND_ENDED + records.length * WRITES_OF_A_CHUNK + values * 2 + artifacts.length;
    return { writes, reads: READS_OF_A_BATCH + records.length * READS_OF_A_CHUNK };
  }
  const metrics = Object.keys(run.metrics).length;
  const items = records.filter(({ item }) => item !== undefined).length;
  const writes =
    CREATED_AND_ENDED +
    records.length * WRITES_OF_A_STAGE +
    items * WRITES_OF_A_CHILD +
    values * 2 +
    metrics * 3 +
    artifacts.length;
  return { writes, reads: records.length * READS_OF_A_STAGE + items * WRITES_OF_A_CHILD };
}

const CREATED_AND_ENDED = 24;
const WRITES_OF_A_STAGE = 10;
const WRITES_OF_A_CHILD = 40;
const READS_OF_A_STAGE = 12;
const WRITES_OF_A_CHUNK = 2;
const READS_OF_A_CHUNK = 5;
const READS_OF_A_BATCH = 24;
