import {
  ArboledaError,
  IntegrityError,
  InvalidInputError,
  NotFoundError,
  NotReadyError,
} from '../errors/index.ts';
import { PRODUCTION_ALIAS } from '../tracking/model-stage.ts';
import { ownModel } from '../tracking/own-model.ts';
import type { ModelVersion, OwnModel } from '../tracking/types.ts';
import { AliasCache } from './alias-cache.ts';
import { ModelCache } from './model-cache.ts';
import { readRows } from './rows.ts';
import {
  DEFAULT_LIMITS,
  type Prediction,
  type PredictionWarning,
  type RowExplanation,
  type ServableModel,
  type ServingLimits,
  type ServingOptions,
  type VersionSelector,
} from './types.ts';

/** The file of a registered version is gone, or is not what its hash says: our fault, not the caller's. 500. */
export class ModelFileError extends ArboledaError {
  static override readonly code: string = 'MODEL_FILE_BROKEN';
  static override readonly remedy: string =
    'Run the pipeline again with `--force`, or roll back: `npx arboleda rollback MODEL`.';
}

/** The alias that serves unless a caller names another, or a version. */
export const CHAMPION = PRODUCTION_ALIAS;

/** The outcome of one prediction request, before it is logged. */
export interface PredictionResult {
  model: string;
  version: string;
  /** The alias that was asked for; absent where a version was. */
  alias?: string;
  modelSha256: string;
  target: string;
  /** The rows as sent. */
  rows: unknown[];
  /** True where the body was one row, not `{ rows: [...] }`. */
  bare: boolean;
  predictions: Prediction[];
  warnings: PredictionWarning[];
  /** Where they were asked for: one a row. */
  explanations?: RowExplanation[];
}

/** What a caller may ask for beside the predictions. */
export interface PredictOptions {
  /** Each answer taken apart by the row's columns. */
  explain?: boolean | undefined;
}

/** A version and its model, ready to predict. */
export interface LoadedVersion<M extends ServableModel = ServableModel> {
  version: ModelVersion & OwnModel;
  model: M;
}

/** From an alias to a loaded model to a prediction. One per process: the caches live here. */
export class PredictionService<M extends ServableModel = ServableModel> {
  readonly #options: ServingOptions<M>;
  readonly #limits: ServingLimits;
  readonly #aliases: AliasCache;
  readonly #models: ModelCache<M>;

  constructor(options: ServingOptions<M>) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#aliases = new AliasCache(options.registry, options.clock, this.#limits.aliasMilliseconds);
    this.#models = new ModelCache(this.#limits);
  }

  /**
   * Resolves and loads a model. Without a selector a model that exists but was never promoted is NotReadyError (503).
   * @throws NotFoundError, NotReadyError, ModelFileError, ForeignModelError
   */
  async load(workspace: string, name: string, selector?: VersionSelector): Promise<LoadedVersion<M>> {
    const version = ownModel(await this.#resolve(workspace, name, selector));
    const key = `${version.modelKey} ${version.modelSha256}`;
    const model = await this.#models.get(key, version.sizeBytes, () => this.#read(version));
    return { version, model };
  }

  /**
   * Predicts for the rows of a request's body.
   * @throws InvalidInputError naming the field, NotFoundError, NotReadyError, TooManyRowsError;
   *   with `explain` also TooManyRowsToExplainError, NotExplainableError
   * @example await service.predict('default', 'housing', { rooms: 6, area: 120, age: 30 });
   */
  async predict(
    workspace: string,
    name: string,
    body: unknown,
    selector?: VersionSelector,
    { explain }: PredictOptions = {},
  ): Promise<PredictionResult> {
    const { rows, bare } = readRows(body, this.#limits.maxRows);
    const { version, model } = await this.load(workspace, name, selector);
    const { predictions, warnings } = this.#run(model, rows, bare);
    const explanations = explain === true ? this.#options.engine.explain(model, rows) : undefined;
    const { target } = model.manifest;
    const which = selector ?? { alias: CHAMPION };
    return {
      ...('alias' in which ? { alias: which.alias } : {}),
      model: version.name,
      version: version.version,
      modelSha256: version.modelSha256,
      target,
      rows,
      bare,
      predictions,
      warnings,
      ...(explanations && { explanations }),
    };
  }

  async #resolve(workspace: string, name: string, selector?: VersionSelector): Promise<ModelVersion> {
    try {
      return await this.#aliases.resolve(workspace, name, selector ?? { alias: CHAMPION });
    } catch (error) {
      if (selector !== undefined || !(error instanceof NotFoundError)) throw error;
      // Which of the two is missing: this throws NotFoundError where it is the model.
      await this.#options.registry.getModel(workspace, name);
      throw new NotReadyError(`model "${name}" has no version with the alias ${CHAMPION} yet`, {
        cause: error,
      });
    }
  }

  async #read(version: ModelVersion & OwnModel): Promise<M> {
    try {
      const bytes = await this.#options.objects.get(version.modelKey);
      return this.#options.engine.read(bytes, { sha256: version.modelSha256 });
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof IntegrityError)) throw error;
      const what = error instanceof NotFoundError ? 'is gone' : 'was changed';
      throw new ModelFileError(`the file of model ${version.name} version ${version.version} ${what}`, {
        cause: error,
      });
    }
  }

  /** A caller who sent a bare row knows no `rows[0]`: the field is named as it was sent. */
  #run(model: M, rows: unknown[], bare: boolean) {
    try {
      const result = this.#options.engine.predict(model, rows);
      if (!bare) return result;
      const warnings = result.warnings.map((warning) => ({
        ...warning,
        message: unprefixed(warning.message),
      }));
      return { ...result, warnings };
    } catch (error) {
      if (!bare || !(error instanceof InvalidInputError) || error.field === undefined) throw error;
      throw new InvalidInputError(unprefixed(error.message), {
        remedy: error.remedy,
        field: unprefixed(error.field),
        details: error.details,
        cause: error,
      });
    }
  }
}

const unprefixed = (text: string): string => text.replaceAll(/\brows\[0\]\.?/g, '');
