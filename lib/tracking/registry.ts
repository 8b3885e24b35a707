import { NotFoundError } from '../errors/index.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { type ModelReference, selectorOf, type VersionSelector } from './model-reference.ts';
import { PRODUCTION_ALIAS } from './model-stage.ts';
import { checkAlias } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import { exportVersion, type RegistryExport } from './registry-export.ts';
import { aliasAttribute, holderOf, toAudit, toModel, toVersion, versionItem } from './registry-items.ts';
import { type AliasMove, type AliasRollback, moveAlias, rollBackAlias } from './registry-moves.ts';
import { type PageOptions, RegistryRecords } from './registry-records.ts';
import { type StageTransition, type TransitionResult, transitionChange } from './registry-stages.ts';
import type { AliasAudit, ModelVersion, NewModelVersion, RegisteredModel } from './types.ts';

export type { RegistryExport } from './registry-export.ts';
export type { AliasMove } from './registry-moves.ts';

/** Registered models, their versions, aliases and stages. */
export class Registry {
  readonly #records: RegistryRecords;

  constructor(items: ItemStore, clock: Clock) {
    this.#records = new RegistryRecords(items, clock);
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
      createdAt: this.#records.clock.now().toISOString(),
      ...(description !== undefined && { description }),
      tags: toText(tags),
      latestVersion: 0,
      moves: 0,
    };
    const made = await happened(this.#records.items.put(item, { absent: true }));
    return made ? toModel(ws, item) : this.getModel(ws, name);
  }

  /** With its aliases. Strongly consistent. @throws NotFoundError */
  async getModel(ws: string, name: string): Promise<RegisteredModel> {
    return toModel(ws, await this.#records.model(ws, name));
  }

  /** By name. */
  async listModels(ws: string, page: PageOptions = {}): Promise<Page<RegisteredModel>> {
    const found = await this.#records.items.query({ pk: partition.models(ws), consistent: true, ...page });
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
      const made = await this.#records.items.get(guard, { consistent: true });
      if (made) return this.getVersion(ws, name, made.version as string);
      const { latestVersion } = await this.getModel(ws, name);
      const version: ModelVersion = {
        ...rest,
        workspace: ws,
        name,
        version: String(latestVersion + 1),
        metrics,
        tags,
        createdAt: this.#records.clock.now().toISOString(),
        stage: 'None',
      };
      await this.#records.items.transact([
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
  getVersion(ws: string, name: string, version: string): Promise<ModelVersion> {
    return this.#records.getVersion(ws, name, version);
  }

  /** Newest first. */
  async listVersions(ws: string, name: string, page: PageOptions = {}): Promise<Page<ModelVersion>> {
    const found = await this.#records.list(ws, name, prefix.versions, page);
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
    const model = await this.#records.model(ws, name);
    if ('latest' in which) {
      const { latestVersion } = toModel(ws, model);
      if (latestVersion === 0) throw new NotFoundError(`model ${name} has no version yet`);
      return this.getVersion(ws, name, String(latestVersion));
    }
    if ('stage' in which) return this.#records.newestIn(ws, model, which.stage);
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
  moveAlias(ws: string, move: AliasMove): Promise<RegisteredModel> {
    return moveAlias(this.#records, ws, move);
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
  rollback(ws: string, back: AliasRollback): Promise<RegisteredModel> {
    return rollBackAlias(this.#records, ws, back);
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
      const held = await this.#records.model(ws, model);
      const holder = holderOf(held, PRODUCTION_ALIAS);
      const loser = holder === null || holder === version ? null : await this.getVersion(ws, model, holder);
      const change = transitionChange({ held, target, loser, holder }, transition);
      const result = { previousStage: target.stage, version: { ...target, stage: transition.stage } };
      if (change === undefined) return { ...result, archived: [], model: toModel(ws, held) };
      const { stages = [] } = change;
      const archived = stages.filter((one) => one.version !== version).map((one) => one.version);
      return { ...result, archived, model: await this.#records.write(ws, held, change) };
    }, `stages of ${model}`);
  }

  /** Sets the model's policy, with an audit record. Where it is so already, nothing is written. @throws NotFoundError */
  async setPolicy(
    ws: string,
    policy: { model: string; requireStaging: boolean; actor: string; reason: string },
  ): Promise<RegisteredModel> {
    const { model } = policy;
    return optimistic(async () => {
      const held = await this.#records.model(ws, model);
      if (toModel(ws, held).policy.requireStaging === policy.requireStaging) return toModel(ws, held);
      return this.#records.write(ws, held, { kind: 'policy', ...policy });
    }, `policy of ${model}`);
  }

  /** The moves of all aliases of a model, newest first. */
  async audit(ws: string, model: string, page: PageOptions = {}): Promise<Page<AliasAudit>> {
    const found = await this.#records.list(ws, model, prefix.audit, page);
    return { ...found, items: found.items.map(toAudit) };
  }

  /**
   * A version with its identity, its model's aliases, and how they came to be: what a snapshot needs to bring them back.
   *
   * @throws NotFoundError
   */
  exportVersion(ws: string, name: string, version: string): Promise<RegistryExport> {
    return exportVersion(this.#records, ws, name, version);
  }
}
