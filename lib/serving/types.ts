import type { RowExplanation } from '../learn/explain/explain-predictions.ts';
import type { Clock } from '../store/ports.ts';
import type { TrainingProfile } from '../table/profile.ts';
import type { RowSchema } from '../table/types.ts';
import type { VersionSelector } from '../tracking/model-reference.ts';
import type { SplitRevert } from '../tracking/splits/operations.ts';
import type { TrafficRoute } from '../tracking/splits/route.ts';
import type { ModelVersion, PredictionRecord } from '../tracking/types.ts';

/** A model in memory, as learn's model file gives it. */
export interface ServableModel {
  manifest: {
    target: string;
    rowSchema: RowSchema;
    preprocessing?: { input: readonly string[] };
    profile?: TrainingProfile;
  };
}

/** One row's answer. Regression has no probabilities. */
export interface Prediction {
  prediction: string | number;
  probabilities?: Record<string, number>;
}

/** What was odd about a row and was handled as in training. */
export interface PredictionWarning {
  row: number;
  field: string;
  code: string;
  message: string;
}

/** How bytes become a model and rows become predictions: learn's `readModelFile` and `predictRows`. */
export interface ModelEngine<M extends ServableModel = ServableModel> {
  /** Throws IntegrityError where the bytes are not what `sha256` says. */
  read(bytes: Uint8Array, options: { sha256: string }): M;
  /** Throws InvalidInputError with a field such as `rows[3].area`. */
  predict(model: M, rows: unknown[]): { predictions: Prediction[]; warnings: PredictionWarning[] };
  /** Takes the answers to these rows apart: learn's `explainPredictions`. Throws TooManyRowsToExplainError, NotExplainableError. */
  explain(model: M, rows: unknown[]): RowExplanation[];
}

/** Which version of a model. Without one: the alias `production`. */
export type { VersionSelector } from '../tracking/model-reference.ts';
export type { RowExplanation };

/** The registry as serving sees it. Throws NotFoundError for an unknown model, alias or version. */
export interface VersionResolver {
  resolve(workspace: string, model: string, selector: VersionSelector): Promise<ModelVersion>;
  getModel(workspace: string, model: string): Promise<unknown>;
}

/** What divides a model's traffic: `tracking`'s Splits. */
export interface TrafficSource {
  /** Throws NotFoundError where the model is unknown, or no version holds `production`. */
  route(workspace: string, model: string): Promise<TrafficRoute>;
  revert(workspace: string, revert: SplitRevert): Promise<unknown>;
}

/** What the log gets of a request; who logs it adds its id, its time and its caller. */
export type PredictionEntry = Omit<PredictionRecord, 'requestId' | 'at' | 'tokenId'>;

/** The bytes of model files. */
export interface ModelBytes {
  get(key: string): Promise<Uint8Array>;
}

export interface ServingOptions<M extends ServableModel = ServableModel> {
  registry: VersionResolver;
  objects: ModelBytes;
  engine: ModelEngine<M>;
  clock: Clock;
  /** Absent: no traffic is split, and the holder of `production` answers. */
  traffic?: TrafficSource;
  limits?: Partial<ServingLimits>;
  /** Milliseconds, monotonic, for latencies; `performance.now` unless told. */
  now?: () => number;
}

export interface ServingLimits {
  /** How long the look-up of an alias, or of a split, is believed. A promotion is seen after at most this. */
  aliasMilliseconds: number;
  /** Models kept in memory. */
  maxModels: number;
  /** Sum of the kept models' file sizes. */
  maxBytes: number;
  /** Rows in one request. */
  maxRows: number;
  /** How long the shadows of one request may take together, after another version has answered it. */
  shadowMilliseconds: number;
}

export const DEFAULT_LIMITS: ServingLimits = {
  aliasMilliseconds: 2_000,
  maxModels: 16,
  maxBytes: 512 * 1024 * 1024,
  maxRows: 1_000,
  shadowMilliseconds: 500,
};
