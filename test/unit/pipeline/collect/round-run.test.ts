import { describe, expect, it } from 'vitest';
import { pollOnce } from '../../../../lib/pipeline/collect/poll.ts';
import { runIdOf } from '../../../../lib/pipeline/control/start.ts';
import { sha256 } from '../../../../lib/pipeline/index.ts';
import { answer, cells, collectingWorld, P, scripted, tinyRows, WS } from '../../../support/collecting.ts';
import { tinyClassesCsv } from '../../../support/definitions.ts';
import { execute, runToEnd } from '../../../support/pipeline.ts';

/** Three batches of the 240 rows, dealt out in turn. */
const batches = [0, 1, 2].map((batch) =>
  answer(200, { group_number: 1, batch_number: batch, data: cells(240).filter((_, i) => i % 3 === batch) }),
);
const [first, second, third] = batches as [(typeof batches)[0], (typeof batches)[0], (typeof batches)[0]];

const attempt = (runId: string) => ({ workspace: WS, runId, attempt: 1 });

async function push(world: ReturnType<typeof collectingWorld>, rows: number) {
  const bytes = tinyClassesCsv(rows);
  const key = `${WS}/raw/${sha256(bytes)}`;
  await world.objects.put(key, bytes, { contentType: 'text/csv' });
  await world.deps.state.setSource(WS, P, {
    key,
    sha256: sha256(bytes),
    fileName: 'tiny.csv',
    bytes: bytes.length,
    pushedAt: world.clock.now().toISOString(),
    synthetic: false,
  });
}

const sourceOf = ({ tags }: { tags: Record<string, string> }) =>
  [tags['data.source'], tags['data.rows'], tags['data.synthetic'], tags['data.round']] as const;

describe('a run by round', () => {
  it('trains on all rows of its round, to the end, and says so', async () => {
    const world = collectingWorld(scripted([second, third, first]));
    for (let i = 0; i < 3; i++) await pollOnce(world.deps, WS, P);
    const run = await execute(world.deps, attempt(runIdOf(WS, P, 'round:1')));
    expect(run).toMatchObject({ status: 'FINISHED', trigger: 'event' });
    expect(sourceOf(run)).toEqual(['batches', '240', 'false', '1']);
    expect(run.metrics.accuracy).toBeGreaterThan(0.7);
    expect((await world.deps.registry.getModel(WS, P)).aliases).toEqual({ production: '1' });
  });

  it('has the same dataset in whatever order its subsets came', async () => {
    const hashes = new Set<unknown>();
    for (const order of [
      [first, second, third],
      [third, first, second],
    ]) {
      const world = collectingWorld(scripted(order));
      for (let i = 0; i < 3; i++) await pollOnce(world.deps, WS, P);
      const run = await execute(world.deps, attempt(runIdOf(WS, P, 'round:1')));
      hashes.add(run.lineage.datasetSha256);
      const raw = await world.objects.get(`${WS}/raw/${run.lineage.sourceSha256}`);
      const lines = String(Buffer.from(raw)).trimEnd().split('\n');
      expect(lines[0]).toBe('x,y,label');
      expect(lines).toHaveLength(241);
      const [{ x, y, label }] = tinyRows(1) as [ReturnType<typeof tinyRows>[0]];
      expect(lines[1]).toBe(`${x},${y},${label}`);
    }
    expect(hashes.size).toBe(1);
  });

  it('keeps to its round where more was collected or pushed since', async () => {
    const later = answer(200, { batch_number: 3, data: cells(6) });
    const world = collectingWorld(scripted([...batches, later]));
    for (let i = 0; i < 4; i++) await pollOnce(world.deps, WS, P);
    world.clock.advance(1_000);
    await push(world, 180);
    const run = await execute(world.deps, attempt(runIdOf(WS, P, 'round:1')));
    expect(sourceOf(run)).toEqual(['batches', '240', 'false', '1']);
  });

  it('refuses a subset whose bytes are not those recorded', async () => {
    const world = collectingWorld(scripted(batches.slice()));
    for (let i = 0; i < 3; i++) await pollOnce(world.deps, WS, P);
    const key = world.objects.keys().find((one) => one.includes('/collected/'))!;
    await world.objects.put(key, '[1,2,"yes"]\n', { contentType: 'application/x-ndjson' });
    const run = await execute(world.deps, attempt(runIdOf(WS, P, 'round:1')));
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'INTEGRITY', stage: 'ingest' } });
  });
});

describe('a run by hand', () => {
  it('falls back to the other sources before any round is closed, and says why', async () => {
    const world = collectingWorld(scripted([first]));
    await pollOnce(world.deps, WS, P);
    const run = await runToEnd(world.deps, P);
    expect(sourceOf(run)).toEqual(['generate', '200', 'true', undefined]);
    expect(run.tags['data.passedOver']).toContain('batches: no round of collecting is closed yet');
  });

  it('trains on what was brought last: the last closed round, or what was pushed after it', async () => {
    const world = collectingWorld(scripted(batches.slice()));
    await push(world, 180);
    expect(sourceOf(await runToEnd(world.deps, P))).toEqual(['pushed', '180', 'false', undefined]);
    world.clock.advance(1_000);
    for (let i = 0; i < 3; i++) await pollOnce(world.deps, WS, P);
    await execute(world.deps, attempt(runIdOf(WS, P, 'round:1')));
    expect(sourceOf(await runToEnd(world.deps, P))).toEqual(['batches', '240', 'false', '1']);
    world.clock.advance(1_000);
    await push(world, 150);
    expect(sourceOf(await runToEnd(world.deps, P))).toEqual(['pushed', '150', 'false', undefined]);
  });
});
