import type { Clock } from '../store/ports.ts';
import { PRODUCTION_ALIAS } from '../tracking/model-stage.ts';
import type { TrafficRoute } from '../tracking/splits/route.ts';
import type { ModelVersion } from '../tracking/types.ts';
import type { TrafficSource, VersionResolver, VersionSelector } from './types.ts';

interface Entry {
  found: Promise<unknown>;
  /** Epoch milliseconds of the look-up's start: age counts from before the read, so it is never underestimated. */
  at: number;
}

/** More names than a caller would use: a bound against a caller who tries names. */
const MAX_ENTRIES = 1_000;

/**
 * Which version an alias (or a version number) means, and which versions a model's traffic goes to, asked at most once every
 * `maxAge` milliseconds a name, and once for callers who ask at the same time. Failures are not kept: a model registered a
 * moment ago is found at once.
 */
export class AliasCache {
  readonly #registry: VersionResolver;
  readonly #traffic: Pick<TrafficSource, 'route'>;
  readonly #clock: Clock;
  readonly #maxAge: number;
  readonly #entries = new Map<string, Entry>();

  /** @param traffic without one nothing is split: the holder of `production` answers */
  constructor(
    registry: VersionResolver,
    clock: Clock,
    maxAge: number,
    traffic: Pick<TrafficSource, 'route'> = unsplit(registry),
  ) {
    this.#registry = registry;
    this.#traffic = traffic;
    this.#clock = clock;
    this.#maxAge = maxAge;
  }

  /** @throws NotFoundError as the registry does. */
  resolve(workspace: string, model: string, selector: VersionSelector): Promise<ModelVersion> {
    const key = JSON.stringify([workspace, model, selector]);
    return this.#fresh(key, () => this.#registry.resolve(workspace, model, selector));
  }

  /** Where requests go that name no version. @throws NotFoundError as the registry does. */
  route(workspace: string, model: string): Promise<TrafficRoute> {
    return this.#fresh(JSON.stringify([workspace, model]), () => this.#traffic.route(workspace, model));
  }

  /** Forgets where a model's requests go. */
  forgetRoute(workspace: string, model: string): void {
    this.#entries.delete(JSON.stringify([workspace, model]));
  }

  #fresh<T>(key: string, look: () => Promise<T>): Promise<T> {
    const now = this.#clock.now().getTime();
    const entry = this.#entries.get(key);
    // A clock that went back must not keep an entry for long.
    if (entry !== undefined && now >= entry.at && now - entry.at < this.#maxAge)
      return entry.found as Promise<T>;
    const found = look();
    const made = { found, at: now };
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, made);
    found.catch(() => {
      if (this.#entries.get(key) === made) this.#entries.delete(key);
    });
    return found;
  }
}

const unsplit = (registry: VersionResolver): Pick<TrafficSource, 'route'> => ({
  route: async (workspace, model) => ({
    champion: await registry.resolve(workspace, model, { alias: PRODUCTION_ALIAS }),
  }),
});
