import { ArboledaError, hidingSecretsOf, withoutSecrets } from '../../errors/index.ts';
import { schemaFromZod } from '../../table/index.ts';
import type { Asked, CollectorState } from '../../tracking/index.ts';
import { runIdOf, startRun } from '../control/start.ts';
import { sha256 } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { keys } from '../keys.ts';
import { type Delivery, readDelivery } from './delivery.ts';
import { type FaultKind, ForbiddenAddressError, SourceFaultError } from './errors.ts';
import { rowCount, subsetBytes } from './rows.ts';
import { type Collecting, collecting } from './settings.ts';

/** What one poll came to. `idle`: paused, or no URL is known. */
export type PollOutcome = 'idle' | 'stored' | 'known' | 'late' | 'exhausted' | 'forbidden' | FaultKind;

export interface Poll {
  pipeline: string;
  outcome: PollOutcome;
  /** What a person may want to know of it. */
  detail?: string;
  /** The batch that was delivered, as it is named. */
  batch?: string;
  /** Runs that this poll started, or made sure of. */
  started: string[];
  state: CollectorState;
}

/** A round's identity as a run: the same round is the same run, however often it is started. */
export const roundIdentity = (round: number): string => `round:${round}`;

/**
 * Asks the source once and keeps what it brings where that batch is not kept yet; then starts the runs that are due. Any number
 * of polls may be under way at once, and each may end at any point: the next one makes good what is missing.
 *
 * @throws NotFoundError, NotCollectedError; errors of the stores. A fault of the source is an outcome, no error.
 */
export async function pollOnce(deps: PipelineDeps, workspace: string, pipeline: string): Promise<Poll> {
  const settings = await collecting(deps, workspace, pipeline);
  if (settings.url === undefined || settings.state === 'paused') {
    // A crash after the last subset of a round left its run to this poll.
    const started = await startDue(deps, workspace, pipeline);
    const detail = settings.state === 'paused' ? 'paused' : 'no URL is set';
    const state = await deps.collection.state(workspace, pipeline);
    return { pipeline, outcome: 'idle', detail, started, state };
  }
  const asked = await deps.collection.ask(workspace, pipeline);
  const at = deps.clock.now();
  const url = askedUrl(settings.url, settings.group);
  // The words of a source may quote the request, and are kept.
  const hide = hidingSecretsOf(new URL(settings.url));
  const result = await ask(deps, pipeline, url, hide).then(
    (delivery) => keep(deps, { workspace, pipeline, asked, at, settings }, delivery),
    (error: unknown) => faultOf(error, hide),
  );
  await deps.collection.count(workspace, pipeline, result.outcome, result.detail);
  // Last, those that an earlier poll left among them: while runs cannot be started, no batch may be missed for it.
  const started = await startDue(deps, workspace, pipeline);
  const state = await deps.collection.state(workspace, pipeline);
  return { pipeline, ...result, started, state };
}

type Result = Pick<Poll, 'outcome' | 'detail' | 'batch'>;

function askedUrl(text: string, group: number): URL {
  const url = new URL(text);
  url.searchParams.set('group_number', String(group));
  return url;
}

async function ask(
  deps: PipelineDeps,
  pipeline: string,
  url: URL,
  hide: (text: string) => string,
): Promise<Delivery> {
  const { columns } = schemaFromZod(deps.catalog.get(pipeline).row);
  return readDelivery(await deps.get(url), columns.length, hide);
}

/** A fault of the source, or of its address, is what this poll came to; anything else is ours. */
function faultOf(error: unknown, hide: (text: string) => string): Result {
  if (error instanceof SourceFaultError) return { outcome: error.kind, detail: hide(error.message) };
  if (error instanceof ForbiddenAddressError) return { outcome: 'forbidden', detail: hide(error.message) };
  throw error;
}

interface Call {
  workspace: string;
  pipeline: string;
  asked: Asked;
  /** When the source was asked: an answer that is long in coming belongs to the window of its question. */
  at: Date;
  settings: Collecting;
}

/**
 * Stores a delivery: the rows first, under the name of their batch and only where there are none, then the record. Where a crash
 * left rows without a record, those rows stand, and the record tells of them rather than of the sample that came now.
 */
export async function keep(deps: PipelineDeps, call: Call, delivery: Delivery): Promise<Result> {
  const { workspace, pipeline, asked, at, settings } = call;
  if (delivery.kind === 'exhausted') {
    const reason = `the source has no more data: ${delivery.detail}`;
    await deps.collection.exhaust(workspace, pipeline, asked, reason);
    return { outcome: 'exhausted', detail: delivery.detail };
  }
  const batch = batchName(delivery.batch, at, settings.every);
  const { pass } = asked;
  if (await deps.collection.isKnown(workspace, pipeline, pass, batch)) return { outcome: 'known', batch };
  const key = keys.collected(workspace, pipeline, pass, batch);
  let bytes = subsetBytes(delivery.rows);
  const put = await deps.objects.putIfAbsent(key, bytes, { contentType: 'application/x-ndjson' });
  if (put === 'exists') bytes = await deps.objects.get(key);
  const subset = { pass, batch, key, sha256: sha256(bytes), rows: rowCount(bytes) };
  const outcome = await deps.collection.record(workspace, pipeline, subset, {
    subsets: settings.subsets,
    runIdOf: (round) => runIdOf(workspace, pipeline, roundIdentity(round)),
  });
  return { outcome, batch };
}

/** `b` and the batch's number where the source tells it, else `w` and the number of the time window. Never the content. */
export function batchName(batch: number | undefined, at: Date, every: number): string {
  const [kind, number] = batch === undefined ? ['w', Math.floor(at.getTime() / 1000 / every)] : ['b', batch];
  return `${kind}${String(number).padStart(12, '0')}`;
}

/** Starts the runs of full rounds; one that waits for another run of the pipeline is queued. Safe to repeat. */
export async function startDue(deps: PipelineDeps, workspace: string, pipeline: string): Promise<string[]> {
  const started: string[] = [];
  for (const { round } of await deps.collection.startsDue(workspace, pipeline)) {
    const run = await startRun(deps, workspace, pipeline, {
      identity: roundIdentity(round),
      trigger: 'event',
      actor: 'collector',
    });
    await deps.collection.startDone(workspace, pipeline, round);
    started.push(run.runId);
  }
  return started;
}

/** An error in one line, for a log. */
export const pollError = (error: unknown): string =>
  withoutSecrets(error instanceof ArboledaError ? `${error.code}: ${error.message}` : String(error));
