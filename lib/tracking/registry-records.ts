import { NotFoundError } from '../errors/index.ts';
import { ConditionFailedError } from '../store/errors.ts';
import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { key, partition, prefix } from './keys.ts';
import { isActive, type ModelStage, PRODUCTION_ALIAS } from './model-stage.ts';
import { checkModelName, checkVersion } from './names.ts';
import { changeOperations, type RegistryChange } from './registry-change.ts';
import { holderOf, homeOf, inStage, toModel, toVersion } from './registry-items.ts';
import type { ModelVersion, RegisteredModel } from './types.ts';

/** Which page of a list. */
export interface PageOptions {
  limit?: number;
  cursor?: string;
}

/** A model's items as they are held, and the one way in which they change. All reads are strongly consistent. */
export class RegistryRecords {
  readonly items: ItemStore;
  readonly clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.items = items;
    this.clock = clock;
  }

  /** @throws NotFoundError, InvalidNameError */
  async model(ws: string, name: string): Promise<Item> {
    const item = await this.items.get(key.model(ws, checkModelName(name)), { consistent: true });
    if (!item) throw new NotFoundError(`no model named ${JSON.stringify(name)}`);
    return item;
  }

  /** @throws NotFoundError */
  async version(ws: string, name: string, version: string): Promise<Item> {
    checkVersion(version);
    return this.versionOf(ws, await this.model(ws, name), version);
  }

  /** @throws NotFoundError */
  async versionOf(ws: string, model: Item, version: string): Promise<Item> {
    const item = await this.items.get(key.version(ws, homeOf(model), version), { consistent: true });
    if (!item) throw new NotFoundError(`model ${model.name} has no version ${version}`);
    return item;
  }

  /** @throws NotFoundError */
  async getVersion(ws: string, name: string, version: string): Promise<ModelVersion> {
    return toVersion(ws, name, await this.version(ws, name, version));
  }

  /** @throws NotFoundError */
  async getVersionOf(ws: string, model: Item, version: string): Promise<ModelVersion> {
    return toVersion(ws, model.name as string, await this.versionOf(ws, model, version));
  }

  /** A version that the model's item names: where it is gone, the item was read too early. @throws ConditionFailedError */
  async present(ws: string, model: Item, version: string): Promise<ModelVersion> {
    const item = await this.items.get(key.version(ws, homeOf(model), version), { consistent: true });
    if (!item) throw new ConditionFailedError(`version ${version} of model ${model.name} is there no more`);
    return toVersion(ws, model.name as string, item);
  }

  /** A model's versions or audit records, newest first. */
  async list(
    ws: string,
    model: Item,
    skPrefix: typeof prefix.versions | typeof prefix.audit,
    page: PageOptions,
  ): Promise<Page<Item>> {
    const pk = partition.model(ws, homeOf(model));
    return this.items.query({ pk, skPrefix, descending: true, consistent: true, ...page });
  }

  /** All versions of a model, newest first. */
  async versions(ws: string, model: Item): Promise<ModelVersion[]> {
    const pk = partition.model(ws, homeOf(model));
    const request = { pk, skPrefix: prefix.versions, descending: true, consistent: true };
    const items = await collect(this.items, request);
    return items.map((item) => toVersion(ws, model.name as string, item));
  }

  /** The holder of `production`, else the newest version in the stage. @throws NotFoundError */
  async newestIn(ws: string, model: Item, stage: ModelStage): Promise<ModelVersion> {
    if (isActive(stage)) {
      const holder = stage === 'Production' ? holderOf(model, PRODUCTION_ALIAS) : null;
      const version = holder ?? inStage(model, stage).at(-1);
      if (version !== undefined) return this.getVersionOf(ws, model, version);
    } else {
      let cursor: string | undefined;
      do {
        const page = await this.list(ws, model, prefix.versions, { limit: 100, ...(cursor && { cursor }) });
        const found = page.items.find((version) => version.stage === stage);
        if (found) return toVersion(ws, model.name as string, found);
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    throw new NotFoundError(`model ${model.name} has no version in stage ${stage}`);
  }

  /** One transaction; nobody else changed the model since `held` was read. @throws ConditionFailedError */
  async write(ws: string, held: Item, change: RegistryChange): Promise<RegisteredModel> {
    const { operations, model } = changeOperations(ws, held, change, this.clock.now().toISOString());
    await this.items.transact(operations);
    return toModel(ws, model);
  }
}
