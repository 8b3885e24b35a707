import { InvalidInputError, NotFoundError } from '../../errors/index.ts';
import { collect } from '../../store/paging.ts';
import type { Clock, Item, ItemStore, WriteOperation } from '../../store/ports.ts';
import { placeBelow } from '../artifacts/location.ts';
import { ParamChangedError } from '../errors.ts';
import { key, partition } from '../keys.ts';
import { happened, optimistic } from '../optimistic.ts';
import { checkPoint } from '../run-writes.ts';
import { type Header, headerItem, metricItem, paramItem, tagItem, toLoggedModel } from './items.ts';
import { type Place, row } from './keys.ts';
import { checkLoggedModelName, isLoggedModelId, randomModelId, randomName } from './names.ts';
import { type LoggedModelPage, type LoggedModelSearch, searchLoggedModels } from './search.ts';
import type { LoggedModel, LoggedModelMetric, LoggedModelStatus, NewLoggedModel } from './types.ts';

/** Of one param or tag, in characters: what an item of DynamoDB holds with room to spare. */
export const LONGEST_VALUE = 80_000;
/** Of a model's type and its run's id, in characters. */
const LONGEST_FACT = 500;
/** Operations of one DynamoDB transaction, and bytes: it takes 4 MB. */
const TRANSACTION = 100;
const TRANSACTION_BYTES = 3_000_000;

/**
 * Logged models: what `log_model` makes, with params, tags and metrics of their own. Each is a header and rows of its own
 * in its experiment's partition, newest model first: a search is a query of the partition, a model a query of its prefix,
 * no item grows, and what several clients log at the same time never meets. Every write may be repeated.
 */
