import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { addVersion, promote } from '../http/support/engine.ts';
import { type Served, serve } from '../http/support/server.ts';
import { ADMIN_SECRET, makeWorld, type World } from '../http/support/world.ts';

let world: World;
let served: Served;
beforeAll(async () => {
  world = makeWorld();
  served = await serve(world);
  for (const base of [1, 2, 3]) await addVersion(world, { base });
  await promote(world, '1');
});
afterAll(() => served.close());

const cli = (...args: string[]) =>
  runCli(['split', ...args], {
    ARBOLEDA_LOCAL_DIR: join(tmpdir(), 'arboleda-nowhere'),
    ARBOLEDA_API_URL: served.url,
    ARBOLEDA_TOKEN: ADMIN_SECRET,
  });

describe('arboleda split', () => {
  it('sets, shows, promotes in one command, and stops', async () => {
    const set = await cli(
      ...['set', 'housing', '--arm', '1=90', '--arm', '2=10', '--shadow', '3', '--kind', 'blue-green'],
      ...['--max-error-rate', '0.2', '--reason', 'is 2 better?'],
    );
    expect([set.code, set.stderr]).toEqual([0, '']);
    expect(set.stdout.split('\n').slice(0, 3)).toEqual([
      'housing: blue-green, revision 2: version 1 90 %, version 2 10 %',
      '  in the shadow: version 3',
      '  guard: goes back above 20 % failures or 1000 ms (p95), from 50 requests within 15 minutes',
    ]);
    const token = await world.token('predictor');
    await world.call('POST', '/models/housing/predict', { token, json: { area: 1 } });
    const shown = await cli('show', 'housing');
    expect(shown.stdout).toContain(set.stdout.trim());
    expect(shown.stdout).toMatch(/3 +│ shadow +│ 1 +│ 1 +│ 0 +│/);

    const promoted = await cli('promote', 'housing', '--revision', '2');
    expect(promoted.stdout.trim()).toBe(
      'housing: production is version 2, before it version 1; the split is ended',
    );
    expect((await cli('show', 'housing')).stdout.trim()).toBe(
      'housing: the version in production answers everything',
    );
    const stopped = await cli('stop', 'housing', '--json');
    expect(JSON.parse(stopped.stdout)).toEqual({ split: null, stopped: null });
    const audit = await world.registry.audit('default', 'housing');
    expect(audit.items[1]).toMatchObject({ kind: 'split', reason: 'is 2 better?' });
  });

  it('is told of by promote and rollback, which end it', async () => {
    const env = {
      ARBOLEDA_LOCAL_DIR: join(tmpdir(), 'arboleda-nowhere'),
      ARBOLEDA_API_URL: served.url,
      ARBOLEDA_TOKEN: ADMIN_SECRET,
    };
    expect((await cli('set', 'housing', '--arm', '2=60', '--arm', '3=40')).code).toBe(0);
    const promoted = await runCli(['promote', 'housing', '3'], env);
    expect(promoted.stdout.trim()).toBe('housing: production is version 3; the traffic split ended with it');
    expect((await cli('set', 'housing', '--arm', '2=60', '--arm', '3=40')).code).toBe(0);
    const back = await runCli(['rollback', 'housing'], env);
    expect(back.stdout.trim()).toBe(
      'housing: production is version 2 again; the traffic split ended with it',
    );
    expect((await runCli(['promote', 'housing', '3'], env)).stdout.trim()).toBe(
      'housing: production is version 3',
    );
    expect((await runCli(['promote', 'housing', '2', '--alias', 'beta'], env)).stdout.trim()).toBe(
      'housing: beta is version 2',
    );
    await runCli(['promote', 'housing', '2'], env);
  });

  it.each([
    [['set', 'housing', '--arm', '1:90'], 'VERSION=PERCENT'],
    [['set', 'housing'], '--arm'],
    [['set', 'housing', '--arm', '2=40', '--arm', '1=50'], 'sum to 90'],
    [['set', 'housing', '--arm', '2=100', '--max-error-rate', '2'], '0 to 1'],
    [['promote', 'housing'], 'is not split'],
    [['show', 'houssing'], 'housing'],
  ])('%j says what is wrong and writes nothing', async (args, text) => {
    const before = world.items.dump();
    const { code, stderr } = await cli(...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(text);
    expect(world.items.dump()).toEqual(before);
  });
});
