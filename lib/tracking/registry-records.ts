import { NotFoundError } from '../errors/index.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { key, partition, prefix } from './keys.ts';
import { isActive, type ModelStage, PRODUCTION_ALIAS } from './model-stage.ts';
import { checkModelName } from './names.ts';
import { changeOperations, type RegistryChange } from './registry-change.ts';
import { holderOf, inStage, toModel, toVersion } from './registry-items.ts';
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
    const item = await this.items.get(key.version(ws, name, version), { consistent: true });
    if (!item) throw new NotFoundError(`model ${name} has no version ${version}`);
    return item;
  }

  /** @throws NotFoundError */
  async getVersion(ws: string, name: string, version: string): Promise<ModelVersion> {
    return toVersion(ws, await this.version(ws, name, version));
  }

  /** A model's versions or audit records, newest first. */
  async list(
    ws: string,
    name: string,
    skPrefix: typeof prefix.versions | typeof prefix.audit,
    page: PageOptions,
  ): Promise<Page<Item>> {
    const request = { pk: partition.model(ws, name), skPrefix, descending: true, consistent: true };
    return this.items.query({ ...request, ...page });
  }

  /** The holder of `production`, else the newest version in the stage. @throws NotFoundError */
  async newestIn(ws: string, model: Item, stage: ModelStage): Promise<ModelVersion> {
    const name = model.name as string;
    if (isActive(stage)) {
      const holder = stage === 'Production' ? holderOf(model, PRODUCTION_ALIAS) : null;
      const version = holder ?? inStage(model, stage).at(-1);
      if (version !== undefined) return this.getVersion(ws, name, version);
    } else {
      let cursor: string | undefined;
      do {
        const page = await this.list(ws, name, prefix.versions, { limit: 100, ...(cursor && { cursor }) });
        const found = page.items.find((version) => version.stage === stage);
        if (found) return toVersion(ws, found);
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    throw new NotFoundError(`model ${name} has no version in stage ${stage}`);
  }

  /** One transaction; nobody else changed the model since `held` was read. @throws ConditionFailedError */
  async write(ws: string, held: Item, change: RegistryChange): Promise<RegisteredModel> {
    const { operations, model } = changeOperations(ws, held, change, this.clock.now().toISOString());
    await this.items.transact(operations);
    return toModel(ws, model);
  }
}
