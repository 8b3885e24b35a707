import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore, WriteOperation } from '../store/ports.ts';
import type {
  Asked,
  CollectorCounts,
  CollectorSettings,
  CollectorState,
  Round,
  StoreOutcome,
  Subset,
} from './collection-types.ts';
import { fromText, toText } from './json.ts';
import { key, partition, prefix } from './keys.ts';
import { happened, optimistic } from './optimistic.ts';

const NOTHING_YET: CollectorState = { round: 1, pass: 0, stored: 0, rows: 0, exhausted: true };

/**
 * What the collectors remember. A batch is let in once by the guard of its identity, (pass of the source, batch), in the same
 * transaction that counts it; the one that completes a round closes it, opens the next and notes that a run is due. So no
 * crash, repeat or race can count a batch twice, or close a round twice or not at all.
 */
export class Collection {
  readonly #items: ItemStore;
  readonly #clock: Clock;

  constructor(items: ItemStore, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  async settings(ws: string, pipeline: string): Promise<CollectorSettings> {
    const item = await this.#items.get(key.collectorSettings(ws, pipeline), { consistent: true });
    return item === undefined ? {} : fromText<CollectorSettings>(item.settings, 'collector settings');
  }

  /**
   * Keeps settings. With `anew` (why), what the source answers from now on is another pass: an open round ends as incomplete, and
   * an answer that is still on its way belongs to no pass any more. Both are one transaction.
   */
  async setSettings(ws: string, pipeline: string, settings: CollectorSettings, anew?: string): Promise<void> {
    const put = { ...key.collectorSettings(ws, pipeline), settings: toText(settings) };
    if (anew === undefined) return this.#items.put(put);
    return optimistic(async () => {
      const { state, rev } = await this.#read(ws, pipeline);
      const open = state.stored > 0;
      const ended = { ...state, pass: state.pass + 1, exhausted: true };
      await this.#items.transact([
        { put },
        ...(open
          ? this.#close(ws, pipeline, state, { at: this.#clock.now().toISOString(), reason: anew })
          : []),
        this.#write(ws, pipeline, rev, open ? opened(ended) : ended),
      ]);
    }, `collector of ${pipeline}`);
  }

  async state(ws: string, pipeline: string): Promise<CollectorState> {
    return (await this.#read(ws, pipeline)).state;
  }

  /** To be called before the source is asked. */
  async ask(ws: string, pipeline: string): Promise<Asked> {
    const { pass, exhausted } = await this.state(ws, pipeline);
    return { pass: exhausted ? pass + 1 : pass };
  }

  /** Whether the batch was stored in the pass. */
  async isKnown(ws: string, pipeline: string, pass: number, batch: string): Promise<boolean> {
    const guard = key.collectedBatch(ws, pipeline, pass, batch);
    return (await this.#items.get(guard, { consistent: true })) !== undefined;
  }

  /**
   * Records a subset whose rows are stored already, and closes its round where it is the last of `subsets`.
   *
   * @param runIdOf the run that a round starts: written beside the round, before it is started.
   */
  async record(
    ws: string,
    pipeline: string,
    delivered: Pick<Subset, 'pass' | 'batch' | 'key' | 'sha256' | 'rows'>,
    round: { subsets: number; runIdOf: (round: number) => string },
  ): Promise<StoreOutcome> {
    const { pass, batch, rows } = delivered;
    return optimistic(async () => {
      const read = await this.#read(ws, pipeline);
      if (await this.isKnown(ws, pipeline, pass, batch)) return 'known';
      const { state } = read;
      if (pass !== (state.exhausted ? state.pass + 1 : state.pass)) return 'late';
      const storedAt = this.#clock.now().toISOString();
      const openedAt = state.openedAt ?? storedAt;
      const stored = state.stored + 1;
      const now = { ...state, pass, exhausted: false, stored, rows: state.rows + rows, openedAt };
      const subset = { ...delivered, round: state.round, storedAt };
      const full = stored >= round.subsets;
      await this.#items.transact([
        {
          put: { ...key.collectedBatch(ws, pipeline, pass, batch), round: state.round },
          condition: { absent: true },
        },
        {
          put: { ...key.subset(ws, pipeline, state.round, pass, batch), subset: toText(subset) },
          condition: { absent: true },
        },
        ...(full ? this.#close(ws, pipeline, now, { at: storedAt, runId: round.runIdOf(state.round) }) : []),
        this.#write(ws, pipeline, read.rev, full ? opened({ ...now, lastClosed: state.round }) : now),
      ]);
      return 'stored';
    }, `collector of ${pipeline}`);
  }

  /**
   * The source has no more data in the pass: an open round ends with what it has, as incomplete, and starts no run.
   * Nothing happens where the pass is over already, so that a repeated or late word changes nothing.
   *
   * @returns whether the pass ended now.
   */
  async exhaust(ws: string, pipeline: string, { pass }: Asked, reason: string): Promise<boolean> {
    return optimistic(async () => {
      const read = await this.#read(ws, pipeline);
      const { state } = read;
      if (state.exhausted || state.pass !== pass) return false;
      const at = this.#clock.now().toISOString();
      const ended = { ...state, exhausted: true };
      await this.#items.transact([
        ...(state.stored > 0 ? this.#close(ws, pipeline, state, { at, reason }) : []),
        this.#write(ws, pipeline, read.rev, state.stored > 0 ? opened(ended) : ended),
      ]);
      return true;
    }, `collector of ${pipeline}`);
  }

  /** Rounds that are full and whose run must be started; oldest first. */
  async startsDue(ws: string, pipeline: string): Promise<{ round: number; runId: string }[]> {
    const pk = partition.collector(ws, pipeline);
    const found = await collect(this.#items, { pk, skPrefix: prefix.startsDue, consistent: true });
    return found.map((item) => ({ round: item.round as number, runId: item.runId as string }));
  }

  /** The run of the round is started. */
  async startDone(ws: string, pipeline: string, round: number): Promise<void> {
    await happened(this.#items.remove(key.startDue(ws, pipeline, round)));
  }

  /** A round's subsets in the order of their batches, whenever each came. */
  async subsets(ws: string, pipeline: string, round: number): Promise<Subset[]> {
    const pk = partition.collector(ws, pipeline);
    const found = await collect(this.#items, { pk, skPrefix: prefix.subsets(round), consistent: true });
    return found.map((item) => fromText<Subset>(item.subset, 'subset'));
  }

  /** Rounds that have ended, newest first. */
  async rounds(ws: string, pipeline: string, limit: number): Promise<Round[]> {
    const pk = partition.collector(ws, pipeline);
    const request = { pk, skPrefix: prefix.rounds, descending: true, limit, consistent: true };
    return (await this.#items.query(request)).items.map(roundOf);
  }

  /** The newest round that is full. */
  async lastClosed(ws: string, pipeline: string): Promise<Round | undefined> {
    const { lastClosed } = await this.state(ws, pipeline);
    if (lastClosed === undefined) return undefined;
    const item = await this.#items.get(key.round(ws, pipeline, lastClosed), { consistent: true });
    return item && roundOf(item);
  }

  /** The round that started this run, if a round did. */
  async roundOfRun(ws: string, pipeline: string, runId: string): Promise<Round | undefined> {
    const item = await this.#items.get(key.roundOfRun(ws, pipeline, runId), { consistent: true });
    if (item === undefined) return undefined;
    const round = await this.#items.get(key.round(ws, pipeline, item.round as number), { consistent: true });
    return round && roundOf(round);
  }

  /** Counts one poll. Not exact over a crash: for the eye, never for a decision. */
  async count(ws: string, pipeline: string, outcome: string, detail?: string): Promise<void> {
    const last = {
      at: this.#clock.now().toISOString(),
      outcome,
      ...(detail === undefined ? {} : { detail }),
    };
    const change = { set: { last: toText(last) }, add: { polls: 1, [`n:${outcome}`]: 1 } };
    await this.#items.update(key.collectorCounts(ws, pipeline), change);
  }

  async counts(ws: string, pipeline: string): Promise<CollectorCounts> {
    const item = await this.#items.get(key.collectorCounts(ws, pipeline), { consistent: true });
    if (item === undefined) return { polls: 0, outcomes: {} };
    const counted = Object.entries(item).filter(([name]) => name.startsWith('n:'));
    return {
      polls: item.polls as number,
      outcomes: Object.fromEntries(counted.map(([name, value]) => [name.slice(2), value as number])),
      last: fromText<CollectorCounts['last']>(item.last, 'last poll'),
    };
  }

  async #read(ws: string, pipeline: string): Promise<{ state: CollectorState; rev: number }> {
    const item = await this.#items.get(key.collectorState(ws, pipeline), { consistent: true });
    if (item === undefined) return { state: NOTHING_YET, rev: 0 };
    return { state: fromText<CollectorState>(item.state, 'collector state'), rev: item.rev as number };
  }

  /** The state, where nobody wrote it since it was read. */
  #write(ws: string, pipeline: string, rev: number, state: CollectorState): WriteOperation {
    return {
      put: { ...key.collectorState(ws, pipeline), rev: rev + 1, state: toText(state) },
      condition: rev === 0 ? { absent: true } : { equals: { rev } },
    };
  }

  /** What ends the open round: its record, and where it is full the run that is due. */
  #close(
    ws: string,
    pipeline: string,
    { round, stored, rows, openedAt = '' }: CollectorState,
    end: { at: string; runId: string } | { at: string; reason: string },
  ): WriteOperation[] {
    const { at, ...how } = end;
    const closed: Round = {
      round,
      state: 'runId' in how ? 'closed' : 'incomplete',
      ...how,
      subsets: stored,
      rows,
      openedAt,
      closedAt: at,
    };
    const record: WriteOperation = {
      put: { ...key.round(ws, pipeline, round), record: toText(closed) },
      condition: { absent: true },
    };
    if (!('runId' in how)) return [record];
    const { runId } = how;
    return [
      record,
      { put: { ...key.startDue(ws, pipeline, round), round, runId } },
      { put: { ...key.roundOfRun(ws, pipeline, runId), round } },
    ];
  }
}

/** The next round, in the same pass. */
const opened = ({ round, pass, exhausted, lastClosed }: CollectorState): CollectorState => ({
  round: round + 1,
  pass,
  stored: 0,
  rows: 0,
  exhausted,
  ...(lastClosed === undefined ? {} : { lastClosed }),
});

const roundOf = (item: Item): Round => fromText<Round>(item.record, 'round');
