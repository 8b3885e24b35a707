import { NotFoundError } from '../errors/index.ts';
import { ConditionFailedError } from '../store/errors.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { AliasMovedError, NothingToRollBackError } from './errors.ts';
import { toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { checkAlias, checkModelName } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import {
  aliasAttribute,
  auditItem,
  stackAttribute,
  stackOf,
  toAudit,
  toModel,
  toVersion,
  versionItem,
} from './registry-items.ts';
import type { AliasAudit, ModelVersion, NewModelVersion, RegisteredModel } from './types.ts';

/** A move of an alias. */
export interface AliasMove {
  model: string;
  alias: string;
  version: string;
  /** The version that the mover saw there; null for none. */
  expectedVersion: string | null;
  actor: string;
  reason: string;
}

/** A version and its model's state, as a snapshot keeps them. */
export interface RegistryExport {
  version: ModelVersion;
  identity: string;
  aliases: Record<string, string>;
  /** Moves so far, versions each alias held before (oldest first), the last moves (newest first). */
  registry: { moves: number; before: Record<string, string[]>; audit: AliasAudit[] };
}

interface PageOptions {
  limit?: number;
  cursor?: string;
}

/** How many versions back a rollback can go. */
const STACK = 50;
/** How many moves a snapshot keeps. */
const EXPORTED_AUDIT = 100;

/** Registered models, their versions and aliases. */
export class Registry {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /** The model of that name, made where there is none. @throws InvalidNameError */
  async createModel(
    ws: string,
    model: { name: string; description?: string; tags?: Record<string, string> },
  ): Promise<RegisteredModel> {
    const { name, description, tags = {} } = model;
    const item: Item = {
      ...key.model(ws, name),
      name,
      createdAt: this.#clock.now().toISOString(),
      ...(description !== undefined && { description }),
      tags: toText(tags),
      latestVersion: 0,
      moves: 0,
    };
    const made = await happened(this.#items.put(item, { absent: true }));
    return made ? toModel(ws, item) : this.getModel(ws, name);
  }

  /** With its aliases. Strongly consistent. @throws NotFoundError */
  async getModel(ws: string, name: string): Promise<RegisteredModel> {
    return toModel(ws, await this.#model(ws, name));
  }

  /** By name. */
  async listModels(ws: string, page: PageOptions = {}): Promise<Page<RegisteredModel>> {
    const found = await this.#items.query({ pk: partition.models(ws), consistent: true, ...page });
    return { ...found, items: found.items.map((item) => toModel(ws, item)) };
  }

  /**
   * The model's next version, numbered from 1 without gaps. The same identity is the same version, however often and by
   * however many callers it is made.
   *
   * @throws NotFoundError where the model is not registered, TransientError under too many racing callers.
   */
  async createVersion(ws: string, name: string, given: NewModelVersion): Promise<ModelVersion> {
    const { identity, metrics = {}, tags = {}, ...rest } = given;
    const guard = key.identity(ws, name, identity);
    return optimistic(async () => {
      const made = await this.#items.get(guard, { consistent: true });
      if (made) return this.getVersion(ws, name, made.version as string);
      const { latestVersion } = await this.getModel(ws, name);
      const version: ModelVersion = {
        ...rest,
        workspace: ws,
        name,
        version: String(latestVersion + 1),
        metrics,
        tags,
        createdAt: this.#clock.now().toISOString(),
        stage: 'None',
      };
      await this.#items.transact([
        { put: { ...guard, version: version.version }, condition: { absent: true } },
        {
          update: key.model(ws, name),
          change: { set: { latestVersion: latestVersion + 1 } },
          condition: { equals: { latestVersion } },
        },
        { put: versionItem(version, identity), condition: { absent: true } },
      ]);
      return version;
    }, `model ${name}`);
  }

  /** Strongly consistent. @throws NotFoundError */
  async getVersion(ws: string, name: string, version: string): Promise<ModelVersion> {
    const item = await this.#items.get(key.version(ws, name, version), { consistent: true });
    if (!item) throw new NotFoundError(`model ${name} has no version ${version}`);
    return toVersion(ws, item);
  }

  /** Newest first. */
  async listVersions(ws: string, name: string, page: PageOptions = {}): Promise<Page<ModelVersion>> {
    const request = {
      pk: partition.model(ws, name),
      skPrefix: prefix.versions,
      descending: true,
      consistent: true,
    };
    const found = await this.#items.query({ ...request, ...page });
    return { ...found, items: found.items.map((item) => toVersion(ws, item)) };
  }

  /** The version that an alias holds, or the one of that number. @throws NotFoundError, InvalidNameError */
  async resolve(
    ws: string,
    name: string,
    which: { alias: string } | { version: string },
  ): Promise<ModelVersion> {
    if ('version' in which) return this.getVersion(ws, name, which.version);
    const model = await this.#model(ws, name);
    const version = model[aliasAttribute(checkAlias(which.alias))] as string | undefined;
    if (version === undefined) throw new NotFoundError(`model ${name} has no alias ${which.alias}`);
    return this.getVersion(ws, name, version);
  }

  /**
   * Moves an alias, with the audit record, in one transaction. Where it holds the version already, nothing is written.
   * The version it leaves is where `rollback` goes.
   *
   * @throws AliasMovedError where it did not hold `expectedVersion`, NotFoundError, InvalidNameError
   */
  async moveAlias(ws: string, move: AliasMove): Promise<RegisteredModel> {
    const { model, alias, version, expectedVersion } = move;
    await this.getVersion(ws, model, version);
    return optimistic(async () => {
      const held = await this.#model(ws, model);
      const current = (held[aliasAttribute(checkAlias(alias))] as string | undefined) ?? null;
      if (current === version) return toModel(ws, held);
      if (current !== expectedVersion) throw moved(move, current);
      const stack =
        current === null ? stackOf(held, alias) : [...stackOf(held, alias), current].slice(-STACK);
      return this.#move(ws, held, { ...move, kind: 'move', from: current, stack });
    }, `alias ${alias} of ${model}`);
  }

  /**
   * Moves an alias back to the version it held before its last move. Rollbacks in a row go further back, one move each: the
   * versions left are like an undo stack, 50 deep, that `moveAlias` pushes on and `rollback` pops from; a version that was
   * rolled back is not on it. `expectedVersion` guards against a rollback that was repeated or raced.
   *
   * @throws NothingToRollBackError, AliasMovedError, NotFoundError
   */
  async rollback(
    ws: string,
    back: { model: string; alias: string; actor: string; reason: string; expectedVersion?: string },
  ): Promise<RegisteredModel> {
    const { model, alias } = back;
    const held = await this.#model(ws, model);
    const current = (held[aliasAttribute(checkAlias(alias))] as string | undefined) ?? null;
    const stack = stackOf(held, alias);
    const version = stack.at(-1);
    const { expectedVersion = current, ...rest } = back;
    if (current !== expectedVersion) throw moved({ ...back, expectedVersion }, current);
    if (current === null || version === undefined) {
      throw new NothingToRollBackError(`alias ${alias} of model ${model} held no other version before`);
    }
    try {
      return await this.#move(ws, held, {
        ...rest,
        version,
        kind: 'rollback',
        from: current,
        stack: stack.slice(0, -1),
      });
    } catch (error) {
      if (error instanceof ConditionFailedError) throw moved({ ...back, expectedVersion }, 'another');
      throw error;
    }
  }

  /** The moves of all aliases of a model, newest first. */
  async audit(ws: string, model: string, page: PageOptions = {}): Promise<Page<AliasAudit>> {
    const request = {
      pk: partition.model(ws, model),
      skPrefix: prefix.audit,
      descending: true,
      consistent: true,
    };
    const found = await this.#items.query({ ...request, ...page });
    return { ...found, items: found.items.map(toAudit) };
  }

  /**
   * A version with its identity, its model's aliases, and how they came to be: what a snapshot needs to bring them back.
   *
   * @throws NotFoundError
   */
  async exportVersion(ws: string, name: string, version: string): Promise<RegistryExport> {
    const [item, held] = await Promise.all([
      this.#items.get(key.version(ws, name, version), { consistent: true }),
      this.#model(ws, name),
    ]);
    if (!item) throw new NotFoundError(`model ${name} has no version ${version}`);
    const { aliases } = toModel(ws, held);
    const before = Object.fromEntries(Object.keys(aliases).map((alias) => [alias, stackOf(held, alias)]));
    const audit = (await this.audit(ws, name, { limit: EXPORTED_AUDIT })).items;
    const registry = { moves: held.moves as number, before, audit };
    return { version: toVersion(ws, item), identity: item.identity as string, aliases, registry };
  }

  async #model(ws: string, name: string): Promise<Item> {
    const item = await this.#items.get(key.model(ws, checkModelName(name)), { consistent: true });
    if (!item) throw new NotFoundError(`no model named ${JSON.stringify(name)}`);
    return item;
  }

  async #move(
    ws: string,
    held: Item,
    to: {
      model: string;
      alias: string;
      version: string;
      actor: string;
      reason: string;
      kind: 'move' | 'rollback';
    } & {
      from: string | null;
      stack: string[];
    },
  ): Promise<RegisteredModel> {
    const { model, alias, version, actor, reason, kind, from, stack } = to;
    const moves = held.moves as number;
    const audit: AliasAudit = {
      model,
      alias,
      kind,
      ...(from !== null && { fromVersion: from }),
      toVersion: version,
      actor,
      reason,
      at: this.#clock.now().toISOString(),
    };
    const set = {
      [aliasAttribute(alias)]: version,
      [stackAttribute(alias)]: toText(stack),
      moves: moves + 1,
    };
    await this.#items.transact([
      {
        update: key.model(ws, model),
        change: { set },
        condition: { equals: { moves, [aliasAttribute(alias)]: from } },
      },
      { put: auditItem(ws, moves + 1, audit), condition: { absent: true } },
      { check: key.version(ws, model, version), condition: { exists: true } },
    ]);
    return toModel(ws, { ...held, ...set });
  }
}

function moved(
  move: { model: string; alias: string; expectedVersion: string | null },
  current: string | null,
): Error {
  const { model, alias, expectedVersion } = move;
  return new AliasMovedError(
    `alias ${alias} of model ${model} holds ${current ?? 'no version'}, not ${expectedVersion ?? 'none'}`,
    {
      details: { expectedVersion, current },
    },
  );
}
