import { describe, expect, it, vi } from 'vitest';
import { closeRun, startRun } from '../../lib/pipeline/control/index.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import { runStage } from '../../lib/pipeline/run-stage.ts';
import * as stages from '../../lib/pipeline/stages/index.ts';
import { tinyHouses, tinyHousesCsv } from '../support/definitions.ts';
import { CrashError, type MemoryBus, type MemoryObjectStore } from '../support/memory.ts';
import { pipelineWorld } from '../support/pipeline.ts';

vi.mock('../../lib/learn/trainers.ts', async () => {
  const { trainersWithFake } = await import('../support/fake-forest.ts');
  return trainersWithFake();
});
vi.mock('../../lib/learn/algorithms.ts', async () => {
  const { algorithmsWithFake } = await import('../support/fake-forest.ts');
  return algorithmsWithFake();
});
vi.mock('../../lib/learn/report/png.ts', () => import('../support/fake-png.ts'));

/**
 * Kills the "process" at the n-th write to S3 or DynamoDB, for every n, before the write or after it, and calls the same
 * step again, as Step Functions' Retry and a caller with an Idempotency-Key do. However the run was interrupted, it must
 * end as the undisturbed run does.
 */
type Mode = 'before' | 'after';

/** Counts writes to S3 and ends one of them with a crash. */
function crashing(objects: MemoryObjectStore, at: number, mode: Mode) {
  let writes = 0;
  const guarded = async <T>(write: () => Promise<T>): Promise<T> => {
    writes += 1;
    if (writes !== at) return write();
    if (mode === 'after') await write();
    throw new CrashError('killed');
  };
  const store = new Proxy(objects, {
    get(target, name) {
      if (name === 'put')
        return (...args: Parameters<typeof target.put>) => guarded(() => target.put(...args));
      if (name === 'putIfAbsent') {
        return (...args: Parameters<typeof target.putIfAbsent>) => guarded(() => target.putIfAbsent(...args));
      }
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, writes: () => writes };
}

async function again<T>(step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
    }
  }
}

async function runThrough(deps: PipelineDeps) {
  const options = { trigger: 'caller' as const, actor: 'test', identity: 'once' };
  const { runId } = await again(() => startRun(deps, 'default', 'tiny-houses', options));
  const input = { workspace: 'default', runId, attempt: 1 };
  await again(() => stages.plan(deps, input));
  await again(() => runStage(deps, stages.ingestStage, input));
  await again(() => runStage(deps, stages.cleanStage, input));
  const { items, merges } = await again(() => stages.planTraining(deps, input));
  for (const { item } of items) await again(() => runStage(deps, stages.trainStage, { ...input, item }));
  for (const { item, shards } of merges) {
    await again(() => runStage(deps, stages.trainStage, { ...input, item, shards }));
  }
  await again(() => runStage(deps, stages.evaluateStage, input));
  await again(() => runStage(deps, stages.registerStage, input));
  await again(() => runStage(deps, stages.promoteStage, input));
  await again(() => closeRun(deps, input, { outcome: 'finished' }));
  return runId;
}

/** What must come out the same, however the way there was. */
async function outcome(deps: PipelineDeps, runId: string) {
  const run = await deps.runs.get('default', runId);
  const records = await deps.stages.list('default', runId);
  const { items: versions } = await deps.registry.listVersions('default', 'tiny-houses');
  const { items: audit } = await deps.registry.audit('default', 'tiny-houses');
  const artifacts = await deps.runs.listArtifacts('default', runId);
  return {
    status: run.status,
    metrics: run.metrics,
    params: run.params,
    rows: run.tags['data.rows'],
    done: records.every(({ status }) => status === 'DONE' || status === 'SKIPPED'),
    stages: records.length,
    models: versions.map(({ version, modelSha256 }) => ({ version, modelSha256 })),
    aliases: (await deps.registry.getModel('default', 'tiny-houses')).aliases,
    promotions: audit.length,
    artifacts: artifacts.map(({ path, sha256 }) => ({ path, sha256 })),
    lock: await deps.state.holder('default', 'tiny-houses'),
    runs: (await deps.runs.list('default')).items.length,
    // At least once: a kill between the bus and its note in the record says it twice.
    events: [...new Set((deps.events as MemoryBus).events.map(({ detailType }) => detailType))],
  };
}

/** One candidate in one function, and one that is split into three shards and merged. */
const candidates = [
  { algorithm: 'linear-regression', params: {} },
  { algorithm: 'fake-forest', params: { trees: 6, secondsPerTree: 450 } },
];
const newWorld = () =>
  pipelineWorld([tinyHouses({ candidates })], { 'tiny-houses': tinyHousesCsv(120) }, { threads: 1 });

describe('a run whose process is killed at any write', () => {
  it('ends as the undisturbed run, whichever DynamoDB write it was', async () => {
    const calm = newWorld();
    const expected = await outcome(calm.deps, await runThrough(calm.deps));
    expect(expected).toMatchObject({
      status: 'FINISHED',
      done: true,
      aliases: { production: '1' },
      promotions: 1,
      runs: 1,
      events: ['Run Finished'],
      // plan, ingest, clean, train, evaluate, register, promote; two candidates; three shards.
      stages: 12,
    });
    const writes = calm.items.writes;
    expect(writes).toBeGreaterThan(30);
    for (let at = 1; at <= writes; at++) {
      for (const mode of ['before', 'after'] as const) {
        const world = newWorld();
        world.items.failWrite({ at, mode });
        const runId = await runThrough(world.deps);
        expect(await outcome(world.deps, runId), `DynamoDB write ${at}, ${mode}`).toEqual(expected);
      }
    }
  }, 240_000);

  it('ends as the undisturbed run, whichever S3 write it was', async () => {
    const calm = newWorld();
    const counter = crashing(calm.objects, 0, 'before');
    const deps = { ...calm.deps, objects: counter.store };
    const expected = await outcome(deps, await runThrough(deps));
    expect(counter.writes()).toBeGreaterThan(15);
    for (let at = 1; at <= counter.writes(); at++) {
      for (const mode of ['before', 'after'] as const) {
        const world = newWorld();
        const killed = { ...world.deps, objects: crashing(world.objects, at, mode).store };
        const runId = await runThrough(killed);
        expect(await outcome(killed, runId), `S3 write ${at}, ${mode}`).toEqual(expected);
      }
    }
  }, 240_000);
});
