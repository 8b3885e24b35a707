import { NotFoundError } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore, Page, Update } from '../store/ports.ts';
import { NotRetryableError, RunEndedError } from './errors.ts';
import { toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { isArtifactPath } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import { RunDocument } from './run-document.ts';
import { isTerminal, mergeLineage, toRunDetail } from './run-item.ts';
import { RunItems } from './run-items.ts';
import { type RunPage, type RunQuery, RunSearch } from './run-search/index.ts';
import { checkPoint, creation, creationIndex, pointItem, writeCreation } from './run-writes.ts';
import type {
  Artifact,
  Lineage,
  MetricPoint,
  ModelOutput,
  NewRun,
  Run,
  RunDetail,
  RunError,
  RunStatus,
} from './types.ts';

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
  /** Only runs that started at this time or before, ISO 8601. */
  upTo?: string;
  limit?: number;
  cursor?: string;
}

/** Before any time, and after whatever follows a time in a place's key. */
const [FIRST, LAST] = ['0', '#~'];
const OPEN: RunStatus[] = ['SCHEDULED', 'RUNNING'];
const ENDED: RunStatus[] = ['FINISHED', 'FAILED', 'KILLED'];
const PAGE = 50;

/** Runs with their params, tags, metrics, artifacts and lineage. Every write may be repeated. */
export class Runs {
  readonly #items: ItemStore;
  readonly #held: RunItems;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#held = new RunItems(items);
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
    const writes = writeCreation(this.#items, creation(full, document), creationIndex(full, document));
    const made = await happened(writes);
    return made ? 'created' : 'exists';
  }

  /** Strongly consistent. @throws NotFoundError */
  async get(ws: string, runId: string): Promise<Run> {
    const found = await this.find(ws, runId);
    if (!found) throw new NotFoundError(`no run ${runId}`);
    return found;
  }

  /** With what only MLflow's protocol tells. Strongly consistent. @throws NotFoundError */
  async detail(ws: string, runId: string): Promise<RunDetail> {
    const header = await this.#held.header(ws, runId);
    return toRunDetail(ws, header, await this.#held.document(header));
  }

  /** Strongly consistent; undefined where there is none. */
  async find(ws: string, runId: string): Promise<Run | undefined> {
    const header = await this.#items.get(key.run(ws, runId), { consistent: true });
    return header && this.#held.whole(ws, header);
  }

  /** Newest first by start time. @throws InvalidInputError on a cursor of another list. */
  async list(ws: string, filter: RunFilter = {}): Promise<Page<Run>> {
    const { parentRunId, pipeline, experimentId, upTo, cursor, limit = PAGE } = filter;
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
      ...(upTo === undefined
        ? {}
        : { skBetween: [FIRST, `${new Date(upTo).toISOString()}${LAST}`] as const }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await this.#items.query(request);
    const keys = page.items.map((item) => key.run(ws, item.runId as string));
    const headers = keys.length === 0 ? [] : await this.#items.batchGet(keys, { consistent: true });
    const runs = await Promise.all(headers.map((header) => this.#held.whole(ws, header)));
    return {
      items: runs.filter((run) => experimentId === undefined || run.experimentId === experimentId),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    };
  }

  /**
   * Runs by filter and order as in MLflow, child runs too, of any experiments.
   *
   * @throws InvalidSearchError on a filter, an order or a token that is none.
   */
  async search(ws: string, query: RunQuery): Promise<RunPage> {
    return new RunSearch(this.#items).search(ws, query);
  }

  /** Gives a run of before the search index its entries. Repeating it changes nothing. @throws NotFoundError */
  async reindex(ws: string, runId: string): Promise<void> {
    await this.#held.reindex(ws, runId);
  }

  /** SCHEDULED to RUNNING; a RUNNING run stays so. @throws RunEndedError, NotFoundError */
  async begin(ws: string, runId: string): Promise<Run> {
    const run = await this.#held.change(ws, runId, { set: { status: 'RUNNING' } }, OPEN);
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
    return this.#held.change(ws, runId, { set }, OPEN, end.attempt);
  }

  /** Whether the end of that attempt was told to the bus already. @throws NotFoundError */
  async isAnnounced(ws: string, runId: string, attempt: number): Promise<boolean> {
    return (await this.#held.header(ws, runId)).announced === attempt;
  }

  /** Notes that the end of that attempt was told to the bus. @throws NotFoundError */
  async setAnnounced(ws: string, runId: string, attempt: number): Promise<void> {
    await this.#held.change(ws, runId, { set: { announced: attempt } }, ENDED, attempt);
  }

  /** Asks for the run's end; its stages look at the flag. @throws RunEndedError, NotFoundError */
  async requestCancel(ws: string, runId: string): Promise<Run> {
    const run = await this.#held.change(ws, runId, { set: { cancelRequested: true } }, OPEN);
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
    return optimistic(async () => {
      const header = await this.#held.header(ws, runId);
      const run = await this.#held.whole(ws, header);
      if (from !== undefined && run.attempt === from + 1 && run.status === 'RUNNING') return run;
      const stale = from !== undefined && run.attempt !== from;
      if (stale || (run.status !== 'FAILED' && run.status !== 'KILLED')) {
        throw new NotRetryableError(`run ${runId} is ${run.status} at attempt ${run.attempt}`);
      }
      const change: Update = {
        set: { status: 'RUNNING', attempt: run.attempt + 1 },
        remove: ['error', 'endTime', 'cancelRequested'],
      };
      // Another caller who opened it first is seen in the next round, and so is one who only renamed it.
      await this.#held.update(ws, header, change, { attempt: run.attempt, status: run.status });
      return this.get(ws, runId);
    }, `run ${runId}`);
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
    const apply = (document: RunDocument): undefined => {
      for (const [name, value] of Object.entries(batch.params ?? {})) document.setParam(name, value);
      for (const [name, value] of Object.entries(batch.tags ?? {})) document.setTag(name, value);
      for (const point of points) document.setMetric(point);
    };
    await this.#held.merge(ws, runId, { apply, first: items });
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
    await this.#held.merge(ws, runId, { lineage: (held) => mergeLineage(held, lineage) });
  }

  /** The logged models that the run made; one that it has already keeps its step. @throws NotFoundError */
  async addModelOutputs(ws: string, runId: string, models: readonly ModelOutput[]): Promise<void> {
    const apply = (document: RunDocument): undefined => {
      for (const model of models) document.addModelOutput(model);
    };
    await this.#held.merge(ws, runId, { apply });
  }

  /** Records an artifact; the same path again replaces it. @throws InvalidInputError on a path that leaves the run. */
  async addArtifact(ws: string, runId: string, artifact: Artifact): Promise<void> {
    await this.#items.put({ ...key.artifact(ws, runId, artifact.path), ...artifact });
  }

  /** The artifact recorded under this very path; undefined where there is none. Strongly consistent. */
  async findArtifact(ws: string, runId: string, path: string): Promise<Artifact | undefined> {
    // A path that no record can have, as one of another form or length.
    if (!isArtifactPath(path)) return undefined;
    const found = await this.#items.get(key.artifact(ws, runId, path), { consistent: true });
    return found && artifactOf(found);
  }

  /** All recorded artifacts by path; what clients uploaded is not among them (`Artifacts.ofRun`). */
  async listArtifacts(ws: string, runId: string): Promise<Artifact[]> {
    const request = { pk: partition.run(ws, runId), skPrefix: prefix.artifacts, consistent: true };
    return (await collect(this.#items, request)).map(artifactOf);
  }
}

const artifactOf = ({ pk: _, sk: __, ...artifact }: Item): Artifact => artifact as unknown as Artifact;