export class LoggedModels {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * Makes a model, PENDING until it is finalized. With an id that is there already, that model is returned unchanged.
   * Its place comes first and its header last: a model that is found has all that it was made with, and a maker with an
   * id of his own, ended in between, goes on where he was.
   *
   * @throws InvalidNameError, InvalidInputError before anything is written
   */
  async create(ws: string, given: NewLoggedModel): Promise<LoggedModel> {
    const modelId = given.modelId ?? randomModelId();
    const now = this.#clock.now().getTime();
    const wanted = { ws, experimentId: given.experimentId, modelId, createdAt: now };
    const header = headerOf(wanted, given);
    const { params = {}, tags = {} } = given;
    // Once for what may be wrong with them, before anything is written.
    rowsOf(wanted, params, paramItem);
    rowsOf(wanted, tags, tagItem);
    const place = await this.#settle(wanted);
    const { experimentId, createdAt } = place;
    if (await this.#items.get(row.header(place), { consistent: true }))
      return this.get(ws, modelId, { deleted: true });
    await this.#items.batchPut([...rowsOf(place, params, paramItem), ...rowsOf(place, tags, tagItem)]);
    const whole = { ...header, experimentId, createdAt };
    const made = await happened(this.#items.put(headerItem(place, whole), { absent: true }));
    if (!made) return this.get(ws, modelId, { deleted: true });
    return { ...whole, workspace: ws, params, tags, metrics: [] };
  }

  /** Strongly consistent. A deleted one is found where asked for. @throws NotFoundError in MLflow's words */
  async get(ws: string, modelId: string, options: { deleted?: boolean } = {}): Promise<LoggedModel> {
    const place = await this.#held(ws, modelId);
    const rows = await collect(this.#items, {
      pk: partition.loggedModels(ws, place.experimentId),
      skPrefix: row.start(place),
      consistent: true,
    });
    const model = toLoggedModel(ws, rows);
    if (model === undefined || (model.lifecycleStage === 'deleted' && options.deleted !== true))
      throw notFound(modelId);
    return model;
  }

  /** Sets the status; the last writer's stands. @throws NotFoundError */
  async finalize(ws: string, modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    await this.#change(ws, modelId, { status });
    return this.get(ws, modelId, { deleted: true });
  }

  /** Marks a model as deleted: it keeps what it has, and only `get` with `deleted` finds it. @throws NotFoundError */
  async delete(ws: string, modelId: string): Promise<void> {
    await this.#change(ws, modelId, { lifecycleStage: 'deleted' });
  }

  /** The last writer's value stands. @throws NotFoundError, InvalidInputError before anything is written */
  async setTags(ws: string, modelId: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const place = await this.#held(ws, modelId);
    await this.#items.batchPut(rowsOf(place, tags, tagItem));
  }

  /** Makes a tag of what it is, so that of several who do it at once none is lost. @throws NotFoundError, InvalidInputError */
  async changeTag(
    ws: string,
    modelId: string,
    name: string,
    change: (before: string | undefined) => string,
  ): Promise<void> {
    const place = await this.#held(ws, modelId);
    await optimistic(async () => {
      const held = await this.#items.get(row.tag(place, name), { consistent: true });
      const before = held?.value as string | undefined;
      const [item] = rowsOf(place, { [name]: change(before) }, tagItem);
      const asRead = before === undefined ? { absent: true as const } : { equals: { value: before } };
      await this.#items.put(item!, asRead);
    }, `logged model ${modelId}`);
  }

  /** @throws NotFoundError where the model or the tag is not there, in MLflow's words */
  async deleteTag(ws: string, modelId: string, name: string): Promise<void> {
    const place = await this.#held(ws, modelId);
    const there = name !== '' && (await happened(this.#items.remove(row.tag(place, name), { exists: true })));
    if (!there) throw new NotFoundError(`No tag with key '${name}' found for model with ID '${modelId}'.`);
  }

  /**
   * A param is written once: the same value again is fine. All are written or none, where they are 100 at most and of
   * 3 MB (MLflow's client sends 100 a call).
   *
   * @throws ParamChangedError, NotFoundError, InvalidInputError
   */
  async logParams(ws: string, modelId: string, params: Readonly<Record<string, string>>): Promise<void> {
    const place = await this.#held(ws, modelId);
    const operations = rowsOf(place, params, paramItem).map(
      (put): WriteOperation => ({ put, condition: { absentOr: { value: put.value as string } } }),
    );
    for (const some of transactions(operations)) {
      if (await happened(this.#items.transact(some))) continue;
      throw new ParamChangedError(`a param of the logged model ${modelId} has another value already`, {
        field: 'params',
      });
    }
  }

  /**
   * Adds points of metrics, to any number of models; one that is there already counts once.
   *
   * @throws NotFoundError for the first model that is not there, InvalidInputError: nothing was written then
   */
  async logMetrics(ws: string, points: readonly (LoggedModelMetric & { modelId: string })[]): Promise<void> {
    const ids = [...new Set(points.map((point) => point.modelId))];
    const places = new Map(await Promise.all(ids.map(async (id) => [id, await this.#held(ws, id)] as const)));
    const items = points.map(({ modelId, ...point }) => {
      checkPoint(point);
      return metricItem(places.get(modelId)!, point);
    });
    // DynamoDB refuses a batch that names an item twice.
    await this.#items.batchPut([...new Map(items.map((item) => [`${item.pk} ${item.sk}`, item])).values()]);
  }

  /** Models of experiments that fit, a page of them. Strongly consistent. */
  search(ws: string, wanted: LoggedModelSearch): Promise<LoggedModelPage> {
    return searchLoggedModels(this.#items, ws, wanted);
  }

  /** The place of a model that is being made: that of whoever was first. */
  async #settle(wanted: Place): Promise<Place> {
    const { ws, modelId, experimentId, createdAt } = wanted;
    const item = { ...key.loggedModel(ws, modelId), experimentId, createdAt };
    if (await happened(this.#items.put(item, { absent: true }))) return wanted;
    return (await this.#place(ws, modelId)) ?? wanted;
  }

  async #change(ws: string, modelId: string, set: Partial<Header>): Promise<Item> {
    const place = await this.#held(ws, modelId);
    const change = { set: { ...set, updatedAt: this.#clock.now().getTime() } };
    return this.#items.update(row.header(place), change, { exists: true });
  }

  async #held(ws: string, modelId: string): Promise<Place> {
    const place = isLoggedModelId(modelId) ? await this.#place(ws, modelId) : undefined;
    if (place === undefined) throw notFound(modelId);
    return place;
  }

  async #place(ws: string, modelId: string): Promise<Place | undefined> {
    const item = await this.#items.get(key.loggedModel(ws, modelId), { consistent: true });
    return (
      item && {
        ws,
        modelId,
        experimentId: item.experimentId as string,
        createdAt: item.createdAt as number,
      }
    );
  }
}

function headerOf(place: Place, given: NewLoggedModel): Header {
  const { experimentId, modelId, createdAt } = place;
  const { name, modelType, sourceRunId, experimentLocation = `mlflow-artifacts:/${experimentId}` } = given;
  return {
    modelId,
    experimentId,
    name: name === undefined ? randomName() : checkLoggedModelName(name),
    artifactLocation: placeBelow(experimentLocation, `models/${modelId}/artifacts`),
    createdAt,
    updatedAt: createdAt,
    status: 'PENDING',
    ...(modelType !== undefined && { modelType: checked(modelType, 'model_type', LONGEST_FACT) }),
    ...(sourceRunId !== undefined && { sourceRunId: checked(sourceRunId, 'source_run_id', LONGEST_FACT) }),
    lifecycleStage: 'active',
  };
}

const notFound = (modelId: string): NotFoundError =>
  new NotFoundError(`Logged model with ID '${modelId}' not found.`);

function rowsOf(
  place: Place,
  values: Readonly<Record<string, string>>,
  item: (place: Place, name: string, value: string) => Item,
): Item[] {
  return Object.entries(values).map(([name, value]) =>
    item(place, name, checked(value, name.slice(0, 100), LONGEST_VALUE)),
  );
}

/** In as many transactions as they need. */
function transactions(operations: readonly WriteOperation[]): WriteOperation[][] {
  const parts: WriteOperation[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const size = Buffer.byteLength(JSON.stringify(operation));
    if (bytes + size > TRANSACTION_BYTES || parts.at(-1)!.length === TRANSACTION) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(operation);
    bytes += size;
  }
  return parts;
}

function checked(value: string, field: string, most: number): string {
  if (typeof value !== 'string') throw new InvalidInputError(`${field} is not a text`, { field });
  if (value.length > most) throw new InvalidInputError(`${field} is over ${most} characters`, { field });
  return value;
}
