/** What the cache keeps: a model, and what it weighs. */
interface Entry<M> {
  model: Promise<M>;
  bytes: number;
  loaded: boolean;
}

export interface ModelCacheOptions {
  maxModels: number;
  /** Sum of weights. A single model above it is kept alone. */
  maxBytes: number;
}

/**
 * Loaded models by content, least recently used out first. Callers who ask for the same model while it loads share one
 * load. A failed load is forgotten, so that the next request tries again.
 */
export class ModelCache<M> {
  readonly #entries = new Map<string, Entry<M>>();
  readonly #options: ModelCacheOptions;

  constructor(options: ModelCacheOptions) {
    this.#options = options;
  }

  /** The model under `key`, loaded where it is not there. `bytes` is its file's size. */
  get(key: string, bytes: number, load: () => Promise<M>): Promise<M> {
    const found = this.#entries.get(key);
    if (found !== undefined) {
      // A Map iterates in order of insertion: put it last.
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return found.model;
    }
    const entry: Entry<M> = { model: load(), bytes, loaded: false };
    this.#entries.set(key, entry);
    entry.model.then(
      () => {
        entry.loaded = true;
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    this.#evict(key);
    return entry.model;
  }

  /** Whether the model under `key` is in memory, loaded. */
  has(key: string): boolean {
    return this.#entries.get(key)?.loaded === true;
  }

  /** How many models are kept or loading. */
  get size(): number {
    return this.#entries.size;
  }

  #evict(newest: string): void {
    let bytes = 0;
    for (const entry of this.#entries.values()) bytes += entry.bytes;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#options.maxModels && bytes <= this.#options.maxBytes) return;
      if (key === newest) continue;
      this.#entries.delete(key);
      bytes -= entry.bytes;
    }
  }
}
