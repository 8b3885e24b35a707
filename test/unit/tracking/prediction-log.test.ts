import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { PredictionLog, type PredictionRecord } from '../../../lib/tracking/index.ts';
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
