import { describe, expect, it } from 'vitest';
import { changeCollector } from '../../../../lib/pipeline/collect/control.ts';
import { pollEvery, tick } from '../../../../lib/pipeline/collect/schedule.ts';
import { collectedClasses, collectingWorld, P, sampleOf, scripted, WS } from '../../../support/collecting.ts';
import { tinyHouses } from '../../../support/definitions.ts';
import { pipelineWorld } from '../../../support/pipeline.ts';

/** Tools whose pause moves the clock, so that a minute takes no time. */
function tools(world: ReturnType<typeof collectingWorld>) {
  const lines: Record<string, unknown>[] = [];
  const pauses: number[] = [];
  return {
    lines,
    pauses,
    tell: (line: Record<string, unknown>) => void lines.push(line),
    pause: async (milliseconds: number) => {
      pauses.push(milliseconds);
      world.clock.advance(milliseconds);
    },
  };
}

describe('how often a source is asked', () => {
  it.each([
    [300, 60_000],
    [86_400, 60_000],
    [240, 60_000],
    [120, 30_000],
    [10, 2_500],
    [1, 250],
  ])('batches of %d s: each %d ms', (every, milliseconds) => {
    expect(pollEvery(every)).toBe(milliseconds);
    // More often than batches change.
    expect(milliseconds).toBeLessThan(every * 1000);
  });
});

describe('a tick of the rule', () => {
  it('asks once where batches stand for minutes', async () => {
    const world = collectingWorld(scripted([sampleOf(0)]));
    await changeCollector(world.deps, WS, P, { every: 300 });
    const used = tools(world);
    expect(await tick(world.deps, WS, used)).toHaveLength(1);
    expect(used.pauses).toEqual([]);
    expect(used.lines).toMatchObject([
      { message: 'polled', pipeline: P, outcome: 'stored', round: 1, stored: 1 },
    ]);
  });

  it('asks several times where they change within it, and ends before the next', async () => {
    const get = scripted([sampleOf(0)]);
    const world = collectingWorld(get);
    const used = tools(world);
    const polls = await tick(world.deps, WS, used);
    expect(polls).toHaveLength(20);
    expect(get.urls).toHaveLength(20);
    expect(used.pauses.reduce((sum, one) => sum + one, 0)).toBeLessThan(48_000);
  });

  it('takes up a change of period while it is at it', async () => {
    const world = collectingWorld(scripted([sampleOf(0)]));
    const used = tools(world);
    const pause = async (milliseconds: number) => {
      await used.pause(milliseconds);
      await changeCollector(world.deps, WS, P, { every: 300 });
    };
    expect(await tick(world.deps, WS, { ...used, pause })).toHaveLength(2);
  });

  it('does nothing where nothing is collected, or no URL is known', async () => {
    const world = pipelineWorld([tinyHouses(), collectedClasses()]);
    const used = tools(world);
    expect(await tick(world.deps, WS, used)).toMatchObject([{ pipeline: P, outcome: 'idle' }]);
  });

  it('goes on with other pipelines where one fails', async () => {
    const other = { ...collectedClasses(), name: 'second' };
    const world = pipelineWorld(
      [collectedClasses(), other],
      {},
      {
        collectorUrls: { [P]: 'https://one.example/', second: 'https://two.example/' },
        get: async (url) => {
          if (url.host === 'one.example') throw new RangeError('a fault of ours');
          return sampleOf(0);
        },
      },
    );
    const used = tools(world);
    const polls = await tick(world.deps, WS, used);
    expect(polls.map(({ pipeline }) => pipeline)).toContain('second');
    expect(used.lines).toContainEqual(expect.objectContaining({ message: 'poll failed', pipeline: P }));
  });
});
