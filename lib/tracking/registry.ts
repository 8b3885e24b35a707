import type { Page } from '../store/ports.ts';
import { ModelExistsError } from './errors.ts';
import { key, partition, prefix } from './keys.ts';
import { PRODUCTION_ALIAS } from './model-stage.ts';
import { optimistic } from './optimistic.ts';
import { changeTags, type RegistrySubject, setDescription, type TagChange } from './registry-edits.ts';
import { exportVersion, type RegistryExport } from './registry-export.ts';
import { aliasAttribute, holderOf, homeOf, toAudit, toModel, toVersion } from './registry-items.ts';
import {
  type AliasDelete,
  type AliasMove,
  type AliasRollback,
  deleteAlias,
  moveAlias,
  rollBackAlias,
} from './registry-moves.ts';
import { RegistryReader } from './registry-reader.ts';
import type { PageOptions } from './registry-records.ts';
import { deleteModel, deleteVersion, renameModel } from './registry-removal.ts';
import { type Found, type RegistrySearch, searchModels, searchVersions } from './registry-search.ts';
import { type StageTransition, type TransitionResult, transitionChange } from './registry-stages.ts';
import { createVersion, makeModel, type NewModel } from './registry-versions.ts';
import type { AliasAudit, ModelVersion, NewModelVersion, RegisteredModel } from './types.ts';

export type { RegistryExport } from './registry-export.ts';
export type { AliasMove } from './registry-moves.ts';

/** Registered models, their versions, aliases and stages. */
export class Registry extends RegistryReader {
  /** The model of that name, made where there is none. @throws InvalidNameError */
  async createModel(ws: string, model: NewModel): Promise<RegisteredModel> {
    return (await makeModel(this.records, ws, model)) ?? this.getModel(ws, model.name);
  }

  /** A model that was not there before. @throws ModelExistsError, InvalidNameError, RegistryItemFullError */
  async createNewModel(ws: string, model: NewModel): Promise<RegisteredModel> {
    const made = await makeModel(this.records, ws, model);
    if (made) return made;
    throw new ModelExistsError(`there is a model named ${JSON.stringify(model.name)} already`);
  }

  /** By name. */
  async listModels(ws: string, page: PageOptions = {}): Promise<Page<RegisteredModel>> {
    const found = await this.records.items.query({ pk: partition.models(ws), consistent: true, ...page });
    return { ...found, items: found.items.map((item) => toModel(ws, item)) };
  }

  /**
   * As `listModels`, and the versions that hold `production`, by the model's name: all of a page in one read. A version that
   * went since its model was read is left out.
   */
  async listModelsInProduction(
    ws: string,
    page: PageOptions = {},
  ): Promise<Page<RegisteredModel> & { production: Map<string, ModelVersion> }> {
    const { items, ...rest } = await this.records.items.query({
      pk: partition.models(ws),
      consistent: true,
      ...page,
    });
    const wanted = items.flatMap((item) => {
      const version = item[aliasAttribute(PRODUCTION_ALIAS)] as string | undefined;
      return version === undefined
        ? []
        : [{ name: item.name as string, at: key.version(ws, homeOf(item), version) }];
    });
    const found = await this.records.items.batchGet(
      wanted.map(({ at }) => at),
      { consistent: true },
    );
    const held = new Map(found.map((item) => [`${item.pk} ${item.sk}`, item]));
    const production = new Map<string, ModelVersion>();
    for (const { name, at } of wanted) {
      const item = held.get(`${at.pk} ${at.sk}`);
      if (item !== undefined) production.set(name, toVersion(ws, name, item));
    }
    return { ...rest, items: items.map((item) => toModel(ws, item)), production };
  }

  /**
   * The model's next version, numbered from 1 without gaps. The same identity is the same version, however often and by
   * however many callers it is made. A number is never given twice: that of a deleted version stays free.
   *
   * @throws NotFoundError where the model is not registered, TransientError under too many racing callers,
   *   RegistryItemFullError
   */
  createVersion(ws: string, name: string, given: NewModelVersion): Promise<ModelVersion> {
    return createVersion(this.records, ws, name, given);
  }

  /** Newest first. */
  async listVersions(ws: string, name: string, page: PageOptions = {}): Promise<Page<ModelVersion>> {
    const held = await this.records.model(ws, name);
    const found = await this.records.list(ws, held, prefix.versions, page);
    return { ...found, items: found.items.map((item) => toVersion(ws, name, item)) };
  }

  /** A model and all of its versions, newest first. @throws NotFoundError */
  async modelWithVersions(
    ws: string,
    name: string,
  ): Promise<{ model: RegisteredModel; versions: ModelVersion[] }> {
    const held = await this.records.model(ws, name);
    return { model: toModel(ws, held), versions: await this.records.versions(ws, held) };
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
    return moveAlias(this.records, ws, move);
  }

