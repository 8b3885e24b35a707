import * as z from 'zod';
import { DELIMITERS } from '../../table/csv/delimiter-of-text.ts';
import { CHUNKS_TAG } from '../../tracking/progress.ts';

/** The formats that a batch may come in; its result has the same. */
export const BATCH_FORMATS = ['csv', 'parquet'] as const;
export type BatchFormat = (typeof BATCH_FORMATS)[number];

/** The tag that says what a run without a pipeline is, and its value for a batch prediction. */
export const KIND_TAG = 'arboleda.kind';
export const BATCH_KIND = 'batch-prediction';
/** The upload that the present attempt reads. */
export const UPLOAD_TAG = 'batch.uploadId';
/** What has come of it, once the plan is made and once the result is there. */
export const BATCH_TAGS = {
  rows: 'batch.rows',
  chunks: CHUNKS_TAG,
  predicted: 'batch.predicted',
  failed: 'batch.failed',
} as const;

/** The files of a batch that has ended, as paths of the run's artifacts. */
export const resultFile = (format: string): string => `predictions.${format}`;
export const FAILURES_FILE = 'failures.jsonl';

const count = z.number().int().nonnegative();

/** A piece of the input: bytes `start` to `end` of a CSV text, rows `start` to `end` of a Parquet file (exclusive). */
const chunk = z.object({
  id: z.string().regex(/^\d{5}$/),
  start: count,
  end: count,
  rows: count,
  /** Rows of the file in front of it, and the line that it begins on (CSV). */
  firstRow: count,
  line: count,
});
export type BatchChunk = z.infer<typeof chunk>;

/** What the plan found: everything that a chunk's work hangs on. JSON, in S3. */
export const batchPlan = z.object({
  format: z.enum(BATCH_FORMATS),
  /** S3 key of the input, and what it is now: a chunk that finds another file there stops. */
  input: z.object({ key: z.string(), sha256: z.string(), bytes: count, etag: z.string() }),
  model: z.object({ name: z.string(), version: z.string(), key: z.string(), sha256: z.string() }),
  rows: count,
  /** The columns of the input, in order. */
  header: z.array(z.string()),
  /** The names of the columns that are added: the prediction's, then one a class. */
  added: z.array(z.string()).min(1),
  csv: z
    .object({
      delimiter: z.enum(DELIMITERS as [(typeof DELIMITERS)[number], ...(typeof DELIMITERS)[number][]]),
      /** Of the header line, and so of each line of the result. */
      endOfLine: z.enum(['\n', '\r\n', '\r']),
      /** The header as it stands, a byte order mark too. */
      headerText: z.string(),
    })
    .optional(),
  chunks: z.array(chunk),
});
export type BatchPlan = z.infer<typeof batchPlan>;

/** A row that could not be predicted, as a line of the failures file. */
export interface RowFailure {
  /** From 1, as the file has them, without its header. */
  row: number;
  /** The line that it begins on (CSV). */
  line?: number;
  code: string;
  field?: string;
  message: string;
  /** The record as it stands, its first 2,000 characters; of a Parquet file the values that the model reads. */
  raw: unknown;
}

/** What one chunk came to. */
export interface ChunkResult {
  predictions: Uint8Array;
  failures: RowFailure[];
  predicted: number;
  /** Unknown categories and missing values that were handled as in training. */
  warnings: number;
}
