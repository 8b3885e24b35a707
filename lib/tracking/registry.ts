import { NotFoundError } from '../errors/index.ts';
import { ConditionFailedError } from '../store/errors.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { AliasMovedError, NothingToRollBackError } from './errors.ts';
import { toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { type ModelReference, selectorOf, type VersionSelector } from './model-reference.ts';
import { type ActiveStage, isActive, type ModelStage, PRODUCTION_ALIAS } from './model-stage.ts';
import { checkAlias, checkModelName } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import { changeOperations, pushed, type RegistryChange } from './registry-change.ts';
import {
  aliasAttribute,
  holderOf,
  inStage,
  stackOf,
  stacksOf,
  toAudit,
  toModel,
  toVersion,
  versionItem,
} from './registry-items.ts';
import {
  changes,
  checkPolicy,
  type StageTransition,
  type TransitionResult,
  transitionChange,
} from './registry-stages.ts';
import type {
  AliasAudit,
  ModelVersion,
  NewModelVersion,
  PipelineSource,
  RegisteredModel,
  StageChange,
} from './types.ts';

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
  registry: {
    moves: number;
    before: Record<string, string[]>;
    audit: AliasAudit[];
    /** The versions in each active stage. */
    stages: Record<ActiveStage, string[]>;
    requireStaging: boolean;
  };
}

