import { ArboledaError } from '../errors/index.ts';
import { PRODUCTION_ALIAS } from '../tracking/model-stage.ts';
import type { ModelVersion, VersionAttempt } from '../tracking/types.ts';
import { type LoadedVersion, ModelLoader } from './model-loader.ts';
import { type RequestRows, readRows } from './rows.ts';
import { runRows } from './run-rows.ts';
import { hashOfKey } from './traffic/pick.ts';
import { type CallerKey, type Destination, TrafficRouter } from './traffic/router.ts';
import { codeOf, milliseconds, runShadows, type Shadow } from './traffic/shadows.ts';
import {
  DEFAULT_LIMITS,
  type Prediction,
  type PredictionEntry,
  type PredictionWarning,
  type RowExplanation,
  type ServableModel,
  type ServingLimits,
  type ServingOptions,
  type VersionSelector,
} from './types.ts';

/** The alias that serves unless a caller names another, or a version. */
export const CHAMPION = PRODUCTION_ALIAS;

/** The outcome of one prediction request, before it is logged. */
export interface PredictionResult {
  model: string;
  version: string;
  /** The alias that was asked for; absent where a version was. */
  alias?: string;
  modelSha256: string;
  target: string;
  /** The rows as sent. */
  rows: unknown[];
  /** True where the body was one row, not `{ rows: [...] }`. */
  bare: boolean;
  predictions: Prediction[];
  warnings: PredictionWarning[];
  /** Where they were asked for: one a row. */
  explanations?: RowExplanation[];
  /** What the log is to get. */
  entry: PredictionEntry;
}

/** What a caller may ask for beside the predictions, and by what a split knows the caller. */
export interface PredictOptions extends CallerKey {
  /** Each answer taken apart by the row's columns. */
  explain?: boolean | undefined;
  /** It is none of the model's traffic: the log says so, and nothing counts it. */
  probe?: boolean | undefined;
  /** Is told, and awaited, before a failure of ours is thrown: what the log is to get of it. */
  failed?: (entry: PredictionEntry) => Promise<void>;
}

/** The rows of a request, where only the model can say which columns they have. */
export type RowsFor = (model: ServableModel) => unknown[];

interface Answered extends RequestRows {
  predictions: Prediction[];
  warnings: PredictionWarning[];
  explanations?: RowExplanation[];
}

/** What came of one version: an answer, or a failure of ours. */
type Outcome<M extends ServableModel> = { attempt: VersionAttempt } & (
  | { answer: Answered; loaded: LoadedVersion<M> }
  | { failure: unknown }
);

/** From an alias to a loaded model to a prediction. One per process: the caches live here. */
export class PredictionService<M extends ServableModel = ServableModel> {
  readonly #options: ServingOptions<M>;
  readonly #limits: ServingLimits;
  readonly #router: TrafficRouter;
  readonly #models: ModelLoader<M>;
  readonly #now: () => number;

  constructor(options: ServingOptions<M>) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#router = new TrafficRouter(options, this.#limits.aliasMilliseconds);
    this.#models = new ModelLoader(options.objects, options.engine, this.#limits);
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Resolves and loads a model. Without a selector it is the champion, whatever the split; a model that exists but was never
   * promoted is NotReadyError (503).
   * @throws NotFoundError, NotReadyError, ModelFileError, ForeignModelError
   */
  async load(workspace: string, name: string, selector?: VersionSelector): Promise<LoadedVersion<M>> {
    return this.#models.load(await this.#router.named(workspace, name, selector));
  }

