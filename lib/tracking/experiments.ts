import { NotFoundError } from '../errors/index.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key, partition } from './keys.ts';
import { checkExperimentName } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import type { Experiment } from './types.ts';

const DEFAULT_NAME = 'Default';

/** Experiments: named folders of runs. Experiment 0, "Default", is always there. */
export class Experiments {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * The experiment of that name, made where there is none; two callers get the same one.
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
    const found = await this.#findByName(ws, checkExperimentName(name));
    if (found) return found;
    const experimentId = await this.#nextId(ws, wanted);
    const createdAt = this.#clock.now().toISOString();
    const item = { ...key.experiment(ws, experimentId), experimentId, name, createdAt, tags: toText(tags) };
    const made = await happened(
      this.#items.transact([
        { put: { ...key.experimentName(ws, name), experimentId, name }, condition: { absent: true } },
        { put: item, condition: { absent: true } },
      ]),
    );
    if (made) return toExperiment(ws, item);
    // Another made it first; or the id was taken, and the counter gives the next.
    return (await this.#findByName(ws, name)) ?? this.getOrCreate(ws, name, tags);
  }

  /** @throws NotFoundError */
  async get(ws: string, experimentId: string): Promise<Experiment> {
    const item = await this.#items.get(key.experiment(ws, experimentId), { consistent: true });
    if (item) return toExperiment(ws, item);
    if (Number(experimentId) === 0) return defaultExperiment(ws);
    throw new NotFoundError(`no experiment ${experimentId}`);
  }

  /** @throws NotFoundError */
  async getByName(ws: string, name: string): Promise<Experiment> {
    const found = await this.#findByName(ws, checkExperimentName(name));
    if (!found) throw new NotFoundError(`no experiment named ${JSON.stringify(name)}`);
    return found;
  }

  /** By id, oldest first; the first page begins with Default. */
  async list(ws: string, page: { limit?: number; cursor?: string } = {}): Promise<Page<Experiment>> {
    const found = await this.#items.query({ pk: partition.experiments(ws), consistent: true, ...page });
    const experiments = found.items.map((item) => toExperiment(ws, item));
    return {
      items: page.cursor === undefined ? [defaultExperiment(ws), ...experiments] : experiments,
      ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
    };
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

  async #findByName(ws: string, name: string): Promise<Experiment | undefined> {
    if (name === DEFAULT_NAME) return defaultExperiment(ws);
    const found = await this.#items.get(key.experimentName(ws, name), { consistent: true });
    return found && this.get(ws, found.experimentId as string);
  }
}

function defaultExperiment(workspace: string): Experiment {
  return {
    workspace,
    experimentId: '0',
    name: DEFAULT_NAME,
    createdAt: '1970-01-01T00:00:00.000Z',
    tags: {},
  };
}

function toExperiment(workspace: string, item: Item): Experiment {
  return {
    workspace,
    experimentId: item.experimentId as string,
    name: item.name as string,
    createdAt: item.createdAt as string,
    tags: fromText(item.tags, 'experiment'),
  };
}