interface PageOptions {
  limit?: number;
  cursor?: string;
}

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

  /**
   * The version that an alias or a number names, the newest of all, or of a stage. Production is the version that holds
   * `production`; where none does, the newest in that stage, as in MLflow.
   *
   * @throws NotFoundError, InvalidNameError
   */
  async resolve(ws: string, name: string, which: VersionSelector): Promise<ModelVersion> {
    if ('version' in which) return this.getVersion(ws, name, which.version);
    const model = await this.#model(ws, name);
    if ('latest' in which) {
      const { latestVersion } = toModel(ws, model);
      if (latestVersion === 0) throw new NotFoundError(`model ${name} has no version yet`);
      return this.getVersion(ws, name, String(latestVersion));
    }
    if ('stage' in which) return this.#newestIn(ws, model, which.stage);
    const version = model[aliasAttribute(checkAlias(which.alias))] as string | undefined;
    if (version === undefined) throw new NotFoundError(`model ${name} has no alias ${which.alias}`);
    return this.getVersion(ws, name, version);
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

  /**
   * Moves an alias, with the audit record, in one transaction. Where it holds the version already, nothing is written.
   * The version it leaves is where `rollback` goes. With `production` the stages change too: the version that gets it
   * goes to Production, the one that loses it is archived.
   *
   * @throws AliasMovedError where it did not hold `expectedVersion`, StagingRequiredError by the model's policy,
   *   NotFoundError, InvalidNameError
   */
  async moveAlias(ws: string, move: AliasMove): Promise<RegisteredModel> {
    const { model, alias, version, expectedVersion, actor, reason } = move;
    return optimistic(async () => {
      const target = await this.getVersion(ws, model, version);
      const held = await this.#model(ws, model);
      const current = holderOf(held, alias);
      if (current === version) return toModel(ws, held);
      if (current !== expectedVersion) throw moved(move, current);
      if (alias === PRODUCTION_ALIAS) checkPolicy(held, target);
      return this.#write(ws, held, {
        kind: 'move',
        model,
        actor,
        reason,
        alias: { name: alias, from: current, to: version, stack: pushed(stackOf(held, alias), current) },
        stages: await this.#stagesOfMove(ws, held, alias, target),
      });
    }, `alias ${alias} of ${model}`);
  }

  /**
   * Moves an alias back to the version it held before its last move. Rollbacks in a row go further back, one move each: the
   * versions left are like an undo stack, 50 deep, that `moveAlias` pushes on and `rollback` pops from; a version that was
   * rolled back is not on it. `expectedVersion` guards against a rollback that was repeated or raced, `toVersion` against
   * one that would lead elsewhere. Stages follow as in `moveAlias`; the model's policy does not hold it back. `data` goes
   * back in the same transaction: both happen, or neither.
   *
   * @throws NothingToRollBackError, AliasMovedError, NotFoundError
   */
  async rollback(
    ws: string,
    back: {
      model: string;
      alias: string;
      actor: string;
      reason: string;
      expectedVersion?: string | null;
      toVersion?: string;
      data?: { pipeline: string; source: PipelineSource };
    },
  ): Promise<RegisteredModel> {
    const { model, alias, actor, reason, toVersion, data } = back;
    const held = await this.#model(ws, model);
    const current = holderOf(held, alias);
    const stack = stackOf(held, alias);
    const version = stack.at(-1);
    const { expectedVersion = current } = back;
    if (current !== expectedVersion) throw moved({ ...back, expectedVersion }, current);
    if (version === undefined) {
      throw new NothingToRollBackError(`alias ${alias} of model ${model} held no other version before`);
    }
    if (toVersion !== undefined && toVersion !== version) {
      throw new AliasMovedError(
        `alias ${alias} of model ${model} would go back to version ${version}, not ${toVersion}`,
        { details: { toVersion, version } },
      );
    }
    try {
      return await this.#write(ws, held, {
        kind: 'rollback',
        model,
        actor,
        reason,
        alias: { name: alias, from: current, to: version, stack: stack.slice(0, -1) },
        stages: await this.#stagesOfMove(ws, held, alias, await this.getVersion(ws, model, version)),
        ...(data && { data }),
      });
    } catch (error) {
      if (error instanceof ConditionFailedError) throw moved({ ...back, expectedVersion }, 'another');
      throw error;
    }
  }

  /**
   * Moves a version to a stage, with the audit record, in one transaction; where it is there already, nothing is written.
   * To Production moves the alias `production` too, and out of it takes the alias away from the version that holds it
   * (`rollback` brings it back). `archiveExisting` archives the other versions of an active stage in the same transaction;
   * without it they stay, as in MLflow.
   *
   * @throws StageMovedError where it was not in `expectedStage`, StagingRequiredError by the model's policy,
   *   StageFullError, NotFoundError, InvalidInputError
   */
  async transitionStage(ws: string, transition: StageTransition): Promise<TransitionResult> {
    const { model, version } = transition;
    return optimistic(async () => {
      const target = await this.getVersion(ws, model, version);
      const held = await this.#model(ws, model);
      const holder = holderOf(held, PRODUCTION_ALIAS);
      const loser = holder === null || holder === version ? null : await this.getVersion(ws, model, holder);
      const change = transitionChange({ held, target, loser, holder }, transition);
      const result = { previousStage: target.stage, version: { ...target, stage: transition.stage } };
      if (change === undefined) return { ...result, archived: [], model: toModel(ws, held) };
      const { stages = [] } = change;
      const archived = stages.filter((one) => one.version !== version).map((one) => one.version);
      return { ...result, archived, model: await this.#write(ws, held, change) };
    }, `stages of ${model}`);
  }

  /** Sets the model's policy, with an audit record. Where it is so already, nothing is written. @throws NotFoundError */
  async setPolicy(
    ws: string,
    policy: { model: string; requireStaging: boolean; actor: string; reason: string },
  ): Promise<RegisteredModel> {
    const { model } = policy;
    return optimistic(async () => {
      const held = await this.#model(ws, model);
      if (toModel(ws, held).policy.requireStaging === policy.requireStaging) return toModel(ws, held);
      return this.#write(ws, held, { kind: 'policy', ...policy });
    }, `policy of ${model}`);
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
    const { aliases, policy } = toModel(ws, held);
    const audit = (await this.audit(ws, name, { limit: EXPORTED_AUDIT })).items;
    const registry = {
      moves: held.moves as number,
      before: stacksOf(held),
      audit,
      stages: { Staging: inStage(held, 'Staging'), Production: inStage(held, 'Production') },
      ...policy,
    };
    return { version: toVersion(ws, item), identity: item.identity as string, aliases, registry };
  }

  async #model(ws: string, name: string): Promise<Item> {
    const item = await this.#items.get(key.model(ws, checkModelName(name)), { consistent: true });
    if (!item) throw new NotFoundError(`no model named ${JSON.stringify(name)}`);
    return item;
  }

  async #newestIn(ws: string, model: Item, stage: ModelStage): Promise<ModelVersion> {
    const name = model.name as string;
    if (isActive(stage)) {
      const holder = stage === 'Production' ? holderOf(model, PRODUCTION_ALIAS) : null;
      const version = holder ?? inStage(model, stage).at(-1);
      if (version !== undefined) return this.getVersion(ws, name, version);
    } else {
      let cursor: string | undefined;
      do {
        const page = await this.listVersions(ws, name, { limit: 100, ...(cursor && { cursor }) });
        const found = page.items.find((version) => version.stage === stage);
        if (found) return found;
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    throw new NotFoundError(`model ${name} has no version in stage ${stage}`);
  }

  /** What a move of `production` to a version does to stages; another alias does nothing to them. */
  async #stagesOfMove(ws: string, held: Item, alias: string, target: ModelVersion): Promise<StageChange[]> {
    if (alias !== PRODUCTION_ALIAS) return [];
    const holder = holderOf(held, alias);
    const loser = holder === null ? undefined : await this.getVersion(ws, target.name, holder);
    return changes([target, 'Production'], ...(loser ? [[loser, 'Archived'] as const] : []));
  }

  async #write(ws: string, held: Item, change: RegistryChange): Promise<RegisteredModel> {
    const { operations, model } = changeOperations(ws, held, change, this.#clock.now().toISOString());
    await this.#items.transact(operations);
    return toModel(ws, model);
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
