import type { Clock } from '../store/ports.ts';
import type { ModelVersion } from '../tracking/types.ts';
import type { VersionResolver, VersionSelector } from './types.ts';

interface Entry {
  version: Promise<ModelVersion>;
  /** Epoch milliseconds of the look-up's start: age counts from before the read, so it is never underestimated. */
  at: number;
}

/** More names than a caller would use: a bound against a caller who tries names. */
const MAX_ENTRIES = 1_000;

/**
 * Which version an alias (or a version number) means, asked at most once every `maxAge` milliseconds a name, and once for
 * callers who ask at the same time. Failures are not kept: a model registered a moment ago is found at once.
 */
export class AliasCache {
  readonly #registry: VersionResolver;
  readonly #clock: Clock;
  readonly #maxAge: number;
  readonly #entries = new Map<string, Entry>();

  constructor(registry: VersionResolver, clock: Clock, maxAge: number) {
    this.#registry = registry;
    this.#clock = clock;
    this.#maxAge = maxAge;
  }

  /** @throws NotFoundError as the registry does. */
  resolve(workspace: string, model: string, selector: VersionSelector): Promise<ModelVersion> {
    const key = JSON.stringify([workspace, model, selector]);
    const now = this.#clock.now().getTime();
    const found = this.#entries.get(key);
    // A clock that went back must not keep an entry for long.
    if (found !== undefined && now >= found.at && now - found.at < this.#maxAge) return found.version;
    const version = this.#registry.resolve(workspace, model, selector);
    const entry = { version, at: now };
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, entry);
    version.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return version;
  }
}
