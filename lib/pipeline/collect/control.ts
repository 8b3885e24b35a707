import type { CollectorCounts, CollectorSettings, Round, Subset } from '../../tracking/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { checkLiteral } from './address.ts';
import { type NextPoll, nextPoll } from './next-poll.ts';
import { type Collecting, collecting } from './settings.ts';

/** What an operator may change; `restart` says that the source begins anew, with batch numbers that stood before. */
export interface CollectorChange extends CollectorSettings {
  restart?: boolean | undefined;
}

export interface CollectorReport extends NextPoll {
  pipeline: string;
  settings: Collecting;
  /** The round that is being collected. */
  open: { round: number; stored: number; rows: number; openedAt?: string; subsets: Subset[] };
  /** The source has no more data, as far as its last answer told. */
  exhausted: boolean;
  pass: number;
  counts: CollectorCounts;
  /** Rounds that have ended, newest first, twenty at most. */
  rounds: Round[];
}

const SHOWN_ROUNDS = 20;

/** How a collector stands. @throws NotFoundError, NotCollectedError */
export async function collectorReport(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
): Promise<CollectorReport> {
  const settings = await collecting(deps, workspace, pipeline);
  const { collection } = deps;
  const [state, counts, rounds] = await Promise.all([
    collection.state(workspace, pipeline),
    collection.counts(workspace, pipeline),
    collection.rounds(workspace, pipeline, SHOWN_ROUNDS),
  ]);
  const { round, stored, rows, openedAt, exhausted, pass } = state;
  const subsets = await collection.subsets(workspace, pipeline, round);
  const open = { round, stored, rows, ...(openedAt === undefined ? {} : { openedAt }), subsets };
  const next = nextPoll(deps, workspace, settings, counts.last?.at);
  return { pipeline, settings, open, exhausted, pass, counts, rounds, ...next };
}

/**
 * Changes what a collector does from its next poll on. Another URL or group is another source: the batches of the one before
 * say nothing of it, so a new pass begins, and an open round of the old source ends as incomplete.
 *
 * @throws NotFoundError, NotCollectedError, ForbiddenAddressError (an address that is never called)
 */
export async function changeCollector(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  { restart = false, ...change }: CollectorChange,
): Promise<CollectorReport> {
  const before = await collecting(deps, workspace, pipeline);
  // Private ones are judged at the call: what a deploy allows is the calling function's affair.
  if (change.url !== undefined) checkLiteral(new URL(change.url), true);
  const set = await deps.collection.settings(workspace, pipeline);
  const { url = before.url, group = before.group } = change;
  const anew = restart
    ? 'an operator said that the source begins anew'
    : url !== before.url || group !== before.group
      ? 'an operator named another source'
      : undefined;
  await deps.collection.setSettings(workspace, pipeline, { ...set, ...change }, anew);
  return collectorReport(deps, workspace, pipeline);
}
