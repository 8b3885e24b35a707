import { InvalidInputError, NotFoundError } from '../errors/index.ts';
import { collect, queryAll } from '../store/paging.ts';
import type { Clock, Item, ItemStore, Page, Update, WriteOperation } from '../store/ports.ts';
import { NotRetryableError, RunEndedError } from './errors.ts';
import { toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { checkEntryKey } from './names.ts';
import { numberText, orderedFloat, orderedInteger } from './numbers.ts';
import { happened, optimistic } from './optimistic.ts';
import { RunDocument } from './run-document.ts';
import { isTerminal, mergeLineage, toHeader, toRun } from './run-item.ts';
import type { Artifact, Lineage, MetricPoint, NewRun, Run, RunError, RunStatus } from './types.ts';

/** What is logged together: all of params and tags, or nothing. */
export interface RunBatch {
  params?: Record<string, string>;
  tags?: Record<string, string>;
  metrics?: readonly MetricPoint[];
}

/** Which runs to list: newest first. Child runs are in no list but their parent's. */
export interface RunFilter {
  /** The children of this run. */
  parentRunId?: string;
  pipeline?: string;
  experimentId?: string;
  limit?: number;
  cursor?: string;
}

/** MLflow's tag of a child run: the run that it is a part of. */
export const PARENT_RUN_TAG = 'mlflow.parentRunId';

const OPEN: RunStatus[] = ['SCHEDULED', 'RUNNING'];
const PAGE = 50;

/** Runs with their params, tags, metrics, artifacts and lineage. Every write may be repeated. */
export class Runs {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * Makes a run, in one transaction with its places in the lists. The same id again is 'exists', and changes nothing.
   *
   * @throws InvalidInputError on an id, name or value that breaks a rule.
   */
  async create(ws: string, run: NewRun): Promise<'created' | 'exists'> {
    const { params = {}, tags = {}, ...rest } = run;
    const document = new RunDocument();
    for (const [name, value] of Object.entries(params)) document.setParam(name, value);
    for (const [name, value] of Object.entries(tags)) document.setTag(name, value);
    const full: Run = {
      ...rest,
      workspace: ws,
      status: run.status ?? 'SCHEDULED',
      startTime: run.startTime ?? this.#clock.now().toISOString(),
      attempt: 1,
      lineage: {},
      tags: {},
      params: {},
      metrics: {},
    };
    const made = await happened(this.#items.transact(creation(full, document)));
    return made ? 'created' : 'exists';
  }

  /** Strongly consistent. @throws NotFoundError */
  async get(ws: string, runId: string): Promise<Run> {
    const found = await this.find(ws, runId);
    if (!found) throw new NotFoundError(`no run ${runId}`);
    return found;
  }

  /** Strongly consistent; undefined where there is none. */
  async find(ws: string, runId: string): Promise<Run | undefined> {
    const header = await this.#items.get(key.run(ws, runId), { consistent: true });
    return header && this.#whole(ws, header);
  }

  /** Newest first by start time. @throws InvalidInputError on a cursor of another list. */
  async list(ws: string, filter: RunFilter = {}): Promise<Page<Run>> {
    const { parentRunId, pipeline, experimentId, cursor, limit = PAGE } = filter;
    const pk =
      parentRunId !== undefined
        ? partition.runsOfParent(ws, parentRunId)
        : pipeline !== undefined
          ? partition.runsOfPipeline(ws, pipeline)
          : experimentId !== undefined
            ? partition.runsOfExperiment(ws, experimentId)
            : partition.runs(ws);
    const request = {
      pk,
      descending: true,
      consistent: true,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await this.#items.query(request);
    const keys = page.items.map((item) => key.run(ws, item.runId as string));
    const headers = keys.length === 0 ? [] : await this.#items.batchGet(keys, { consistent: true });
    const runs = await Promise.all(headers.map((header) => this.#whole(ws, header)));
    return {
      items: runs.filter((run) => experimentId === undefined || run.experimentId === experimentId),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    };
  }

  /** SCHEDULED to RUNNING; a RUNNING run stays so. @throws RunEndedError, NotFoundError */
  async begin(ws: string, runId: string): Promise<Run> {
    const run = await this.#change(ws, runId, { set: { status: 'RUNNING' } }, OPEN);
    if (isTerminal(run.status)) throw new RunEndedError(`run ${runId} is ${run.status}`);
    return run;
  }

  /**
   * Ends a run. The first end stands: on a run that has ended, or that is at another attempt than `attempt` (a late
   * event of an execution before), nothing changes and the run is returned as it is.
   *
   * @throws NotFoundError
   */
  async finish(
    ws: string,
    runId: string,
    end: { status: 'FINISHED' | 'FAILED' | 'KILLED'; error?: RunError; attempt?: number },
  ): Promise<Run> {
    const set = {
      status: end.status,
      endTime: this.#clock.now().toISOString(),
      ...(end.error && { error: toText(end.error) }),
    };
    return this.#change(ws, runId, { set }, OPEN, end.attempt);
  }

  /** Asks for the run's end; its stages look at the flag. @throws RunEndedError, NotFoundError */
  async requestCancel(ws: string, runId: string): Promise<Run> {
    const run = await this.#change(ws, runId, { set: { cancelRequested: true } }, OPEN);
    if (!run.cancelRequested || isTerminal(run.status))
      throw new RunEndedError(`run ${runId} is ${run.status}`);
    return run;
  }

  /**
   * Opens a FAILED or KILLED run for one more attempt: RUNNING, attempt + 1, its error and end forgotten.
   * With `from` (the attempt that the caller saw) a repeat after a lost answer returns the run as the first call left it.
   *
   * @throws NotRetryableError where the run is open or FINISHED, or another caller opened it. NotFoundError.
   */
  async nextAttempt(ws: string, runId: string, from?: number): Promise<Run> {
    const run = await this.get(ws, runId);
    if (from !== undefined && run.attempt === from + 1 && run.status === 'RUNNING') return run;
    const stale = from !== undefined && run.attempt !== from;
    if (stale || (run.status !== 'FAILED' && run.status !== 'KILLED')) {
      throw new NotRetryableError(`run ${runId} is ${run.status} at attempt ${run.attempt}`);
    }
    const change: Update = {
      set: { status: 'RUNNING', attempt: run.attempt + 1 },
      remove: ['error', 'endTime', 'cancelRequested'],
    };
    const condition = { equals: { attempt: run.attempt, status: run.status } };
    const won = await happened(this.#items.update(key.run(ws, runId), change, condition));
    if (!won) throw new NotRetryableError(`another caller opened run ${runId} first`);
    return this.get(ws, runId);
  }

  /** Sets tags; the last writer's value stands. @throws NotFoundError, InvalidInputError */
  async setTags(ws: string, runId: string, tags: Record<string, string>): Promise<void> {
    await this.logBatch(ws, runId, { tags });
  }

  /** Sets params, all or none. The same value again is fine. @throws ParamChangedError, NotFoundError, InvalidInputError */
  async logParams(ws: string, runId: string, params: Record<string, string>): Promise<void> {
    await this.logBatch(ws, runId, { params });
  }

  /** Adds points of metrics; one that is there already counts once. @throws NotFoundError, InvalidInputError */
  async logMetrics(ws: string, runId: string, points: readonly MetricPoint[]): Promise<void> {
    await this.logBatch(ws, runId, { metrics: points });
  }

  /**
   * Params, tags and metrics together. The points are written first, each under its own key, then params, tags and latest
   * metrics at once: a call that ended between the two is completed by repeating it.
   *
   * @throws ParamChangedError (no param or tag was written), NotFoundError, InvalidInputError
   */
  async logBatch(ws: string, runId: string, batch: RunBatch): Promise<void> {
    const points = (batch.metrics ?? []).map(checkPoint);
    const items = points.map((point) => pointItem(ws, runId, point));
    const apply = (document: RunDocument): void => {
      for (const [name, value] of Object.entries(batch.params ?? {})) document.setParam(name, value);
      for (const [name, value] of Object.entries(batch.tags ?? {})) document.setTag(name, value);
      for (const point of points) document.setMetric(point);
    };
    if (points.length > 0) {
      apply(await this.#document(await this.#header(ws, runId)));
      await this.#items.batchPut(items);
    }
    await this.#merge(ws, runId, apply);
  }

  /** All points of one metric by step, time and value; `limit` and `cursor` page. */
  async metricHistory(
    ws: string,
    runId: string,
    metric: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<Page<MetricPoint>> {
    const found = await this.#items.query({
      pk: partition.points(ws, runId, metric),
      consistent: true,
      ...page,
    });
    return {
      items: found.items.map((item) => ({
        key: metric,
        value: Number(item.value),
        step: item.step as number,
        timestamp: item.timestamp as number,
      })),
      ...(found.cursor === undefined ? {} : { cursor: found.cursor }),
    };
  }

  /** Adds to the lineage; code versions and parent versions are merged. @throws NotFoundError */
  async setLineage(ws: string, runId: string, lineage: Lineage): Promise<void> {
    await this.#merge(ws, runId, undefined, (held) => mergeLineage(held, lineage));
  }

  /** Records an artifact; the same path again replaces it. @throws InvalidInputError on a path that leaves the run. */
  async addArtifact(ws: string, runId: string, artifact: Artifact): Promise<void> {
    await this.#items.put({ ...key.artifact(ws, runId, artifact.path), ...artifact });
  }

  /** All artifacts by path. */
  async listArtifacts(ws: string, runId: string): Promise<Artifact[]> {
    const request = { pk: partition.run(ws, runId), skPrefix: prefix.artifacts, consistent: true };
    return (await collect(this.#items, request)).map(
      ({ pk: _, sk: __, ...artifact }) => artifact as unknown as Artifact,
    );
  }

  async #header(ws: string, runId: string): Promise<Item> {
    const header = await this.#items.get(key.run(ws, runId), { consistent: true });
    if (!header) throw new NotFoundError(`no run ${runId}`);
    return header;
  }

  async #whole(ws: string, header: Item): Promise<Run> {
    return toRun(ws, header, await this.#document(header));
  }

  async #document(header: Item): Promise<RunDocument> {
    const pages: (string | undefined)[] = [header.document as string];
    if (header.pages === 0) return new RunDocument(pages);
    const request = { pk: header.pk, skPrefix: `${prefix.runDocument}run#page#`, consistent: true };
    for await (const page of queryAll(this.#items, request))
      pages[page.page as number] = page.document as string;
    return new RunDocument(pages);
  }

  async #merge(
    ws: string,
    runId: string,
    apply?: (document: RunDocument) => void,
    lineage?: (held: Lineage) => Lineage,
  ): Promise<void> {
    await optimistic(async () => {
      const header = await this.#header(ws, runId);
      const document = await this.#document(header);
      apply?.(document);
      const changes = document.changes;
      const text = lineage && toText(lineage(JSON.parse(header.lineage as string)));
      if (changes.size === 0 && (text === undefined || text === header.lineage)) return;
      const rev = header.rev as number;
      const set = {
        ...(changes.has(0) && { document: changes.get(0) }),
        ...(text !== undefined && { lineage: text }),
        pages: document.furtherPages,
        rev: rev + 1,
      };
      const update = { update: key.run(ws, runId), change: { set }, condition: { equals: { rev } } };
      const pages = pageOperations(ws, runId, changes);
      if (pages.length === 0) await this.#items.update(update.update, update.change, update.condition);
      else await this.#items.transact([update, ...pages]);
    }, `run ${runId}`);
  }

  /** Changes the header where its status is one of `from` (and its attempt is the given one); returns it as it then is. */
  async #change(
    ws: string,
    runId: string,
    change: Update,
    from: RunStatus[],
    attempt?: number,
  ): Promise<Run> {
    return optimistic(async () => {
      const header = await this.#header(ws, runId);
      const status = header.status as RunStatus;
      const other = attempt !== undefined && header.attempt !== attempt;
      const same = Object.entries(change.set ?? {}).every(([name, value]) => header[name] === value);
      if (other || same || !from.includes(status)) return this.#whole(ws, header);
      const condition = { equals: { status, attempt: header.attempt as number } };
      return this.#whole(ws, await this.#items.update(key.run(ws, runId), change, condition));
    }, `run ${runId}`);
  }
}

/** The writes that make a run: its header, its document's pages, its places in the lists. */
export function creation(run: Run, document: RunDocument, rev = 1): WriteOperation[] {
  const { workspace: ws, runId, startTime, pipeline, experimentId } = run;
  if (Number.isNaN(Date.parse(startTime)))
    throw new InvalidInputError('startTime is no time', { field: 'startTime' });
  const place = { sk: `${new Date(startTime).toISOString()}#${runId}`, runId };
  const parent = document.tags[PARENT_RUN_TAG];
  const lists =
    parent !== undefined
      ? [partition.runsOfParent(ws, parent)]
      : [
          partition.runs(ws),
          partition.runsOfExperiment(ws, experimentId),
          ...(pipeline === undefined ? [] : [partition.runsOfPipeline(ws, pipeline)]),
        ];
  return [
    { put: toHeader(run, document, rev), condition: { absent: true } },
    ...pageOperations(ws, runId, document.changes),
    ...lists.map((pk) => ({ put: { pk, ...place } })),
  ];
}

function pageOperations(ws: string, runId: string, changes: Map<number, string>): WriteOperation[] {
  return [...changes]
    .filter(([page]) => page > 0)
    .map(([page, document]) => ({ put: { ...key.runPage(ws, runId, page), page, document } }));
}

/** A point under the key that says all of it, so that writing it again changes nothing. */
export function pointItem(ws: string, runId: string, point: MetricPoint): Item {
  const { key: metric, value, step, timestamp } = point;
  const sk = `${orderedInteger(step, 'step')}#${orderedInteger(timestamp, 'timestamp')}#${orderedFloat(value)}`;
  return { pk: partition.points(ws, runId, metric), sk, value: numberText(value), step, timestamp };
}

function checkPoint(point: MetricPoint): MetricPoint {
  checkEntryKey(point.key, 'metric');
  orderedInteger(point.step, `metrics.${point.key}.step`);
  orderedInteger(point.timestamp, `metrics.${point.key}.timestamp`);
  if (typeof point.value !== 'number') {
    throw new InvalidInputError(`metric ${point.key} is not a number`, { field: `metrics.${point.key}` });
  }
  return point;
}
