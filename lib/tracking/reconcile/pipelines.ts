import { isDeepStrictEqual } from 'node:util';
import { collect } from '../../store/paging.ts';
import { fromText } from '../json.ts';
import { key, partition } from '../keys.ts';
import { happened } from '../optimistic.ts';
import { type LastResult, PipelineState } from '../pipeline-state.ts';
import { isTerminal } from '../run-item.ts';
import { Runs } from '../runs.ts';
import type { RunSnapshot } from '../snapshot.ts';
import { toCacheEntry } from '../stages.ts';
import type { PipelineSource } from '../types.ts';
import { firstMissing, type Mending, objectKeysIn } from './mending.ts';
import { pipelineItems } from './runs.ts';

const pipelineOf = (sk: string): string => sk.split('#')[1] ?? '';

/** Locks and queue places of runs that have ended or are unknown. Comes after the runs are mended. */
export async function mendLocksAndQueues(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const runs = new Runs(stores.items, stores.clock);
  const state = new PipelineState(stores.items, stores.clock);
  for (const lock of await pipelineItems(mending, 'lock')) {
    const runId = lock.runId as string;
    const run = await runs.find(ws, runId);
    const stale = run ? isTerminal(run.status) : mending.isOld(lock.acquiredAt as string);
    if (!stale) continue;
    const pipeline = pipelineOf(lock.sk);
    const problem = run ? `its run ${runId} is ${run.status}` : `its run ${runId} is unknown`;
    const finding = {
      kind: 'lock-stale' as const,
      subject: `lock of ${pipeline}`,
      problem,
      action: 'free it',
    };
    await mending.found(finding, () => state.release(ws, pipeline, runId));
  }
  for (const place of await pipelineItems(mending, 'queue')) {
    const runId = place.runId as string;
    const run = await runs.find(ws, runId);
    const stale = run ? run.status !== 'SCHEDULED' : mending.isOld(place.queuedAt as string);
    if (!stale) continue;
    const pipeline = pipelineOf(place.sk);
    const problem = run
      ? `run ${runId} waits though it is ${run.status}`
      : `run ${runId} waits and is unknown`;
    const finding = {
      kind: 'queue-stale' as const,
      subject: `queue of ${pipeline}`,
      problem,
      action: 'take it out',
    };
    await mending.found(finding, () => state.unqueue(ws, pipeline, runId));
  }
}

/** Results and sources that name objects which are gone. */
export async function mendDanglingResults(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const { items, objects } = stores;
  for (const item of await collect(items, { pk: partition.stageCache(ws), consistent: true })) {
    const { outputs, stage, contentKey, runId } = toCacheEntry(item);
    const missing = await firstMissing(objects, objectKeysIn(ws, outputs));
    if (missing === undefined) continue;
    const subject = `result of ${stage} ${contentKey.slice(0, 12)}`;
    const finding = {
      kind: 'cache-dangling' as const,
      subject,
      problem: `${missing} is gone`,
      action: 'forget it',
    };
    await mending.found(finding, () =>
      happened(items.remove(key.stageCache(ws, contentKey), { equals: { runId } })),
    );
  }
  for (const item of await pipelineItems(mending, 'last')) {
    const last = fromText<LastResult>(item.last, 'last result');
    const missing = await firstMissing(objects, objectKeysIn(ws, last.outputs));
    if (missing === undefined) continue;
    const subject = `last result of ${pipelineOf(item.sk)} ${item.stage}`;
    const finding = {
      kind: 'cache-dangling' as const,
      subject,
      problem: `${missing} is gone`,
      action: 'forget it',
    };
    await mending.found(finding, () =>
      happened(items.remove(item, { equals: { last: item.last as string } })),
    );
  }
  for (const item of await pipelineItems(mending, 'source')) {
    const source = fromText<PipelineSource>(item.source, 'source');
    if ((await objects.head(source.key)) !== undefined) continue;
    const subject = `source of ${pipelineOf(item.sk)}`;
    const problem = `the pushed ${source.fileName} (${source.key}) is gone`;
    const finding = {
      kind: 'source-missing' as const,
      subject,
      problem,
      action: 'forget it; push the file again',
    };
    await mending.found(finding, () =>
      happened(items.remove(item, { equals: { source: item.source as string } })),
    );
  }
}

/** The last results of each pipeline that are lost or older than S3's, from the newest run whose objects are there. */
export async function mendLastResults(mending: Mending, snapshots: readonly RunSnapshot[]): Promise<void> {
  const { ws, stores } = mending;
  const state = new PipelineState(stores.items, stores.clock);
  const seen = new Set<string>();
  for (const { run, stages } of snapshots.toReversed()) {
    const { pipeline, runId } = run;
    if (pipeline === undefined) continue;
    for (const record of stages) {
      const { stage, outputs, contentKey } = record;
      const id = `${pipeline} ${stage}`;
      if (!isRemembered(record) || seen.has(id)) continue;
      if ((await firstMissing(stores.objects, objectKeysIn(ws, outputs))) !== undefined) continue;
      seen.add(id);
      const held = await state.getLast(ws, pipeline, stage);
      if (held && (isDeepStrictEqual(held.outputs, outputs) || !(await isOlder(mending, held, run))))
        continue;
      const problem = `${held ? `the one of run ${held.runId}` : 'none'} is remembered, S3 has a newer one`;
      const action = `remember the one of run ${runId}`;
      const finding = {
        kind: 'last-result-missing' as const,
        subject: `last result of ${id}`,
        problem,
        action,
      };
      await mending.found(finding, () =>
        state.setLast(ws, pipeline, stage, {
          outputs,
          runId,
          ...(contentKey !== undefined && { contentKey }),
        }),
      );
    }
  }
}

/** A pipeline remembers the whole stages that have a content key, and the Map as a whole. */
function isRemembered({ stage, item, status, contentKey }: RunSnapshot['stages'][number]): boolean {
  const whole = item === undefined && (contentKey !== undefined || stage === 'train');
  return whole && (status === 'DONE' || status === 'SKIPPED');
}

async function isOlder({ ws, stores }: Mending, last: LastResult, run: RunSnapshot['run']): Promise<boolean> {
  const of = await new Runs(stores.items, stores.clock).find(ws, last.runId);
  return of === undefined || of.startTime < run.startTime;
}
