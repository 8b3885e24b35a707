import { AlreadyExistsError } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Clock, ItemStore } from '../store/ports.ts';
import { key, partition } from './keys.ts';
import { happened } from './optimistic.ts';
import { DEFAULT_WORKSPACE } from './tokens.ts';
import type { Workspace } from './types.ts';

/** The list of workspaces. It costs an item each; what keeps them apart is that every key begins with its name. */
export class Workspaces {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /** @throws AlreadyExistsError, InvalidNameError */
  async create(name: string): Promise<Workspace> {
    const workspace = { name, createdAt: this.#clock.now().toISOString() };
    const put = { ...key.workspace(name), ...workspace };
    if (name !== DEFAULT_WORKSPACE && (await happened(this.#items.put(put, { absent: true }))))
      return workspace;
    throw new AlreadyExistsError(`there is a workspace ${name} already`, {
      field: 'name',
      remedy: `Take another name, or make a token of it: \`npx arboleda token create --workspace ${name} --role admin --name NAME\`.`,
    });
  }

  /** Notes a workspace that may be there already. @throws InvalidNameError */
  async ensure(name: string): Promise<void> {
    if (name === DEFAULT_WORKSPACE) return;
    const put = { ...key.workspace(name), name, createdAt: this.#clock.now().toISOString() };
    await happened(this.#items.put(put, { absent: true }));
  }

  /** By name, after the one that every deploy makes. */
  async list(): Promise<Workspace[]> {
    const found = await collect(this.#items, { pk: partition.workspaces(), consistent: true });
    return [
      { name: DEFAULT_WORKSPACE, createdAt: '1970-01-01T00:00:00.000Z' },
      ...found.map((item) => ({ name: item.name as string, createdAt: item.createdAt as string })),
    ];
  }
}
