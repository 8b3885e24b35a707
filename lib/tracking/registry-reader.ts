import { NotFoundError } from '../errors/index.ts';
import type { Clock, ItemStore } from '../store/ports.ts';
import { type ModelReference, selectorOf, type VersionSelector } from './model-reference.ts';
import { PRODUCTION_ALIAS } from './model-stage.ts';
import { checkAlias } from './names.ts';
import { aliasAttribute, toModel } from './registry-items.ts';
import { RegistryRecords } from './registry-records.ts';
import type { ModelVersion, RegisteredModel } from './types.ts';

/** Models and versions as they are: all that the prediction function asks of the registry, and so all of it that it carries. */
export class RegistryReader {
  protected readonly records: RegistryRecords;

  constructor(items: ItemStore, clock: Clock) {
    this.records = new RegistryRecords(items, clock);
  }

  /** With its aliases. Strongly consistent. @throws NotFoundError */
  async getModel(ws: string, name: string): Promise<RegisteredModel> {
    return toModel(ws, await this.records.model(ws, name));
  }

  /** Strongly consistent. @throws NotFoundError */
  getVersion(ws: string, name: string, version: string): Promise<ModelVersion> {
    return this.records.getVersion(ws, name, version);
  }

  /**
   * The version that an alias or a number names, the newest of all, or of a stage. Production is the version that holds
   * `production`; where none does, the newest in that stage, as in MLflow.
   *
   * @throws NotFoundError, InvalidNameError
   */
  async resolve(ws: string, name: string, which: VersionSelector): Promise<ModelVersion> {
    if ('version' in which) return this.getVersion(ws, name, which.version);
    const model = await this.records.model(ws, name);
    if ('latest' in which) {
      const { latestVersion } = toModel(ws, model);
      if (latestVersion === 0) throw new NotFoundError(`model ${name} has no version yet`);
      return this.records.getVersionOf(ws, model, String(latestVersion));
    }
    if ('stage' in which) return this.records.newestIn(ws, model, which.stage);
    const version = model[aliasAttribute(checkAlias(which.alias))] as string | undefined;
    if (version === undefined) throw new NotFoundError(`model ${name} has no alias ${which.alias}`);
    return this.records.getVersionOf(ws, model, version);
  }

  /**
   * The version that a reference such as `models:/NAME/Staging` means; a name alone is the holder of `production`.
   *
   * @throws NotFoundError
   * @example await registry.resolveReference(ws, parseModelReference('models:/housing@production'));
   */
  resolveReference(ws: string, reference: ModelReference): Promise<ModelVersion> {
    return this.resolve(ws, reference.model, selectorOf(reference) ?? { alias: PRODUCTION_ALIAS });
  }
}
