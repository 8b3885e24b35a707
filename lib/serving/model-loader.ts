import { ArboledaError, IntegrityError, NotFoundError } from '../errors/index.ts';
import { ownModel } from '../tracking/own-model.ts';
import type { ModelVersion, OwnModel } from '../tracking/types.ts';
import { ModelCache, type ModelCacheOptions } from './model-cache.ts';
import type { ModelBytes, ModelEngine, ServableModel } from './types.ts';

/** The file of a registered version is gone, or is not what its hash says: our fault, not the caller's. 500. */
export class ModelFileError extends ArboledaError {
  static override readonly code: string = 'MODEL_FILE_BROKEN';
  static override readonly remedy: string =
    'Run the pipeline again with `--force`, or roll back: `npx arboleda rollback MODEL`.';
}

/** A version and its model, ready to predict. */
export interface LoadedVersion<M extends ServableModel = ServableModel> {
  version: ModelVersion & OwnModel;
  model: M;
}

/** The models of versions, read once and kept. */
export class ModelLoader<M extends ServableModel> {
  readonly #objects: ModelBytes;
  readonly #engine: Pick<ModelEngine<M>, 'read'>;
  readonly #models: ModelCache<M>;

  constructor(objects: ModelBytes, engine: Pick<ModelEngine<M>, 'read'>, limits: ModelCacheOptions) {
    this.#objects = objects;
    this.#engine = engine;
    this.#models = new ModelCache(limits);
  }

  /** @throws ModelFileError, ForeignModelError */
  async load(found: ModelVersion): Promise<LoadedVersion<M>> {
    const version = ownModel(found);
    const model = await this.#models.get(keyOf(version), version.sizeBytes, () => this.#read(version));
    return { version, model };
  }

  /** Whether `load` would not have to read it. */
  has(version: ModelVersion): boolean {
    return this.#models.has(keyOf(version));
  }

  async #read(version: ModelVersion & OwnModel): Promise<M> {
    try {
      const bytes = await this.#objects.get(version.modelKey);
      return this.#engine.read(bytes, { sha256: version.modelSha256 });
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof IntegrityError)) throw error;
      const what = error instanceof NotFoundError ? 'is gone' : 'was changed';
      throw new ModelFileError(`the file of model ${version.name} version ${version.version} ${what}`, {
        cause: error,
      });
    }
  }
}

const keyOf = ({ modelKey, modelSha256 }: ModelVersion): string => `${modelKey} ${modelSha256}`;
