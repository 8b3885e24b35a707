import { AsyncLocalStorage } from 'node:async_hooks';
import { readDelivery } from '../../lib/pipeline/collect/delivery.ts';
import type { Get } from '../../lib/pipeline/collect/get.ts';
import { pollOnce } from '../../lib/pipeline/collect/poll.ts';
import { roundCsv, rowCount, subsetBytes } from '../../lib/pipeline/collect/rows.ts';
import { sha256 } from '../../lib/pipeline/index.ts';
import { CrashError } from './memory.ts';
import type { PipelineWorld } from './pipeline.ts';

/** How one delivery goes wrong on the collector's side; the source's own faults come on top. */
export type Weather =
  | { kind: 'calm' }
  /** The collector ends at its n-th write from here, before or after it. */
  | { kind: 'crash'; at: number; mode: 'before' | 'after' }
  /** The answer comes when so many further deliveries are done; those held together come in reverse order. */
  | { kind: 'held'; deliveries: number }
  /** The rule fires twice: two polls at once. */
  | { kind: 'twice' };

export interface StormReport {
  deliveries: number;
  weather: Record<string, number>;
  outcomes: Record<string, number>;
  /** Subsets recorded, and how many different (pass, batch) these are: the same number, or one was stored twice. */
  stored: number;
  identities: number;
  /** Stored subsets whose bytes hash to what their record says and to a sample that the source sent whole for that batch. */
  equal: number;
  closed: number;
  incomplete: number;
  /** Closed rounds that hold exactly their number of subsets, and whose rows ingest reads as many as were stored. */
  whole: number;
  /** Runs that rounds started, executions of theirs, and how many different ones. */
  runs: number;
  distinctRuns: number;
  startsDue: number;
}

/**
 * Drives a collector through weather, one delivery each, then lets what is held come and the sky clear: `calm` polls make good what
 * crashes left. `after` is called behind each delivery, to move a clock.
 */
export async function storm(
  world: PipelineWorld,
  ws: string,
  pipeline: string,
  options: {
    subsets: number;
    columns: number;
    weather: Iterable<Weather>;
    after?: () => void;
    calm?: number;
  },
): Promise<StormReport> {
  const { subsets, columns, weather, after = () => undefined, calm = 3 } = options;
  const source = world.deps.get;
  const sent = new Map<string, Set<string>>();
  const outcomes: Record<string, number> = {};
  const seen: Record<string, number> = {};
  // Each poll has a gate of its own: one that is slow to ask must not take the next one's.
  const gates = new AsyncLocalStorage<Promise<void>>();
  world.deps.get = async (url) => {
    const answer = await source(url);
    remember(sent, answer, columns);
    await gates.getStore();
    return answer;
  };
  const poll = async () => {
    try {
      const { outcome } = await pollOnce(world.deps, ws, pipeline);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      outcomes.crashed = (outcomes.crashed ?? 0) + 1;
    }
  };
  const held: { due: number; release: () => void; done: Promise<void> }[] = [];
  let deliveries = 0;
  for (const one of weather) {
    seen[one.kind] = (seen[one.kind] ?? 0) + 1;
    deliveries += one.kind === 'twice' ? 2 : 1;
    if (one.kind === 'held') {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const done = gates.run(gate, poll);
      // The call is under way before the next delivery.
      await settle();
      held.push({ due: deliveries + one.deliveries, release, done });
    } else {
      if (one.kind === 'crash') world.items.failWrite(one);
      await Promise.all(one.kind === 'twice' ? [poll(), poll()] : [poll()]);
      world.items.failWrite(undefined);
    }
    after();
    const due = held.filter((answer) => answer.due <= deliveries).reverse();
    for (const answer of due) {
      answer.release();
      await answer.done;
      held.splice(held.indexOf(answer), 1);
    }
  }
  for (const answer of held.reverse()) {
    answer.release();
    await answer.done;
  }
  for (let i = 0; i < calm; i++) await poll();
  world.deps.get = source;
  return { deliveries, weather: seen, outcomes, ...(await judge(world, ws, pipeline, subsets, sent)) };
}

/** Lets everything that waits for nothing but memory go on. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

function remember(sent: Map<string, Set<string>>, answer: Awaited<ReturnType<Get>>, columns: number): void {
  try {
    const delivery = readDelivery(answer, columns);
    if (delivery.kind !== 'subset') return;
    const batch = `b${String(delivery.batch).padStart(12, '0')}`;
    const hashes = sent.get(batch) ?? new Set();
    sent.set(batch, hashes.add(sha256(subsetBytes(delivery.rows))));
  } catch {
    // A fault of the source: nothing whole was sent.
  }
}

async function judge(
  world: PipelineWorld,
  ws: string,
  pipeline: string,
  wanted: number,
  sent: ReadonlyMap<string, ReadonlySet<string>>,
) {
  const { collection, runs } = world.deps;
  const { round: last } = await collection.state(ws, pipeline);
  const rounds = await collection.rounds(ws, pipeline, 10_000);
  const identities = new Set<string>();
  let [stored, equal, whole] = [0, 0, 0];
  for (let round = 1; round <= last; round++) {
    const subsets = await collection.subsets(ws, pipeline, round);
    for (const { pass, batch, key, sha256: recorded, rows } of subsets) {
      const bytes = await world.objects.get(key);
      stored++;
      identities.add(`${pass} ${batch}`);
      const same = sha256(bytes) === recorded && rowCount(bytes) === rows && sent.get(batch)?.has(recorded);
      if (same) equal++;
    }
    const ended = rounds.find((one) => one.round === round);
    if (ended?.state !== 'closed') continue;
    const csv = await roundCsv(world.objects, subsets, ['header']);
    const lines = Buffer.from(csv).toString().trimEnd().split('\n').length - 1;
    if (subsets.length === wanted && lines === ended.rows) whole++;
  }
  const started = await allRuns(runs, ws, pipeline);
  const closed = rounds.filter(({ state }) => state === 'closed');
  return {
    stored,
    identities: identities.size,
    equal,
    closed: closed.length,
    incomplete: rounds.length - closed.length,
    whole,
    runs: started.length,
    distinctRuns: new Set(closed.map(({ runId }) => runId).filter((id) => started.includes(id ?? ''))).size,
    startsDue: (await collection.startsDue(ws, pipeline)).length,
  };
}

async function allRuns(runs: PipelineWorld['deps']['runs'], ws: string, pipeline: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.list(ws, { pipeline, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ runId }) => runId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}
