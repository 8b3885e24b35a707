import { describe, expect, it } from 'vitest';
import { BATCH_KIND, KIND_TAG } from '../../../lib/pipeline/batch/types.ts';
import { s3Of } from '../../../lib/pipeline/cost/index.ts';
import { RunReports } from '../../../lib/pipeline/run-reports/index.ts';
import type { Artifact, StageRecord } from '../../../lib/tracking/types.ts';
import { driveBatch, serveModel, uploadAndStart } from '../../support/batch.ts';
import { pipelineWorld } from '../../support/pipeline.ts';
import { houseFile } from '../learn/model-fixture.ts';

const csv = (rows: number) =>
  Buffer.from(
    `area,rooms,quarter,age\n${Array.from({ length: rows }, (_, i) => `${40 + i},2,north,4\n`).join('')}`,
  );
const REQUESTS = {
  put: 'puts',
  putPieces: 'puts',
  get: 'gets',
  range: 'gets',
  stream: 'gets',
  head: 'gets',
} as const;

describe('the cost of a batch prediction', () => {
  it.each([100, 1_500])('is near what it did, in chunks of %i bytes', async (bytes) => {
    const world = pipelineWorld([]);
    await serveModel(world.deps, 'houses', await houseFile(), 'regression');
    const started = await uploadAndStart(world.deps, 'houses', csv(400));
    const made = { puts: 0, gets: 0 };
    for (const [name, kind] of Object.entries(REQUESTS) as [keyof typeof REQUESTS, 'puts' | 'gets'][]) {
      const own = world.objects[name].bind(world.objects) as (...given: unknown[]) => Promise<never>;
      world.objects[name] = ((...given: unknown[]) => {
        made[kind] += 1;
        return own(...given);
      }) as never;
    }
    const before = [world.items.writes, world.items.reads] as const;
    expect((await driveBatch(world.deps, started, { sizes: { bytes } })).status).toBe('FINISHED');
    const [writes, reads] = [world.items.writes - before[0], world.items.reads - before[1]];
    const { puts, gets } = made;

    const cost = await new RunReports(world.deps).cost('default', started.runId);
    const quantity = (unit: string) => cost.lines.find((line) => line.unit === unit)?.quantity ?? 0;
    for (const [estimated, real] of [
      [quantity('PUT'), puts],
      [quantity('GET'), gets],
      [quantity('read unit'), reads],
    ] as const) {
      expect(estimated / real).toBeGreaterThan(0.8);
      expect(estimated / real).toBeLessThan(1.25);
    }
    // What begins and ends the run writes in transactions, of two units an item.
    expect(quantity('write unit') - writes).toBeGreaterThan(0);
    expect(quantity('write unit') - writes).toBeLessThan(60);

    const kept = world.objects.keys().filter((key) => key.includes(`/batches/${started.runId}/`));
    const sizes = await Promise.all(kept.map(async (key) => (await world.objects.head(key))?.size ?? 0));
    const stored = sizes.reduce((sum, size) => sum + size, 0);
    // The plan and its list are small beside the rows of any file that is worth a batch.
    expect(cost.storage.bytes / stored).toBeGreaterThan(0.8);
    expect(cost.storage.bytes / stored).toBeLessThanOrEqual(1);
  });

  it('counts a large result in its parts of 8 MB', () => {
    const done = (stage: StageRecord['stage'], item?: string) =>
      ({ stage, item, status: 'DONE', outputs: {} }) as unknown as StageRecord;
    const puts = (size: number) => {
      const artifacts = [{ path: 'predictions.csv', size }] as Artifact[];
      const records = [done('plan'), done('predict', '0'), done('join')];
      return s3Of({
        run: { params: {}, tags: { [KIND_TAG]: BATCH_KIND }, metrics: {} },
        records,
        artifacts,
        ingested: 0,
      }).puts;
    };
    const one = puts(1);
    const MB = 2 ** 20;
    // A beginning, an end, and each part.
    expect([puts(8 * MB - 1), puts(8 * MB), puts(8 * MB + 1), puts(200 * MB)]).toEqual([
      one,
      one + 2,
      one + 3,
      one + 26,
    ]);
  });
});
