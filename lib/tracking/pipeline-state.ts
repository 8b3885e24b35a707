import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { checkRunId } from './names.ts';
import { happened, optimistic } from './optimistic.ts';
import { isTerminal } from './run-item.ts';
import type { PipelineSource, QueueEntry, RunStatus, Stage } from './types.ts';

/** The outcome of `acquire`. */
export type Acquired = 'acquired' | `held by ${string}`;

/** What a stage of a pipeline gave last, for runs that start at a later stage. */
export interface LastResult {
  outputs: Record<string, unknown>;
  runId: string;
  contentKey?: string;
}

/** A lock whose run is unknown is left alone for this long: its starter may be about to write the run. */
const UNKNOWN_RUN_GRACE_MS = 60_000;

/** The item that says what a pipeline reads: for a transaction that does more than set it. */
export const sourceItem = (ws: string, pipeline: string, source: PipelineSource): Item => ({
  ...key.source(ws, pipeline),
  source: toText(source),
});

/** What a pipeline remembers between runs: who runs, who waits, its schedule's state, its data, its last results. */
export class PipelineState {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * Takes the pipeline's lock for a run; the run that has it may take it again. A lock whose run has ended is taken over,
   * and so is one whose run is unknown and that is over a minute old.
   */
  async acquire(ws: string, pipeline: string, runId: string): Promise<Acquired> {
    const lock = key.lock(ws, pipeline);
    const acquiredAt = this.#clock.now().toISOString();
    const mine: Item = { ...lock, runId: checkRunId(runId), acquiredAt };
    return optimistic(async () => {
      const held = await this.#items.get(lock, { consistent: true });
      if (held?.runId === runId) return 'acquired';
      if (held && !(await this.#abandoned(ws, held))) return `held by ${held.runId}` as const;
      await this.#items.put(mine, held ? { equals: { runId: held.runId as string } } : { absent: true });
      return 'acquired';
    }, `lock of ${pipeline}`);
  }

  /** The run that has the lock. */
  async holder(ws: string, pipeline: string): Promise<string | undefined> {
    const held = await this.#items.get(key.lock(ws, pipeline), { consistent: true });
    return held?.runId as string | undefined;
  }

  /** Gives the lock back; nothing happens where another run has it, or none. */
  async release(ws: string, pipeline: string, runId: string): Promise<void> {
    await happened(this.#items.remove(key.lock(ws, pipeline), { equals: { runId } }));
  }

  /** Puts a run at the queue's end; a run that waits already keeps its place. */
  async enqueue(ws: string, pipeline: string, runId: string): Promise<QueueEntry> {
    const queuedAt = this.#clock.now().toISOString();
    const guard = key.queued(ws, pipeline, runId);
    const entry = { runId, queuedAt };
    const put = { ...key.queue(ws, pipeline, queuedAt, runId), ...entry };
    const added = await happened(
      this.#items.transact([{ put: { ...guard, ...entry }, condition: { absent: true } }, { put }]),
    );
    if (added) return entry;
    const held = await this.#items.get(guard, { consistent: true });
    return held ? { runId, queuedAt: held.queuedAt as string } : this.enqueue(ws, pipeline, runId);
  }

  /** Takes the oldest waiting run out of the queue; two callers never get the same one. */
  async dequeue(ws: string, pipeline: string): Promise<QueueEntry | undefined> {
    return optimistic(async () => {
      const [oldest] = await this.queue(ws, pipeline, 1);
      if (!oldest) return undefined;
      await this.#items.transact(this.#leave(ws, pipeline, oldest));
      return oldest;
    }, `queue of ${pipeline}`);
  }

  /** Takes one run out of the queue, as when it is cancelled. False where it did not wait. */
  async unqueue(ws: string, pipeline: string, runId: string): Promise<boolean> {
    const held = await this.#items.get(key.queued(ws, pipeline, runId), { consistent: true });
    if (!held) return false;
    return happened(
      this.#items.transact(this.#leave(ws, pipeline, { runId, queuedAt: held.queuedAt as string })),
    );
  }

  /** Who waits, oldest first. */
  async queue(ws: string, pipeline: string, limit?: number): Promise<QueueEntry[]> {
    const request = { pk: partition.pipelines(ws), skPrefix: prefix.queue(pipeline), consistent: true };
    const found =
      limit === undefined
        ? await collect(this.#items, request)
        : (await this.#items.query({ ...request, limit })).items;
    return found.map((item) => ({ runId: item.runId as string, queuedAt: item.queuedAt as string }));
  }

  /**
   * Gives the lock from a run that ended to the run that waits longest, in one transaction, so that a crash leaves neither
   * a lock without a run nor a run without a place. A repeat by the same run answers the same.
   *
   * @returns the run that has the lock now and must be started; undefined where nobody waits (the lock is then free) or
   *   where `runId` did not have the lock.
   */
  async handOver(ws: string, pipeline: string, runId: string): Promise<string | undefined> {
    const lock = key.lock(ws, pipeline);
    return optimistic(async () => {
      const held = await this.#items.get(lock, { consistent: true });
      if (held?.runId !== runId) return held?.from === runId ? (held.runId as string) : undefined;
      const [oldest] = await this.queue(ws, pipeline, 1);
      if (!oldest) {
        await this.#items.remove(lock, { equals: { runId } });
        return undefined;
      }
      const acquiredAt = this.#clock.now().toISOString();
      const next = { ...lock, runId: oldest.runId, acquiredAt, from: runId };
      await this.#items.transact([
        { put: next, condition: { equals: { runId } } },
        ...this.#leave(ws, pipeline, oldest),
      ]);
      return oldest.runId;
    }, `lock of ${pipeline}`);
  }

  /** From now on the schedule starts nothing. */
  async pauseSchedule(ws: string, pipeline: string): Promise<void> {
    await this.#items.put({ ...key.paused(ws, pipeline), pausedAt: this.#clock.now().toISOString() });
  }

  /** From now on the schedule starts runs again. */
  async resumeSchedule(ws: string, pipeline: string): Promise<void> {
    await this.#items.remove(key.paused(ws, pipeline));
  }

  async isPaused(ws: string, pipeline: string): Promise<boolean> {
    return (await this.#items.get(key.paused(ws, pipeline), { consistent: true })) !== undefined;
  }

  /** Makes a pushed dataset the pipeline's source from its next run on. */
  async setSource(ws: string, pipeline: string, source: PipelineSource): Promise<void> {
    await this.#items.put(sourceItem(ws, pipeline, source));
  }

  /** From its next run on the pipeline reads its definition's own sources again. */
  async clearSource(ws: string, pipeline: string): Promise<void> {
    await this.#items.remove(key.source(ws, pipeline));
  }

  async getSource(ws: string, pipeline: string): Promise<PipelineSource | undefined> {
    const item = await this.#items.get(key.source(ws, pipeline), { consistent: true });
    return item && fromText<PipelineSource>(item.source, 'source');
  }

  /** Remembers a stage's latest result. */
  async setLast(ws: string, pipeline: string, stage: Stage, last: LastResult): Promise<void> {
    await this.#items.put({ ...key.last(ws, pipeline, stage), stage, last: toText(last) });
  }

  async getLast(ws: string, pipeline: string, stage: Stage): Promise<LastResult | undefined> {
    const item = await this.#items.get(key.last(ws, pipeline, stage), { consistent: true });
    return item && fromText<LastResult>(item.last, 'last result');
  }

  async #abandoned(ws: string, lock: Item): Promise<boolean> {
    const run = await this.#items.get(key.run(ws, lock.runId as string), { consistent: true });
    if (run) return isTerminal(run.status as RunStatus);
    return this.#clock.now().getTime() - Date.parse(lock.acquiredAt as string) > UNKNOWN_RUN_GRACE_MS;
  }

  #leave(ws: string, pipeline: string, { runId, queuedAt }: QueueEntry) {
    return [
      { remove: key.queue(ws, pipeline, queuedAt, runId), condition: { exists: true as const } },
      { remove: key.queued(ws, pipeline, runId) },
    ];
  }
}
