import { randomBytes } from 'node:crypto';
import { InvalidInputError, NotFoundError } from '../../errors/index.ts';
import type { Clock, Item, ItemStore, Page } from '../../store/ports.ts';
import { placeBelow } from '../artifacts/location.ts';
import { ParamChangedError, RunDeletedError } from '../errors.ts';
import { requireActive } from '../experiment-item.ts';
import { Experiments } from '../experiments.ts';
import { fromText } from '../json.ts';
import { randomName } from '../logged-models/index.ts';
import { isRunId } from '../names.ts';
import { MAX_MODELS_TAG, type RunDocument } from '../run-document.ts';
import { toRunDetail } from '../run-item.ts';
import { type Merge, RunItems } from '../run-items.ts';
import { checkPoint, pointItem } from '../run-writes.ts';
import { Runs } from '../runs.ts';
import type { DatasetInput, LifecycleStage, MetricPoint, ModelOutput, RunDetail } from '../types.ts';
import {
  fromToken,
  type HistoryRequest,
  pageOfHistory,
  type SampleRequest,
  sampleOfHistory,
} from './history.ts';
import type { Entry, LoggedBatch, RunChange } from './types.ts';
import { keptPoint, keptText, MAX_PARAM, MAX_TAG } from './values.ts';

/** The tag that says a run's name once more: MLflow's clients read either. */
export const NAME_TAG = 'mlflow.runName';
/** The tag in which clients before MLflow 3 list the models they logged, as a JSON list. */
export const MODELS_TAG = 'mlflow.log-model.history';

/** What a client gives to make a run. */
export interface NewClientRun {
  experimentId: string;
  userId?: string;
  /** Epoch milliseconds. */
  startTime: number;
  /** Empty: the tag's, else a made-up one. */
  name?: string;
  tags?: readonly Entry[];
  /** 32 hex digits; absent: random. The same id again is the run as it is. */
  runId?: string;
}

/**
 * Runs as MLflow's clients make and log them: in the same items as the pipelines' own, under MLflow's rules. A deleted run takes
 * nothing; values too long are cut as MLflow's server cuts them; of a pipeline's run the pipeline alone says how it stands.
 *
 * A run that is not there is a NotFoundError in every method, a deleted one a RunDeletedError in all that write.
 */
