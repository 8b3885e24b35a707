import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { type PredictionFacts, PredictionLog, type PredictionRecord } from '../../../lib/tracking/index.ts';
import { type World, WS, world } from './helpers.ts';

const record = (more: Partial<PredictionRecord> = {}): PredictionRecord => ({
  requestId: 'c0ffee-1',
  model: 'm',
  version: '2',
  alias: 'production',
  at: '2026-03-01T12:00:00.000Z',
  rows: [{ area: 3, note: 'ä' }],
  predictions: [{ prediction: 'yes', probabilities: { yes: 1, no: 1e-200 } }],
  ...more,
});

describe('PredictionLog', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });

  it('reads back what it recorded, the smallest probability too', async () => {
    await w.log.record(WS, record());
    await w.log.record(WS, record());
    expect(await w.log.get(WS, 'c0ffee-1')).toEqual(record());
    expect(w.objects.keys()).toEqual([]);
  });

  it('forgets after 30 days, or as many as told', async () => {
    await w.log.record(WS, record());
    await new PredictionLog(w.items, w.objects, w.clock, { days: 1 }).record(
      WS,
      record({ requestId: 'short' }),
    );
    w.clock.advance(86_400_000);
    await expect(w.log.get(WS, 'short')).rejects.toThrow(NotFoundError);
    expect(await w.log.get(WS, 'c0ffee-1')).toEqual(record());
    w.clock.advance(29 * 86_400_000);
    await expect(w.log.get(WS, 'c0ffee-1')).rejects.toThrow(NotFoundError);
  });

  it('keeps a batch as one object', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ i }));
    await w.log.recordBatch(WS, record({ rows }));
    expect(w.objects.keys()).toEqual([`${WS}/predictions/2026/03/01/c0ffee-1.json`]);
    expect((await w.log.get(WS, 'c0ffee-1')).rows).toEqual(rows);
    expect(JSON.stringify(w.items.dump()).length).toBeLessThan(500);
  });

  it('puts what is too large for an item into S3 by itself', async () => {
    const large = record({ rows: [{ text: 'ü'.repeat(300_000) }] });
    await w.log.record(WS, large);
    expect(w.objects.keys()).toHaveLength(1);
    expect(await w.log.get(WS, 'c0ffee-1')).toEqual(large);
  });

  it('stays within its workspace, and takes no id that could leave it', async () => {
    await w.log.record(WS, record());
    await expect(w.log.get('other', 'c0ffee-1')).rejects.toThrow(NotFoundError);
    for (const requestId of ['', '../x', 'a#b', 'a/b', 'x'.repeat(129), 'ü']) {
      await expect(w.log.record(WS, record({ requestId }))).rejects.toThrow(InvalidInputError);
      await expect(w.log.get(WS, requestId)).rejects.toThrow(InvalidInputError);
      await expect(w.log.recordBatch(WS, record({ requestId }))).rejects.toThrow(InvalidInputError);
    }
    expect(w.objects.keys()).toEqual([]);
  });
});

describe('facts of predictions', () => {
  const shadow = { version: '3', latencyMs: 4.5, predictions: [{ prediction: 'no' }] };
  const counted = {
    latencyMs: 2.25,
    cold: true,
    failedOver: { version: '4', latencyMs: 1, error: { code: 'MODEL_FILE_BROKEN' } },
    splitRevision: 7,
    arm: 'champion' as const,
    shadows: [shadow, { version: '5', latencyMs: 300, error: { code: 'SHADOW_TOO_SLOW' } }],
  };
  const facts = async (w: World, from: string, limit?: number) => {
    const found: PredictionFacts[] = [];
    for await (const one of w.log.facts(WS, 'm', { from, ...(limit && { limit }) })) found.push(one);
    return found;
  };

  it('are told without rows and predictions, of a record in S3 too', async () => {
    const w = world();
    await w.log.record(WS, record(counted));
    await w.log.recordBatch(
      WS,
      record({
        requestId: 'b',
        at: '2026-03-01T12:00:01.000Z',
        rows: [1, 2],
        predictions: [],
        error: { code: 'X' },
      }),
    );
    const told = await facts(w, '2026-03-01T12:00:00.000Z');
    expect(told).toEqual([
      {
        requestId: 'b',
        model: 'm',
        version: '2',
        at: '2026-03-01T12:00:01.000Z',
        count: 2,
        error: { code: 'X' },
      },
      {
        requestId: 'c0ffee-1',
        model: 'm',
        version: '2',
        at: '2026-03-01T12:00:00.000Z',
        count: 1,
        ...counted,
        shadows: [
          { version: '3', latencyMs: 4.5 },
          { version: '5', latencyMs: 300, error: { code: 'SHADOW_TOO_SLOW' } },
        ],
      },
    ]);
    expect(await w.log.get(WS, 'c0ffee-1')).toEqual(record(counted));
  });

  it('begin where told, end after the limit, and are of one model and workspace', async () => {
    const w = world();
    for (let i = 0; i < 9; i++) {
      await w.log.record(WS, record({ requestId: `r${i}`, at: `2026-03-01T12:00:0${i}.000Z` }));
    }
    await w.log.record(WS, record({ requestId: 'o', model: 'other', at: '2026-03-01T12:00:05.000Z' }));
    await w.log.record('other', record({ requestId: 'o', at: '2026-03-01T12:00:05.000Z' }));
    const ids = (found: { requestId: string }[]) => found.map(({ requestId }) => requestId);
    expect(ids(await facts(w, '2026-03-01T12:00:06.000Z'))).toEqual(['r8', 'r7', 'r6']);
    expect(ids(await facts(w, '2026-03-01T12:00:00.000Z', 2))).toEqual(['r8', 'r7']);
  });
});
