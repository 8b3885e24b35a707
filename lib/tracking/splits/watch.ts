import type { Clock, EventBus } from '../../store/ports.ts';
import type { PredictionLog } from '../prediction-log.ts';
import type { PredictionFacts } from '../types.ts';
import { type GuardedVersion, judgeGuard } from './guard.ts';
import type { Splits } from './splits.ts';
import type { Split } from './types.ts';

/** Who reverts, in the audit. */
export const GUARD_ACTOR = 'guard';
/** The event of a revert on the bus. */
export const SPLIT_REVERTED_EVENT = 'Split reverted';
/** Requests looked at: the newest of a window that has more. */
const MOST_FACTS = 20_000;

export interface SplitWatchDeps {
  splits: Pick<Splits, 'get' | 'revert' | 'untold' | 'told'>;
  predictions: Pick<PredictionLog, 'facts'>;
  events: Pick<EventBus, 'publish'>;
  clock: Clock;
}

/** What the watch found of a model's split. */
export interface SplitWatched {
  /** As it is now; null where there is none. */
  split: Split | null;
  /** What its challengers did within the guard's window. */
  versions: GuardedVersion[];
  /** It was this watch that reverted it. */
  reverted: boolean;
  /** An event of a revert was published, perhaps of one that a predict function made. */
  published: boolean;
}

/**
 * Judges a model's split by all of its logged traffic and reverts it where a version has passed a bound of the guard; publishes
 * the event of a revert, whoever made it, until that is known to be done (so it may come twice after a crash). May be repeated
 * at will. Where no split with a guard runs it costs two reads.
 *
 * @throws NotFoundError where there is no such model
 * @example const { reverted } = await watchSplit({ splits, predictions, events, clock }, ws, 'housing');
 */
export async function watchSplit(deps: SplitWatchDeps, ws: string, model: string): Promise<SplitWatched> {
  const split = await deps.splits.get(ws, model);
  const versions = await judged(deps, ws, split);
  const reason = versions.find(({ breach }) => breach !== undefined)?.breach;
  let reverted: Split | null = null;
  if (split !== null && reason !== undefined) {
    const { revision } = split;
    reverted = await deps.splits.revert(ws, { model, revision, actor: GUARD_ACTOR, reason });
  }
  const published = await publish(deps, ws, model);
  return { split: reverted ?? split, versions, reverted: reverted !== null, published };
}

async function judged({ predictions, clock }: SplitWatchDeps, ws: string, split: Split | null) {
  if (split?.state !== 'running' || split.guard === undefined) return [];
  const { model, guard, revision } = split;
  const from = new Date(clock.now().getTime() - guard.windowMinutes * 60_000).toISOString();
  const facts: PredictionFacts[] = [];
  for await (const one of predictions.facts(ws, model, { from, limit: MOST_FACTS })) facts.push(one);
  return judgeGuard(facts, guard, revision);
}

async function publish({ splits, events }: SplitWatchDeps, ws: string, model: string): Promise<boolean> {
  const due = await splits.untold(ws, model);
  if (due === null) return false;
  const { revision, kind, arms, revertedReason, revertedAt } = due;
  const detail = { workspace: ws, model, revision, kind, arms, reason: revertedReason, at: revertedAt };
  await events.publish(SPLIT_REVERTED_EVENT, detail);
  await splits.told(ws, model, revision);
  return true;
}
