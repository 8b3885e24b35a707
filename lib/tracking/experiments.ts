import { AlreadyExistsError, NotFoundError } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore, Page, WriteOperation } from '../store/ports.ts';
import { ExperimentDeletedError } from './errors.ts';
import { bringRunsTo } from './experiment-cascade.ts';
import {
  DEFAULT_ID,
  DEFAULT_NAME,
  defaultExperiment,
  defaultLocation,
  fromItem,
  type Held,
  requireActive,
  toItem,
} from './experiment-item.ts';
import { key, partition } from './keys.ts';
import { checkExperimentName, checkMlflowExperimentName } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import type { Experiment, LifecycleStage } from './types.ts';

/** What a caller gives to make an experiment. */
export interface NewExperiment {
  name: string;
  tags?: Record<string, string>;
  /** Default `mlflow-artifacts:/ID`. */
  artifactLocation?: string;
}

/** Experiments: named folders of runs. Experiment 0, "Default", is always there. */
export class Experiments {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * The experiment of that name, made where there is none; two callers get the same one, a deleted one too.
   * Ids count up; one may be left out where a maker crashed or lost a race.
   *
   * @param wanted the id to give it where that is free: for one that was lost and comes back.
   * @throws InvalidNameError
   */
  async getOrCreate(
    ws: string,
    name: string,
    tags: Record<string, string> = {},
    wanted?: string,
  ): Promise<Experiment> {
    checkExperimentName(name);
    const found = await this.#findByName(ws, name);
    if (found) return found;
    const made = await this.#make(ws, { name, tags }, wanted);
    // Another made it first; or the id was taken, and the counter gives the next.
    return made ?? (await this.#findByName(ws, name)) ?? this.getOrCreate(ws, name, tags);
  }

  /**
   * Makes an experiment whose name must be free; a deleted one holds its name still.
   *
   * @throws AlreadyExistsError, InvalidNameError
   */
  async create(ws: string, experiment: NewExperiment): Promise<Experiment> {
    const { name } = experiment;
    checkMlflowExperimentName(name);
    return optimistic(async () => {
      if (await this.#findByName(ws, name)) throw taken(name);
      const made = await this.#make(ws, experiment);
      return made ?? this.create(ws, experiment);
    }, `experiment ${name}`);
  }

  /** Strongly consistent; a deleted one too. @throws NotFoundError */
  async get(ws: string, experimentId: string): Promise<Experiment> {
    return (await this.#held(ws, experimentId)).experiment;
  }

  /** A deleted one too. @throws NotFoundError */
  async getByName(ws: string, name: string): Promise<Experiment> {
    const found = await this.#findByName(ws, name);
    if (!found) throw new NotFoundError(`Could not find experiment with name '${name}'`);
    return found;
  }

  /** By id, oldest first; the first page begins with Default. */
  async list(ws: string, page: { limit?: number; cursor?: string } = {}): Promise<Page<Experiment>> {
    const found = await this.#items.query({ pk: partition.experiments(ws), consistent: true, ...page });
    return {
      items: withDefault(ws, found.items, page.cursor === undefined),
      ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
    };
  }

  /** Every experiment, by id. */
  async all(ws: string): Promise<Experiment[]> {
    const items = await collect(this.#items, { pk: partition.experiments(ws), consistent: true });
    return withDefault(ws, items, true);
  }

  /**
   * Gives another name, in one transaction with both names. Its own name again only counts as a change.
   *
   * @throws NotFoundError, ExperimentDeletedError, AlreadyExistsError, InvalidNameError
   */
  async rename(ws: string, experimentId: string, name: string): Promise<Experiment> {
    checkMlflowExperimentName(name);
    return optimistic(async () => {
      const held = await this.#held(ws, experimentId);
      const { experiment } = held;
      if (experiment.lifecycleStage !== 'active') {
        throw new ExperimentDeletedError('Cannot rename a non-active experiment.');
      }
      const owner = await this.#findByName(ws, name);
      if (owner && owner.experimentId !== experimentId) throw taken(name);
      const after = { ...experiment, name, lastUpdateTime: this.#now() };
      if (name === experiment.name) await this.#put(held, { experiment: after });
      else {
        await this.#items.transact([
          ...(await this.#claim(ws, name, experimentId)),
          { remove: key.experimentName(ws, experiment.name) },
          this.#putting(held, { experiment: after }),
        ]);
      }
      return after;
    }, `experiment ${experimentId}`);
  }

  /** Sets a tag; the last writer's value stands. @throws NotFoundError, InvalidInputError where it is deleted */
  async setTag(ws: string, experimentId: string, name: string, value: string): Promise<void> {
    await this.#changeTags(ws, experimentId, (tags) => ({ ...tags, [name]: value }));
  }

  /** @throws NotFoundError where there is no such tag or experiment, InvalidInputError where it is deleted */
  async deleteTag(ws: string, experimentId: string, name: string): Promise<void> {
    await this.#changeTags(ws, experimentId, (tags) => {
      if (!Object.hasOwn(tags, name)) {
        throw new NotFoundError(`No tag with name: ${name} in experiment with id ${experimentId}`);
      }
      const { [name]: _, ...rest } = tags;
      return rest;
    });
  }

  /**
   * Deletes or restores an experiment, and all its runs with it, whatever became of each by itself before. The experiment
   * goes first, so that from then on it takes no new run; a call that ended before the last run is completed by repeating it.
   *
   * @throws NotFoundError where there is none in the other stage.
   */
  async setLifecycle(ws: string, experimentId: string, stage: LifecycleStage): Promise<void> {
    await optimistic(async () => {
      const held = await this.#held(ws, experimentId);
      const { experiment, cascading } = held;
      if (experiment.lifecycleStage === stage) {
        if (cascading !== stage) throw unknown(experimentId);
        return;
      }
      const after = { ...experiment, lifecycleStage: stage, lastUpdateTime: this.#now() };
      await this.#put(held, { experiment: after, cascading: stage });
    }, `experiment ${experimentId}`);
    await bringRunsTo(this.#items, ws, experimentId, stage);
    // Turned the other way in between, the runs go where the experiment is: the last one to be done sees to it.
    const { lifecycleStage } = (await this.#held(ws, experimentId)).experiment;
    if (lifecycleStage !== stage) await bringRunsTo(this.#items, ws, experimentId, lifecycleStage);
    await optimistic(async () => {
      const held = await this.#held(ws, experimentId);
      // Another call's mark is that call's to take away.
      if (held.cascading === stage) await this.#put(held, { cascading: undefined });
    }, `experiment ${experimentId}`);
  }

  async #changeTags(
    ws: string,
    experimentId: string,
    change: (tags: Record<string, string>) => Record<string, string>,
  ): Promise<void> {
    await optimistic(async () => {
      const held = await this.#held(ws, experimentId);
      const { experiment } = held;
      requireActive(experiment);
      await this.#put(held, { experiment: { ...experiment, tags: change(experiment.tags) } });
    }, `experiment ${experimentId}`);
  }

  /** Undefined where the name or the id went to another in between. */
  async #make(ws: string, wish: NewExperiment, wanted?: string): Promise<Experiment | undefined> {
    const { name, tags = {} } = wish;
    const experimentId = await this.#nextId(ws, wanted);
    const createdAt = this.#now();
    const experiment: Experiment = {
      workspace: ws,
      experimentId,
      name,
      createdAt,
      lastUpdateTime: createdAt,
      lifecycleStage: 'active',
      artifactLocation: wish.artifactLocation ?? defaultLocation(experimentId),
      tags,
    };
    const claim = await this.#claim(ws, name, experimentId);
    const put = { put: toItem({ experiment, rev: 0 }), condition: { absent: true } } as const;
    return (await happened(this.#items.transact([...claim, put]))) ? experiment : undefined;
  }

  /** Takes a free name. The name of experiment 0 is free only once that one has another. */
  async #claim(ws: string, name: string, experimentId: string): Promise<WriteOperation[]> {
    const put: WriteOperation = {
      put: { ...key.experimentName(ws, name), experimentId, name },
      condition: { absent: true },
    };
    if (name !== DEFAULT_NAME || experimentId === DEFAULT_ID) return [put];
    const { experiment } = await this.#held(ws, DEFAULT_ID);
    return [put, { check: key.experiment(ws, DEFAULT_ID), condition: { equals: { name: experiment.name } } }];
  }

  /** The whole experiment anew, on condition that nobody wrote it since it was read. */
  #putting(
    held: Held,
    change: Partial<Pick<Held, 'experiment' | 'cascading'>>,
  ): WriteOperation & { put: Item } {
    const { rev } = held;
    const put = toItem({ ...held, ...change, rev: rev + 1 });
    return { put, condition: { equals: { rev: rev === 0 ? null : rev } } };
  }

  async #put(held: Held, change: Partial<Pick<Held, 'experiment' | 'cascading'>>): Promise<void> {
    const { put, condition } = this.#putting(held, change);
    await this.#items.put(put, condition);
  }

  /** The wanted id where no experiment has it, else the counter's next; the counter never falls behind an id in use. */
  async #nextId(ws: string, wanted: string | undefined): Promise<string> {
    const counter = key.experimentCounter(ws);
    const free =
      wanted !== undefined &&
      Number(wanted) > 0 &&
      !(await this.#items.get(key.experiment(ws, wanted), { consistent: true }));
    if (!free) return String((await this.#items.update(counter, { add: { last: 1 } })).last);
    await optimistic(async () => {
      const last = ((await this.#items.get(counter, { consistent: true }))?.last as number | undefined) ?? 0;
      if (last >= Number(wanted)) return;
      const condition = { equals: { last: last === 0 ? null : last } };
      await this.#items.update(counter, { set: { last: Number(wanted) } }, condition);
    }, 'experiment ids');
    return wanted;
  }

  async #held(ws: string, experimentId: string): Promise<Held> {
    const item = await this.#items.get(key.experiment(ws, experimentId), { consistent: true });
    if (item) return fromItem(ws, item);
    if (Number(experimentId) === 0) return { experiment: defaultExperiment(ws), rev: 0 };
    throw unknown(experimentId);
  }

  async #findByName(ws: string, name: string): Promise<Experiment | undefined> {
    const found = await this.#items.get(key.experimentName(ws, name), { consistent: true });
    if (found) return this.get(ws, found.experimentId as string);
    if (name !== DEFAULT_NAME) return undefined;
    const first = await this.get(ws, DEFAULT_ID);
    return first.name === DEFAULT_NAME ? first : undefined;
  }

  #now(): string {
    return this.#clock.now().toISOString();
  }
}

const unknown = (id: string): NotFoundError => new NotFoundError(`No Experiment with id=${id} exists`);
const taken = (name: string): AlreadyExistsError =>
  new AlreadyExistsError(`Experiment(name=${name}) already exists.`);

/** Experiment 0 stands first, whether it has an item or not. */
function withDefault(ws: string, items: readonly Item[], isFirstPage: boolean): Experiment[] {
  const experiments = items.map((item) => fromItem(ws, item).experiment);
  const isStored = experiments[0]?.experimentId === DEFAULT_ID;
  return isFirstPage && !isStored ? [defaultExperiment(ws), ...experiments] : experiments;
}
