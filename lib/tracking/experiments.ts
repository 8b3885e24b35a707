import { NotFoundError } from '../errors/index.ts';
import type { Clock, Item, ItemStore, Page } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key, partition } from './keys.ts';
import { checkExperimentName } from './names.ts';
import { happened } from './optimistic.ts';
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
   * @throws InvalidNameError
   */
  async getOrCreate(ws: string, name: string, tags: Record<string, string> = {}): Promise<Experiment> {
    const found = await this.#findByName(ws, checkExperimentName(name));
    if (found) return found;
    const counter = await this.#items.update(key.experimentCounter(ws), { add: { last: 1 } });
    const experimentId = String(counter.last);
    const createdAt = this.#clock.now().toISOString();
    const item = { ...key.experiment(ws, experimentId), experimentId, name, createdAt, tags: toText(tags) };
    const made = await happened(
      this.#items.transact([
        { put: { ...key.experimentName(ws, name), experimentId, name }, condition: { absent: true } },
        { put: item, condition: { absent: true } },
      ]),
    );
    return made ? toExperiment(ws, item) : this.getByName(ws, name);
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