export class ClientRuns {
  readonly #items: ItemStore;
  readonly #held: RunItems;
  readonly #runs: Runs;
  readonly #experiments: Experiments;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#held = new RunItems(items);
    this.#runs = new Runs(items, clock);
    this.#experiments = new Experiments(items, clock);
  }

  /** @throws NotFoundError for an unknown experiment, InvalidInputError for a deleted one or two names that differ */
  async create(ws: string, run: NewClientRun): Promise<RunDetail> {
    const { startTime, userId, runId = randomBytes(16).toString('hex') } = run;
    const experiment = await this.#experiments.get(ws, run.experimentId);
    // The id as the experiment has it: a client may ask for `007`.
    const { experimentId } = experiment;
    requireActive(experiment);
    const tags = tagsOf(run.tags ?? []);
    const tagged = tags.get(NAME_TAG);
    if (run.name && tagged && run.name !== tagged) {
      const names = `(run_name='${run.name}', ${NAME_TAG}='${tagged}')`;
      const text = `Both 'run_name' argument and '${NAME_TAG}' tag are specified, but with different values ${names}.`;
      throw new InvalidInputError(text, { field: 'run_name' });
    }
    const name = run.name || tagged || randomName();
    if (!tagged) tags.set(NAME_TAG, name);
    await this.#runs.create(ws, {
      runId,
      experimentId,
      name,
      status: 'RUNNING',
      startTime: timeText(startTime, 'start_time'),
      ...(userId ? { userId } : {}),
      artifactUri: placeBelow(experiment.artifactLocation, `${runId}/artifacts`),
      tags: Object.fromEntries(tags),
    });
    return this.get(ws, runId);
  }

  /** Strongly consistent; a deleted run too. */
  async get(ws: string, runId: string): Promise<RunDetail> {
    const header = await found(runId, () => this.#held.header(ws, runId));
    return toRunDetail(ws, header, await this.#held.document(header));
  }

  /** Any status at any time, RUNNING again too, but of a pipeline's run only the name. Returns the run as it then is. */
  async update(ws: string, runId: string, change: RunChange): Promise<RunDetail> {
    const { status, endTime, name } = change;
    const ended = endTime === undefined || endTime === 0 ? undefined : timeText(endTime, 'end_time');
    return this.#merge(ws, runId, (document, header) => {
      const own = header.pipeline === undefined;
      if (name) document.setTag(NAME_TAG, keptText(name, MAX_TAG));
      const set = {
        ...(own && status !== undefined && { status }),
        ...(own && ended !== undefined && { endTime: ended }),
        ...(name ? { name } : {}),
      };
      return { set, remove: own && endTime === 0 ? ['endTime'] : [] };
    });
  }

  /** Deletes a run softly, or restores it; to what it is already, nothing happens. */
  async setLifecycle(ws: string, runId: string, stage: LifecycleStage): Promise<void> {
    await found(runId, () =>
      this.#held.merge(ws, runId, {
        apply: (_, { lifecycleStage = 'active' }) =>
          lifecycleStage === stage ? undefined : { set: { lifecycleStage: stage } },
      }),
    );
  }

  /**
   * Params, tags and points together: where the run may not take them, nothing is written. The points are written first, each
   * under its own key, then all else at once: a call that ended in between is completed by making it again.
   *
   * @throws ParamChangedError, whose `details.changes` list each param that has another value.
   */
  async logBatch(ws: string, runId: string, batch: LoggedBatch): Promise<void> {
    const points = (batch.metrics ?? []).map(keptPoint).map(checkPoint);
    const params = (batch.params ?? []).map(({ key, value }) => ({ key, value: keptText(value, MAX_PARAM) }));
    const tags = tagsOf(batch.tags ?? []);
    const name = tags.get(NAME_TAG);
    // MLflow takes an empty name for none, and leaves the tag as it is.
    if (name === '') tags.delete(NAME_TAG);
    await this.#merge(
      ws,
      runId,
      (document) => {
        refuseChanges(document, params, runId);
        for (const { key, value } of params) document.setParam(key, value);
        for (const [key, value] of tags) document.setTag(key, value);
        for (const point of points) document.setMetric(point);
        return name ? { set: { name } } : undefined;
      },
      () => points.map((point) => pointItem(ws, runId, point)),
    );
  }

  /** @throws NotFoundError where the run has no such tag */
  async deleteTag(ws: string, runId: string, key: string): Promise<void> {
    await this.#merge(ws, runId, (document) => {
      if (document.deleteTag(key)) return undefined;
      throw new NotFoundError(`No tag with name: ${key} in run with id ${runId}`, { field: 'key' });
    });
  }

  /** What a run read. A dataset of a name and digest that it has already stays as it was logged first. */
  async logInputs(
    ws: string,
    runId: string,
    { datasets = [], models = [] }: { datasets?: readonly DatasetInput[]; models?: readonly string[] },
  ): Promise<void> {
    await this.#merge(ws, runId, (document) => {
      for (const input of datasets) document.addDataset(input);
      for (const modelId of models) document.addModelInput(modelId);
      return undefined;
    });
  }

  /** The logged models that a run made. One that it has already keeps its step. */
  async logOutputs(ws: string, runId: string, models: readonly ModelOutput[]): Promise<void> {
    await this.#merge(ws, runId, (document) => {
      for (const model of models) document.addModelOutput(model);
      return undefined;
    });
  }

  /**
   * Adds a model's description to the tag in which clients before MLflow 3 list them. The very same text again, as a retried
   * request sends it, is not added twice.
   *
   * @param model one element of a JSON list, as text.
   * @throws InvalidInputError where the list would be too long
   */
  async addModelToHistory(ws: string, runId: string, model: string): Promise<void> {
    await this.#merge(ws, runId, (document) => {
      const before = document.tags[MODELS_TAG] ?? '[]';
      const held = fromText<unknown[]>(before, MODELS_TAG).map((one) => JSON.stringify(one));
      if (held.includes(JSON.stringify(JSON.parse(model)))) return undefined;
      const list = held.length === 0 ? `[${model}]` : `${before.slice(0, -1)}, ${model}]`;
      document.setTag(MODELS_TAG, list, MAX_MODELS_TAG);
      return undefined;
    });
  }

  /** One page of a metric's points by time, step and value, as MLflow orders them. No run, no metric: no points. */
  async history(ws: string, runId: string, metric: string, page: HistoryRequest): Promise<Page<MetricPoint>> {
    if (isRunId(runId)) return pageOfHistory(this.#runs, ws, runId, metric, page);
    // As in MLflow, a token that is none is refused whatever the run.
    if (page.token !== undefined) fromToken(page.token);
    return { items: [] };
  }

  /** At most so many points of a metric, spread evenly over them by step, time and value, the last one always. */
  async sample(ws: string, runId: string, metric: string, sample: SampleRequest): Promise<MetricPoint[]> {
    return isRunId(runId) ? sampleOfHistory(this.#items, ws, runId, metric, sample) : [];
  }

  /** A change that only an active run takes. */
  async #merge(
    ws: string,
    runId: string,
    apply: NonNullable<Merge['apply']>,
    first?: () => Item[],
  ): Promise<RunDetail> {
    const { header, document } = await found(runId, () =>
      this.#held.merge(ws, runId, {
        apply: (held, before) => {
          if (before.lifecycleStage === 'deleted') {
            throw new RunDeletedError(
              `The run ${runId} must be in the 'active' state. Current state is deleted.`,
            );
          }
          return apply(held, before);
        },
        ...(first && { first: first() }),
      }),
    );
    return toRunDetail(ws, header, document);
  }
}

/** Asks for a run in MLflow's words where there is none: any text may be asked for. @throws NotFoundError */
async function found<T>(runId: string, ask: () => Promise<T>): Promise<T> {
  const missing = new NotFoundError(`Run with id=${runId} not found`, { field: 'run_id' });
  if (!isRunId(runId)) throw missing;
  try {
    return await ask();
  } catch (error) {
    throw error instanceof NotFoundError && error.message === `no run ${runId}` ? missing : error;
  }
}

const tagsOf = (tags: readonly Entry[]): Map<string, string> =>
  new Map(tags.map(({ key, value }) => [key, keptText(value, MAX_TAG)]));

/** @throws InvalidInputError where no calendar has the time */
function timeText(milliseconds: number, field: string): string {
  const time = new Date(milliseconds);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidInputError(`${field} ${milliseconds} is no time in milliseconds`, { field });
}

function refuseChanges(document: RunDocument, params: readonly Entry[], runId: string): void {
  const held = document.params;
  const changes = params
    .filter(({ key, value }) => Object.hasOwn(held, key) && held[key] !== value)
    .map(({ key, value }) => ({ key, before: held[key]!, now: value }));
  if (changes.length === 0) return;
  const names = changes.map(({ key }) => JSON.stringify(key)).join(', ');
  throw new ParamChangedError(`run ${runId} has other values of ${names} already`, {
    field: 'params',
    details: { changes },
  });
}
