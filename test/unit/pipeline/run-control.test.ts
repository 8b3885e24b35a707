import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import { PipelineRunControl } from '../../../lib/pipeline/control/index.ts';
import type { Principal } from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { execute, type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

const principal = (workspace = 'default'): Principal => ({
  tokenId: 't1',
  workspace,
  role: 'operator',
  name: 'me',
});
let world: PipelineWorld;
let control: PipelineRunControl;
beforeEach(() => {
  const definitions = [tinyHouses({ schedule: 'rate(1 day)', description: 'small' }), tinyClasses()];
  world = pipelineWorld(definitions, { 'tiny-houses': tinyHousesCsv() });
  control = new PipelineRunControl(world.deps);
});

describe('pipelines', () => {
  it('are listed by name with what a caller needs to choose', async () => {
    expect(await control.list(principal())).toEqual([
      expect.objectContaining({
        name: 'tiny-classes',
        target: 'label',
        task: 'classification',
        model: 'tiny-classes',
      }),
      expect.objectContaining({
        name: 'tiny-houses',
        description: 'small',
        task: 'regression',
        schedule: 'rate(1 day)',
        scheduleState: 'active',
      }),
    ]);
  });

  it('are described with definition, its hash, the run in progress and the pushed data', async () => {
    const started = await control.start(principal(), 'tiny-houses', {});
    const source = {
      key: 'default/raw/x',
      sha256: 'a'.repeat(64),
      fileName: 'x.csv',
      bytes: 3,
      pushedAt: '2026-01-01T00:00:00Z',
      synthetic: false as const,
    };
    await control.setSource(principal(), 'tiny-houses', source);
    const described = await control.describe(principal(), 'tiny-houses');
    expect(described).toMatchObject({ activeRunId: started.runId, source, scheduleState: 'active' });
    expect(described.definitionSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(described.definition.schema).toMatchObject({
      columns: [{ name: 'area' }, { name: 'age' }, { name: 'price' }],
    });
    expect(() => JSON.stringify(described)).not.toThrow();
  });

  it('that are unknown are a 404 in every method', async () => {
    const calls = [
      control.describe(principal(), 'nope'),
      control.dag(principal(), 'nope'),
      control.start(principal(), 'nope', {}),
      control.setSchedule(principal(), 'nope', 'paused'),
    ];
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(NotFoundError);
  });

  it('keep their schedule paused in one workspace alone', async () => {
    await control.setSchedule(principal(), 'tiny-houses', 'paused');
    await control.setSchedule(principal(), 'tiny-houses', 'paused');
    expect(await world.deps.state.isPaused('default', 'tiny-houses')).toBe(true);
    expect(await world.deps.state.isPaused('other', 'tiny-houses')).toBe(false);
    await control.setSchedule(principal(), 'tiny-houses', 'active');
    expect(await world.deps.state.isPaused('default', 'tiny-houses')).toBe(false);
  });
});

describe('a start by key', () => {
  it('is the same run for the same key, in the same workspace only', async () => {
    const first = await control.start(principal(), 'tiny-houses', { idempotencyKey: 'k' });
    const again = await control.start(principal(), 'tiny-houses', { idempotencyKey: 'k' });
    const elsewhere = await control.start(principal('other'), 'tiny-houses', { idempotencyKey: 'k' });
    expect(again).toEqual({ ...first, created: false });
    expect(elsewhere.runId).not.toBe(first.runId);
    expect((await world.deps.runs.get('default', first.runId)).tags['arboleda.actor']).toBe('t1');
  });
});

describe('diff', () => {
  const run = async (force: boolean, codeVersion: string) => {
    const { runId } = await control.start(principal(), 'tiny-houses', { force });
    return execute({ ...world.deps, codeVersion }, { workspace: 'default', runId, attempt: 1 });
  };

  it('is empty for two runs of the same, and names the stages whose code changed', async () => {
    const [a, b, c] = [await run(true, 'code-1'), await run(true, 'code-1'), await run(true, 'code-2')];
    const same = await control.diff(principal(), a.runId, b.runId);
    expect(same).toEqual({ a: a.runId, b: b.runId, params: [], metrics: [], data: [], code: [] });
    const changed = await control.diff(principal(), a.runId, c.runId);
    expect(changed.metrics).toEqual([]);
    expect(changed.code.map(({ key }) => key)).toContain('train');
    expect(changed.code[0]).toMatchObject({ a: 'code-1', b: 'code-2' });
  });

  it('does not look into another workspace', async () => {
    const a = await run(false, 'code-1');
    await expect(control.diff(principal('other'), a.runId, a.runId)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('the graph', () => {
  it('joins every candidate to clean and evaluate, as Mermaid too', async () => {
    const { nodes, edges, mermaid } = await control.dag(principal(), 'tiny-houses');
    expect(nodes.map(({ id }) => id)).toEqual([
      'source',
      'ingest',
      'clean',
      'candidate0',
      'candidate1',
      'evaluate',
      'register',
      'promote',
    ]);
    expect(edges).toContainEqual({ from: 'clean', to: 'candidate1' });
    expect(edges).toContainEqual({ from: 'candidate1', to: 'evaluate' });
    expect(mermaid).toMatch(/^flowchart LR\n/);
    expect(mermaid).toContain('candidate0["linear-regression"]');
    for (const { from, to } of edges)
      expect(nodes.map(({ id }) => id)).toEqual(expect.arrayContaining([from, to]));
  });
});
