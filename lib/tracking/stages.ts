import type { ErrorBody } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore } from '../store/ports.ts';
import { fromText, fromTextIfAny, toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { happened, optimistic } from './optimistic.ts';
import type { Stage, StageCacheEntry, StageRecord, StageRef, StageStatus } from './types.ts';

type Outputs = Record<string, unknown>;

/** What each stage of each run did, and the results known by content key. */
export class Stages {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /** RUNNING, from now. A record of a later attempt stays as it is. */
  async start(
    ws: string,
    ref: StageRef & { contentKey?: string; memoryMb?: number | undefined },
  ): Promise<StageRecord> {
    return this.#write(ws, ref, 'RUNNING', {
      ...(ref.contentKey !== undefined && { contentKey: ref.contentKey }),
      ...(ref.memoryMb !== undefined && { memoryMb: ref.memoryMb }),
    });
  }

  /** DONE, with the outputs that later stages read. A late word of an earlier attempt changes nothing. */
  async done(
    ws: string,
    record: StageRef & { outputs: Outputs; contentKey?: string; note?: string },
  ): Promise<StageRecord> {
    return this.#write(ws, record, 'DONE', result(record));
  }

  /** SKIPPED, with the outputs of the earlier work and the reason. */
  async skip(
    ws: string,
    record: StageRef & { outputs: Outputs; contentKey?: string; note?: string },
  ): Promise<StageRecord> {
    return this.#write(ws, record, 'SKIPPED', result(record));
  }

  /**
   * FAILED, with the error. What the same attempt has done stays done: of two calls at work on it, as after an answer of Lambda's that
   * was lost, the one that fails last is no news.
   */
  async fail(ws: string, record: StageRef & { error: ErrorBody; note?: string }): Promise<StageRecord> {
    const { error, note } = record;
    return this.#write(ws, record, 'FAILED', { error: toText(error), ...(note !== undefined && { note }) });
  }

  /**
   * How far a stage that runs has come, 0 to 1: the last word stands. Nothing happens where it has ended, or is at another
   * attempt: this is news for a reader, never a fact that another stage needs.
   */
  async progress(ws: string, { runId, stage, item, attempt }: StageRef, share: number): Promise<void> {
    const place = key.stage(ws, runId, stage, item);
    const set = { progress: Math.min(1, Math.max(0, share)) };
    await happened(this.#items.update(place, { set }, { equals: { status: 'RUNNING', attempt } }));
  }

  /** All records of a run, in the order of the stages, then of the Map's items. */
  async list(ws: string, runId: string): Promise<StageRecord[]> {
    const request = { pk: partition.run(ws, runId), skPrefix: prefix.stages, consistent: true };
    return (await collect(this.#items, request)).map(toRecord);
  }

  /** One record; undefined where the stage did not begin. */
  async find(ws: string, runId: string, stage: Stage, item?: string): Promise<StageRecord | undefined> {
    const found = await this.#items.get(key.stage(ws, runId, stage, item), { consistent: true });
    return found && toRecord(found);
  }

  /** The result of the same work done before. The caller still checks that its objects are there. */
  async cached(ws: string, contentKey: string): Promise<StageCacheEntry | undefined> {
    const found = await this.#items.get(key.stageCache(ws, contentKey), { consistent: true });
    return found && toCacheEntry(found);
  }

  /** Keeps a result under its content key; the latest one stands. */
  async remember(ws: string, entry: StageCacheEntry): Promise<void> {
    const { contentKey, stage, runId, createdAt, outputs } = entry;
    const item = {
      ...key.stageCache(ws, contentKey),
      contentKey,
      stage,
      runId,
      createdAt,
      outputs: toText(outputs),
    };
    await this.#items.put(item);
  }

  async #write(
    ws: string,
    ref: StageRef,
    status: StageStatus,
    attributes: Record<string, unknown>,
  ): Promise<StageRecord> {
    const { runId, stage, item, attempt } = ref;
    const place = key.stage(ws, runId, stage, item);
    return optimistic(async () => {
      const before = await this.#items.get(place, { consistent: true });
      if (before && (before.attempt as number) > attempt) return toRecord(before);
      if (status === 'FAILED' && before?.attempt === attempt && isDone(before.status))
        return toRecord(before);
      const now = this.#clock.now().toISOString();
      const goesOn = before?.attempt === attempt;
      const next: Item = {
        ...place,
        runId,
        stage,
        ...(item !== undefined && { item }),
        ...(goesOn && before.contentKey !== undefined && { contentKey: before.contentKey }),
        ...(goesOn && before.memoryMb !== undefined && { memoryMb: before.memoryMb }),
        ...attributes,
        status,
        attempt,
        startedAt: goesOn ? before.startedAt : now,
        ...(status !== 'RUNNING' && { endedAt: now }),
      };
      const condition = before
        ? { equals: { attempt: before.attempt as number, status: before.status as string } }
        : { absent: true as const };
      await this.#items.put(next, condition);
      return toRecord(next);
    }, `stage ${stage} of run ${runId}`);
  }
}

const isDone = (status: unknown): boolean => status === 'DONE' || status === 'SKIPPED';

function result(record: { outputs: Outputs; contentKey?: string; note?: string }): Record<string, unknown> {
  const { outputs, contentKey, note } = record;
  return {
    outputs: toText(outputs),
    ...(contentKey !== undefined && { contentKey }),
    ...(note !== undefined && { note }),
  };
}

/** A record's item as the record. */
export function toRecord(item: Item): StageRecord {
  const { pk: _, sk: __, outputs, error, ...rest } = item;
  const body = fromTextIfAny<ErrorBody>(error, 'stage');
  return {
    ...(rest as unknown as StageRecord),
    outputs: fromTextIfAny<Outputs>(outputs, 'stage') ?? {},
    ...(body && { error: body }),
  };
}

/** A cache item as the entry. */
export function toCacheEntry(item: Item): StageCacheEntry {
  const { pk: _, sk: __, outputs, ...rest } = item;
  return { ...(rest as unknown as StageCacheEntry), outputs: fromText<Outputs>(outputs, 'stage cache') };
}
