import type { DecodeRow } from '../../table/index.ts';
import { secondsOf } from './duration.ts';

/**
 * Where a pipeline's rows come from. A dataset pushed by `arboleda data push` always comes first; then the sources in
 * the order the definition names them. Only `generate` makes rows of its own, and what it makes is tagged synthetic.
 */
export interface FileSource {
  kind: 'file';
  /** Relative to the pipeline's own folder. Deployed as an S3 asset: functions read S3 only. */
  path: string;
}
export interface FolderSource {
  kind: 'folder';
  /** Relative to the folder that ARBOLEDA_DATA names on the caller's machine; the CLI uploads it before a run. */
  path: string;
}
export interface HttpsSource {
  kind: 'https';
  url: string;
  /** Of the bytes as delivered; with `entry`, of that file's bytes. Other bytes are refused. */
  sha256: string;
  /** The file that is meant, by its name in the ZIP archive that the URL delivers. */
  entry?: string | undefined;
  /** The columns of a file without a header line. */
  header?: string[] | undefined;
  decode?: DecodeRow | undefined;
}

export interface GenerateSource {
  kind: 'generate';
  seed: number;
  rows: number;
  make: RowGenerator;
}
/** An API that answers a random sample of its current batch at each call; the collector keeps one of each batch. */
export interface BatchesSource {
  kind: 'batches';
  /** Absent: collected once an operator names one (`arboleda collector NAME --url URL`). */
  url?: string | FromEnvironment | undefined;
  /** How many subsets, each of another batch, make a round, and with it a run. */
  subsets: number;
  /** Seconds between two batches. */
  every: number;
  /** What the API is asked for: `?group_number=`. */
  group: number;
}
/** A value that is read at deploy from the deployer's environment. */
export interface FromEnvironment {
  env: string;
}
/** Makes `rows` rows; `random` is uniform on [0, 1) and seeded, so that the same seed makes the same rows. */
export type RowGenerator = (random: () => number, rows: number) => Record<string, string | number | null>[];

export type Source = FileSource | FolderSource | HttpsSource | BatchesSource | GenerateSource;

/** A CSV or CSV.gz in the pipeline's own folder. @example source: file('ames.csv.gz') */
export const file = (path: string): FileSource => ({ kind: 'file', path });

/** A file in the folder of ARBOLEDA_DATA, uploaded by the CLI when it is there. */
export const dataFolder = (path: string): FolderSource => ({ kind: 'folder', path });

/**
 * A public file, fetched by the ingest function and accepted only with this SHA-256.
 *
 * - `entry` reads one file of a ZIP archive. `sha256` is then that of the file's own bytes, not of the archive's: hosts
 *   pack the same files anew, with other dates and another order, and what counts is the content.
 * - `header` names the columns of a file without a header line.
 * - `decode` turns each delivered row into the columns of the pipeline's `row`. It must be pure, and use nothing from
 *   outside itself but what the language has: its text is part of the definition's hash, what it calls is not.
 *
 * The raw zone keeps the bytes as delivered (the entry's); `header` and `decode` belong to bytes of this hash, also where
 * they were pushed by hand.
 *
 * @example
 * httpsFile({
 *   url: 'https://archive.ics.uci.edu/static/public/31/covertype.zip', entry: 'covtype.data.gz', sha256: '614360d0…',
 *   header: ['Elevation', 'Area1', 'Area2', 'Cover_Type'],
 *   decode: (row) => ({ Elevation: row.Elevation, Area: row.Area1 === '1' ? 'Rawah' : 'Neota', Cover_Type: row.Cover_Type }),
 * })
 */
export const httpsFile = (options: Omit<HttpsSource, 'kind'>): HttpsSource => ({ kind: 'https', ...options });

/** A seeded stand-in for when nothing else can be had: the run is tagged `data.synthetic=true`. */
export const generate = (options: { seed: number; rows: number; make: RowGenerator }): GenerateSource => ({
  kind: 'generate',
  ...options,
});

/** Read at deploy from the deployer's environment. @example httpBatches({ url: env('FOREST_API_URL'), ... }) */
export const env = (name: string): FromEnvironment => ({ env: name });

/**
 * Batches collected from an API (`GET url?group_number=N` answers `{ batch_number, data: [[...], ...] }`, rows in the order of
 * the row schema's columns): one subset of each batch, and a run once `subsets` are there. docs/collector.md tells all.
 *
 * @param options.every how long a batch stands: seconds, or text such as `5 minutes`.
 * @throws BadDefinitionError where `every` is no duration.
 * @example httpBatches({ url: env('FOREST_API_URL'), subsets: 10, every: '5 minutes' })
 */
export const httpBatches = (options: {
  url?: string | FromEnvironment;
  subsets: number;
  every: number | string;
  group?: number;
}): BatchesSource => ({
  kind: 'batches',
  ...(options.url === undefined ? {} : { url: options.url }),
  subsets: options.subsets,
  every: secondsOf(options.every, 'source.every'),
  group: options.group ?? 1,
});

/** The first of these that can be had. @example source: firstOf(dataFolder('a.csv'), httpsFile({...}), generate({...})) */
export const firstOf = (...sources: Source[]): Source[] => sources;