  /**
   * Takes an alias away, with the audit record; nothing where it holds no version. The version that loses `production` is
   * archived. `rollback` gives it back.
   *
   * @throws NotFoundError, InvalidNameError
   */
  deleteAlias(ws: string, gone: AliasDelete): ReturnType<typeof deleteAlias> {
    return deleteAlias(this.records, ws, gone);
  }

  /**
   * Deletes a version, with the audit record, in one transaction: the aliases that it held hold nothing then, and no
   * rollback leads to it. Its model file stays in S3.
   *
   * @throws NotFoundError
   */
  deleteVersion(
    ws: string,
    gone: { model: string; version: string; actor: string; reason: string },
  ): Promise<RegisteredModel> {
    return deleteVersion(this.records, ws, gone);
  }

  /**
   * Gives a model another name. Versions, aliases, stages, policy and audit go with it in one transaction, as they live
   * under the model's home and not under its name; predictions made before stay listed under the old one.
   *
   * @throws ModelExistsError, NotFoundError, InvalidNameError
   */
  renameModel(
    ws: string,
    to: { model: string; newName: string; actor: string; reason: string },
  ): Promise<RegisteredModel> {
    return renameModel(this.records, ws, to);
  }

  /**
   * Deletes a model with its versions and its audit. It is gone at once, then what it left is taken away; a request that
   * ended between the two is completed by the next delete, of this model or another.
   *
   * @throws NotFoundError
   */
  deleteModel(ws: string, name: string): Promise<void> {
    return deleteModel(this.records, ws, name);
  }

  /** Models by MLflow's filter and order, by name at first. Reads them all. @throws InvalidSearchError */
  searchModels(ws: string, search: RegistrySearch): Promise<Found<RegisteredModel>> {
    return searchModels(this.records, ws, search);
  }

  /** Versions of all models likewise, the last changed at first; reads those of the models whose name fits. @throws InvalidSearchError */
  searchVersions(ws: string, search: RegistrySearch): Promise<Found<ModelVersion>> {
    return searchVersions(this.records, ws, search);
  }

  /** Describes a model, or a version of it; undefined takes the description away. @throws NotFoundError, RegistryItemFullError */
  setDescription(ws: string, subject: RegistrySubject, description: string | undefined): Promise<void> {
    return setDescription(this.records, ws, subject, description);
  }

  /** Sets and deletes tags of a model, or of a version of it. @throws NotFoundError, RegistryItemFullError */
  changeTags(ws: string, subject: RegistrySubject, change: TagChange): Promise<void> {
    return changeTags(this.records, ws, subject, change);
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
    return rollBackAlias(this.records, ws, back);
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
      const held = await this.records.model(ws, model);
      const target = await this.records.getVersionOf(ws, held, version);
      const holder = holderOf(held, PRODUCTION_ALIAS);
      const loser =
        holder === null || holder === version ? null : await this.records.present(ws, held, holder);
      const change = transitionChange({ held, target, loser, holder }, transition);
      const result = { previousStage: target.stage, version: { ...target, stage: transition.stage } };
      if (change === undefined) return { ...result, archived: [], model: toModel(ws, held) };
      const { stages = [] } = change;
      const archived = stages.filter((one) => one.version !== version).map((one) => one.version);
      return { ...result, archived, model: await this.records.write(ws, held, change) };
    }, `stages of ${model}`);
  }

  /** Sets the model's policy, with an audit record. Where it is so already, nothing is written. @throws NotFoundError */
  async setPolicy(
    ws: string,
    policy: { model: string; requireStaging: boolean; actor: string; reason: string },
  ): Promise<RegisteredModel> {
    const { model } = policy;
    return optimistic(async () => {
      const held = await this.records.model(ws, model);
      if (toModel(ws, held).policy.requireStaging === policy.requireStaging) return toModel(ws, held);
      return this.records.write(ws, held, { kind: 'policy', ...policy });
    }, `policy of ${model}`);
  }

  /** The moves of all aliases of a model, newest first. */
  async audit(ws: string, model: string, page: PageOptions = {}): Promise<Page<AliasAudit>> {
    const held = await this.records.model(ws, model);
    const found = await this.records.list(ws, held, prefix.audit, page);
    return { ...found, items: found.items.map(toAudit) };
  }

  /**
   * A version with its identity, its model's aliases, and how they came to be: what a snapshot needs to bring them back.
   *
   * @throws NotFoundError
   */
  exportVersion(ws: string, name: string, version: string): Promise<RegistryExport> {
    return exportVersion(this.records, ws, name, version);
  }
}
