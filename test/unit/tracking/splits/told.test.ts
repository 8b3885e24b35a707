import { beforeEach, describe, expect, it } from 'vitest';
import type { NewSplit } from '../../../../lib/tracking/index.ts';
import { versionReports } from '../../../../lib/tracking/splits/report.ts';
import type { PredictionFacts } from '../../../../lib/tracking/types.ts';
import { type World, WS, withVersions, world } from '../helpers.ts';

const by = { model: 'm', actor: 'ana', reason: 'try it' };
const half: NewSplit = {
  kind: 'ab',
  arms: [
    { version: '1', weight: 50 },
    { version: '2', weight: 50 },
  ],
};

describe('what a change of a split is told that it cannot be', () => {
  let w: World;
  beforeEach(async () => {
    w = world();
    await withVersions(w, 4);
    await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '1' });
  });

  it('says what was expected and what there is, where either is nothing', async () => {
    await expect(w.splits.set(WS, { ...by, split: half, expectedRevision: 7 })).rejects.toThrow(
      'the split of model m is not there, not at 7',
    );
    const { revision } = await w.splits.set(WS, { ...by, split: half, expectedRevision: null });
    const other = { ...half, kind: 'ab' as const, shadows: ['3'] };
    await expect(w.splits.set(WS, { ...by, split: other, expectedRevision: null })).rejects.toThrow(
      `the split of model m is at revision ${revision}, not absent`,
    );
    await expect(w.splits.stop(WS, { ...by, expectedRevision: 7 })).rejects.toThrow(
      `is at revision ${revision}, not at 7`,
    );
  });

  it('asks for a version where a promotion names none and there is more than one, or none but shadows', async () => {
    const three: NewSplit = {
      kind: 'ab',
      arms: ['1', '2', '3'].map((version, i) => ({ version, weight: i === 0 ? 50 : 25 })),
    };
    await w.splits.set(WS, { ...by, split: three });
    await expect(w.splits.promote(WS, by)).rejects.toThrow(
      'say which version of the split of model m to promote: 2, 3',
    );
    const watched: NewSplit = { kind: 'ab', arms: [{ version: '1', weight: 100 }], shadows: ['2', '3'] };
    await w.splits.set(WS, { ...by, split: watched });
    const before = w.items.dump();
    await expect(w.splits.promote(WS, by)).rejects.toThrow('say which version of the split of model m');
    expect(w.items.dump()).toEqual(before);
    expect((await w.registry.getModel(WS, 'm')).aliases.production).toBe('1');
  });

  it('leads nowhere where nothing is in production', async () => {
    await w.registry.deleteAlias(WS, { ...by, alias: 'production' });
    await expect(w.splits.route(WS, 'm')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'model m has no alias production',
    });
    await expect(w.splits.set(WS, { ...by, split: half })).rejects.toThrow(
      'no version of model m holds production',
    );
  });
});

describe('versions side by side', () => {
  const fact = (version: string, more: Partial<PredictionFacts> = {}): PredictionFacts => ({
    requestId: 'r',
    model: 'm',
    at: '2026-01-01T00:00:00.000Z',
    count: 1,
    version,
    latencyMs: 5,
    ...more,
  });

  it('are in the order of their numbers, not of their digits, shadows after all that answered', () => {
    const shadows = [{ version: '2', latencyMs: 1 }];
    const facts = ['10', '9', '2', '100'].map((version) => fact(version, { shadows }));
    expect(versionReports(facts).map(({ version, shadow }) => [version, shadow])).toEqual([
      ['2', false],
      ['9', false],
      ['10', false],
      ['100', false],
      ['2', true],
    ]);
  });

  it('are timed by their warm answers alone, in whatever order these came', () => {
    const error = { code: 'INTERNAL' };
    const facts = [
      ...[90, 10, 50, 30, 70].map((latencyMs) => fact('1', { latencyMs })),
      fact('1', { latencyMs: 5_000, cold: true }),
      fact('1', { latencyMs: 1, error }),
    ];
    expect(versionReports(facts)).toEqual([
      {
        version: '1',
        shadow: false,
        requests: 7,
        rows: 6,
        errors: 1,
        errorRate: 1 / 7,
        latencyMs: { p50: 50, p95: 90, p99: 90 },
      },
    ]);
    expect(versionReports([fact('1', { cold: true })])[0]!.latencyMs).toBeNull();
  });
});
