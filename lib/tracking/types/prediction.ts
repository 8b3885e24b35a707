/** What is kept of requests to predict. */

/** What one version made of one request, as far as it can be counted: no rows, no predictions. */
export interface VersionAttempt {
  version: string;
  /** Milliseconds from the rows in hand to its predictions: load (of a model that was not in memory) and model, no log write. */
  latencyMs: number;
  /** The model was not in memory: what it took to load it is in `latencyMs`. */
  cold?: boolean;
  /** It failed by our fault (5xx, or too slow as a shadow): the code of the error. */
  error?: { code: string };
}

/** What a shadow computed of a request that another version answered. Its predictions are in the order of the rows. */
export interface ShadowAttempt extends VersionAttempt {
  predictions?: { prediction: string | number; probabilities?: Record<string, number> }[];
}

/** One request to predict: what came in, what went out. Kept 30 days unless told. */
export interface PredictionRecord {
  requestId: string;
  model: string;
  version: string;
  alias?: string;
  /** ISO 8601, UTC. */
  at: string;
  rows: unknown[];
  /** Empty where `error` is there: then no version answered. */
  predictions: { prediction: string | number; probabilities?: Record<string, number> }[];
  warnings?: unknown[];
  tokenId?: string;
  /** See `VersionAttempt`. Absent in records from before latencies were kept. */
  latencyMs?: number;
  cold?: boolean;
  /** The version failed by our fault, and the caller was answered with this error. */
  error?: { code: string };
  /** A challenger that failed before `version`, the champion, answered in its place. */
  failedOver?: VersionAttempt;
  /** The split that chose the version; absent without one, or where the caller named a version. */
  splitRevision?: number;
  /** Whether the version held `production` at the time, or stood beside it in the split. */
  arm?: 'champion' | 'challenger';
  shadows?: ShadowAttempt[];
  /** 32 hex digits of the caller's key, where one was sent. */
  keyHash?: string;
  /** Its sender was trying a version: it is none of the model's traffic, and nothing counts it. */
  probe?: boolean;
}

/** What is counted of a request without its rows: facts of its item, also where the record itself is in S3. */
export type PredictionFacts = Pick<
  PredictionRecord,
  | 'requestId'
  | 'model'
  | 'version'
  | 'at'
  | 'latencyMs'
  | 'cold'
  | 'error'
  | 'failedOver'
  | 'splitRevision'
  | 'arm'
  | 'probe'
> & {
  /** How many rows the request had. */
  count: number;
  /** Without their predictions. */
  shadows?: VersionAttempt[];
};

/** A prediction in a list. Its rows are left out where they are too many for a page: read it by its id. */
export type ListedPrediction = Pick<PredictionRecord, 'requestId' | 'model' | 'version' | 'at'> &
  Partial<PredictionRecord> & {
    /** How many rows one request had. */
    count: number;
  };
