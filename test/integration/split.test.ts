import { beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../../bin/local/stay.ts';
import type { PredictionRecord } from '../../lib/tracking/index.ts';
import type { Split } from '../../lib/tracking/splits/types.ts';
import { admin, finishRun, quiet } from './support/api.ts';
import { housesFile, pushAmes, pushHouses } from './support/houses.ts';
import { callsIn, logLines, Roles } from './support/roles.ts';

/** Longer than a function believes what it looked up. */
const SEEN_MS = 2_200;
const row = { rooms: 6, area: 120, age: 20 };

let champion: string;
let other: string;
/** Two versions of `housing`, of two deliveries, the second in production. */
beforeAll(async () => {
  await quiet('housing');
  for (const rows of [500, 520]) {
    await pushHouses(housesFile(rows));
    const { tags } = await finishRun('housing', { force: true });
    [other, champion] = [champion, tags['model.version'] ?? ''];
  }
  await admin().put('/models/housing/aliases/production', { version: champion });
  await pushAmes();
});

const predict = (key: string) =>
  admin().post<{ version: string; requestId: string }>(`/models/housing/predict?key=${key}`, row);
const split = async () => (await admin().get<{ split: Split | null }>('/models/housing/split')).split;
const arms = (weight: number) => [
  { version: champion, weight: 100 - weight },
  { version: other, weight },
];

describe('a traffic split of the deployed stack', () => {
  it('shares callers out, each to one version, with a shadow in the log; a stop ends it', async () => {
    await admin().put('/models/housing/split', { kind: 'ab', arms: arms(50), reason: 'integration' });
    await pause(SEEN_MS);
    const keys = Array.from({ length: 16 }, (_, i) => `caller-${i}`);
    const first = new Map<string, string>();
    for (const key of keys) first.set(key, (await predict(key)).version);
    expect(new Set(first.values())).toEqual(new Set([champion, other]));
    for (const key of keys.slice(0, 6)) expect((await predict(key)).version).toBe(first.get(key));
    const shadowed = { kind: 'ab', arms: [{ version: champion, weight: 100 }], shadows: [other] };
    await admin().put('/models/housing/split', { ...shadowed, reason: 'integration' });
    await pause(SEEN_MS);
    const { requestId, version } = await predict('k');
    expect(version).toBe(champion);
    const logged = await admin().get<PredictionRecord>(`/predictions/${requestId}`);
    expect(logged).toMatchObject({ version: champion, arm: 'champion', latencyMs: expect.any(Number) });
    expect(logged.shadows?.map((shadow) => shadow.version)).toEqual([other]);
    await admin().delete('/models/housing/split');
    expect(await split()).toBeNull();
  });

  it('is reverted by the function that serves it, which its role allows', async () => {
    const guard = { maxErrorRate: 0.5, maxLatencyMs: 0.001, minRequests: 2, windowMinutes: 10 };
    const green = { kind: 'blue-green', arms: arms(100), guard, reason: 'integration' };
    await admin().put('/models/housing/split', green);
    await pause(SEEN_MS);
    for (let i = 0; i < 40 && (await split())?.state === 'running'; i++) await predict(`k${i}`);
    expect(await split()).toMatchObject({
      state: 'reverted',
      revertedReason: expect.stringContaining(`version ${other} took`),
    });
    await pause(SEEN_MS);
    expect((await predict('k')).version).toBe(champion);
    const roles = new Roles();
    const name = roles.functions().find((one) => one.endsWith('-predict'))!;
    const reverts = callsIn(await logLines(name)).filter(
      ({ operation }) => operation === 'TransactWriteItems',
    );
    expect(reverts.length).toBeGreaterThan(0);
    expect(reverts.flatMap((call) => roles.refused(name, call))).toEqual([]);
  });

  it('is promoted in one step', async () => {
    await admin().put('/models/housing/split', { kind: 'ab', arms: arms(10), reason: 'integration' });
    const done = await admin().post('/models/housing/split/promote', { reason: 'integration' });
    expect(done).toMatchObject({ version: other, previousVersion: champion, aliases: { production: other } });
    expect(await split()).toBeNull();
    await pause(SEEN_MS);
    expect((await predict('k')).version).toBe(other);
  });
});
