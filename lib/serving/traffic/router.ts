import { randomUUID } from 'node:crypto';
import { NotFoundError, NotReadyError } from '../../errors/index.ts';
import { PRODUCTION_ALIAS } from '../../tracking/model-stage.ts';
import type { TrafficRoute } from '../../tracking/splits/route.ts';
import { GUARD_ACTOR } from '../../tracking/splits/watch.ts';
import type { ModelVersion } from '../../tracking/types.ts';
import { AliasCache } from '../alias-cache.ts';
import type { PredictionEntry, ServingOptions, VersionSelector } from '../types.ts';
import { GuardWatch } from './guard-watch.ts';
import { pickArm } from './pick.ts';

/** Milliseconds that a request waits for the record of a revert: the traffic of this process has gone back before. */
const REVERT_MS = 1_000;
/** Reverted splits remembered: long before that a look-up knows of them. */
const MOST_TRIPPED = 1_000;

/** Whom a split takes the caller for. */
export interface CallerKey {
  /** What the caller sent: the same key is answered by the same version as long as the weights allow. */
  key?: string | undefined;
  /** Stands for it where none was sent. */
  requestId?: string | undefined;
}

type RunningSplit = NonNullable<TrafficRoute['split']>;

/** The version that is to answer a request. */
export interface Destination {
  version: ModelVersion;
  /** The alias that was asked for; absent where a version was. */
  alias?: string;
  /** The split that chose it, and the champion beside it. */
  chosen?: { split: RunningSplit; champion: ModelVersion };
}

type Options = Pick<ServingOptions, 'registry' | 'traffic' | 'clock'>;

/** Which version answers a request: the one that its caller names, else the champion or what stands beside it in a split. */
export class TrafficRouter {
  readonly #options: Options;
  readonly #aliases: AliasCache;
  readonly #watch = new GuardWatch();
  readonly #tripped = new Set<string>();

  constructor(options: Options, maxAge: number) {
    this.#options = options;
    this.#aliases = new AliasCache(options.registry, options.clock, maxAge, options.traffic);
  }

  /**
   * The version that a selector names; without one, the champion. A split does not matter here.
   *
   * @throws NotFoundError, NotReadyError where there is no champion yet
   */
  async named(workspace: string, model: string, selector?: VersionSelector): Promise<ModelVersion> {
    if (selector !== undefined) return this.#aliases.resolve(workspace, model, selector);
    return (await this.#route(workspace, model)).champion;
  }

  /** Where a request goes. @throws as `named` */
  async destination(
    workspace: string,
    model: string,
    selector: VersionSelector | undefined,
    { key, requestId }: CallerKey,
  ): Promise<Destination> {
    if (selector !== undefined) {
      const version = await this.#aliases.resolve(workspace, model, selector);
      return { version, ...('alias' in selector && { alias: selector.alias }) };
    }
    const { champion, split } = await this.#route(workspace, model);
    const alias = PRODUCTION_ALIAS;
    if (split === undefined || this.#tripped.has(mark(workspace, model, split.revision))) {
      return { version: champion, alias };
    }
    const { version } = pickArm(split.arms, split.seed, key ?? requestId ?? randomUUID());
    return { version, alias, chosen: { split, champion } };
  }

  /**
   * Looks at what became of a request. A challenger that has passed a bound of the guard gets no more requests from this
   * process at once, and its split is reverted for all; if that fails, the monitor does it. Never throws.
   */
  async watch(workspace: string, entry: PredictionEntry, { chosen }: Destination): Promise<void> {
    const { split } = chosen ?? {};
    if (split?.guard === undefined || entry.probe) return;
    const { model } = entry;
    const { guard, revision } = split;
    const now = this.#options.clock.now().getTime();
    const { breach } = this.#watch.breach({ workspace, model, revision, guard }, entry, now) ?? {};
    const place = mark(workspace, model, revision);
    if (breach === undefined || this.#tripped.has(place)) return;
    if (this.#tripped.size >= MOST_TRIPPED) this.#tripped.clear();
    this.#tripped.add(place);
    const reverted = this.#options.traffic
      ?.revert(workspace, { model, revision, actor: GUARD_ACTOR, reason: breach })
      .then(
        () => this.#aliases.forgetRoute(workspace, model),
        () => undefined,
      );
    await atMost(REVERT_MS, reverted);
  }

  async #route(workspace: string, model: string): Promise<TrafficRoute> {
    try {
      return await this.#aliases.route(workspace, model);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      // Which of the two is missing: this throws NotFoundError where it is the model.
      await this.#options.registry.getModel(workspace, model);
      throw new NotReadyError(`model "${model}" has no version with the alias ${PRODUCTION_ALIAS} yet`, {
        cause: error,
      });
    }
  }
}

const mark = (...parts: [workspace: string, model: string, revision: number]): string =>
  JSON.stringify(parts);

async function atMost(time: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, time);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
