import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { addVersion, promote } from '../http/support/engine.ts';
import { type Served, serve } from '../http/support/server.ts';
import { ADMIN_SECRET, makeWorld, type World } from '../http/support/world.ts';

const LOGGED = 503;
let world: World;
let served: Served;
const folder = mkdtempSync(join(tmpdir(), 'arboleda-feedback-'));

beforeAll(async () => {
  world = makeWorld();
  served = await serve(world);
  await promote(world, await addVersion(world, { base: 1 }));
  const at = world.clock.now().toISOString();
  for (let i = 0; i < LOGGED; i++) {
    const answered = { rows: [{ area: i }], predictions: [{ prediction: i + 1 }] };
    const record = { requestId: `request-${i}`, model: 'housing', version: '1', at, ...answered };
    await world.deps.predictions.record('default', record);
  }
});
afterAll(() => served.close());

const feedback = (name: string, lines: readonly string[]) => {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return runCli(['feedback', 'housing', file], {
    ARBOLEDA_LOCAL_DIR: join(tmpdir(), 'arboleda-nowhere'),
    ARBOLEDA_API_URL: served.url,
    ARBOLEDA_TOKEN: ADMIN_SECRET,
  });
};
const lines = (count: number) => [
  'requestId,label',
  ...Array.from({ length: count }, (_, i) => `request-${i},2`),
];

describe('arboleda feedback', () => {
  it('says of a long file where it stopped and what is taken already, and may be called again', async () => {
    const all = lines(LOGGED);
    const wrong = await feedback('wrong.csv', [...all.slice(0, 502), 'nobody,2', ...all.slice(502)]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('after label 500 of the file, counted from there: ');
    expect(wrong.stderr).toContain('answered no request nobody (items[1].requestId)');
    expect(wrong.stderr).toContain('The 500 labels before are taken; the whole file may be sent again.');
    const whole = await feedback('whole.csv', all);
    expect(whole.stdout.trim()).toBe('3 labels taken, 0 corrected, 500 known already');
  });

  it('of a short file names the place, and takes nothing', async () => {
    const wrong = await feedback('short.csv', ['requestId,label', 'request-0,7', 'nobody,2']);
    expect(wrong.stderr).toContain('answered no request nobody (items[1].requestId)');
    expect(wrong.stderr).not.toContain('after label');
    expect((await feedback('same.csv', lines(1))).stdout).toContain('1 known already');
  });

  it.each([
    [{ requestId: 'request-1' }, 'body: send requestId and label, requestId and labels, or items'],
    [{ label: 1 }, 'body: send requestId and label'],
    [{ requestId: 'request-1', label: null }, 'label'],
    [{ requestId: 'request-1', labels: [] }, 'labels'],
    [{ items: [] }, 'items'],
    [{ items: [{ requestId: 'request-1', row: -1, label: 1 }] }, 'row'],
    [{ requestId: 'request-1', value: 3 }, 'label'],
  ])('over HTTP %j is refused with what is to be sent', async (json, message) => {
    const { status, json: refused } = await world.call('POST', '/models/housing/feedback', {
      token: ADMIN_SECRET,
      json,
    });
    expect([status, refused.code]).toEqual([400, 'INVALID_INPUT']);
    expect(refused.message).toContain(message);
  });

  it('names a file that is not there, and what it may be', async () => {
    const missing = await runCli(['feedback', 'housing', join(folder, 'none.csv')], {});
    expect(missing.stderr).toContain('none.csv cannot be read (ENOENT)');
    expect(missing.stderr).toContain('CSV, JSON or JSON lines');
  });
});