  /**
   * Predicts for the rows of a request's body. Without a selector the traffic's split chooses the version; where a version
   * beside the champion fails by our fault, the champion answers.
   * @param body as it was sent; or what reads the rows once the model is known
   * @throws InvalidInputError naming the field, NotFoundError, NotReadyError, TooManyRowsError;
   *   with `explain` also TooManyRowsToExplainError, NotExplainableError
   * @example await service.predict('default', 'housing', { rooms: 6, area: 120, age: 30 });
   */
  async predict(
    workspace: string,
    name: string,
    body: unknown | RowsFor,
    selector?: VersionSelector,
    options: PredictOptions = {},
  ): Promise<PredictionResult> {
    const sent = typeof body === 'function' ? undefined : readRows(body, this.#limits.maxRows);
    const rowsOf = (model: M): RequestRows => sent ?? { rows: (body as RowsFor)(model), bare: false };
    const to = await this.#router.destination(workspace, name, selector, options);
    const shadows = this.#shadows(to);
    const { explain } = options;
    let outcome = await this.#attempt(to.version, rowsOf, explain);
    let failedOver: VersionAttempt | undefined;
    const champion = to.chosen?.champion;
    if ('failure' in outcome && champion && champion.version !== to.version.version) {
      failedOver = outcome.attempt;
      outcome = await this.#attempt(champion, rowsOf, explain);
    }
    const told = { ...aboutRequest(to, outcome.attempt, options), ...(failedOver && { failedOver }) };
    if ('failure' in outcome) {
      const entry: PredictionEntry = {
        model: to.version.name,
        ...told,
        rows: sent?.rows ?? [],
        predictions: [],
      };
      await this.#router.watch(workspace, entry, to);
      await options.failed?.(entry);
      throw outcome.failure;
    }
    const { answer, loaded } = outcome;
    const { rows, bare, predictions, warnings, explanations } = answer;
    const ran = await runShadows(shadows, rows, {
      engine: this.#options.engine,
      budget: this.#limits.shadowMilliseconds,
      now: this.#now,
    });
    const model = loaded.version.name;
    const entry: PredictionEntry = {
      model,
      ...told,
      rows,
      predictions,
      ...(warnings.length > 0 && { warnings }),
      ...(ran.length > 0 && { shadows: ran }),
    };
    await this.#router.watch(workspace, entry, to);
    return {
      ...(to.alias !== undefined && { alias: to.alias }),
      model,
      version: loaded.version.version,
      modelSha256: loaded.version.modelSha256,
      target: loaded.model.manifest.target,
      rows,
      bare,
      predictions,
      warnings,
      ...(explanations && { explanations }),
      entry,
    };
  }

  /** What one version makes of the rows. @throws what is the caller's own fault */
  async #attempt(
    version: ModelVersion,
    rowsOf: (model: M) => RequestRows,
    explain: boolean | undefined,
  ): Promise<Outcome<M>> {
    const cold = !this.#models.has(version);
    const { engine } = this.#options;
    const start = this.#now();
    const told = (): VersionAttempt => ({
      version: version.version,
      latencyMs: milliseconds(this.#now() - start),
      ...(cold && { cold }),
    });
    try {
      const loaded = await this.#models.load(version);
      const request = rowsOf(loaded.model);
      const answer = { ...request, ...runRows(engine, loaded.model, request) };
      const attempt = told();
      if (explain !== true) return { attempt, answer, loaded };
      const explanations = engine.explain(loaded.model, request.rows);
      return { attempt, answer: { ...answer, explanations }, loaded };
    } catch (failure) {
      if (failure instanceof ArboledaError && failure.status < 500) throw failure;
      return { attempt: { ...told(), error: { code: codeOf(failure) } }, failure };
    }
  }

  /** The shadows of a request. What is not in memory begins to load now, beside the version that answers. */
  #shadows({ chosen }: Destination): Shadow<M>[] {
    return (chosen?.split.shadows ?? []).map((version) => {
      const cold = !this.#models.has(version);
      const model = this.#models.load(version).then((loaded) => loaded.model);
      // It is awaited only once the request is answered, and must not end the process before.
      model.catch(() => undefined);
      return { version: version.version, cold, model };
    });
  }
}

/** What the log tells of a request beside its rows. */
function aboutRequest(
  { alias, chosen }: Destination,
  attempt: VersionAttempt,
  { key, probe }: PredictOptions,
): Omit<PredictionEntry, 'model' | 'rows' | 'predictions'> {
  return {
    ...attempt,
    ...(alias !== undefined && { alias }),
    ...(chosen && {
      splitRevision: chosen.split.revision,
      arm: attempt.version === chosen.champion.version ? ('champion' as const) : ('challenger' as const),
    }),
    ...(key !== undefined && { keyHash: hashOfKey(key) }),
    ...(probe && { probe }),
  };
}
