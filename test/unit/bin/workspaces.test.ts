import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { type Served, serve } from '../http/support/server.ts';
import { ADMIN_SECRET, makeWorld, type World } from '../http/support/world.ts';

let world: World;
let served: Served;
beforeAll(async () => {
  world = makeWorld();
  served = await serve(world);
});
afterAll(() => served.close());

const cli = (args: string[], token: string = ADMIN_SECRET) =>
  runCli(args, {
    ARBOLEDA_LOCAL_DIR: join(tmpdir(), 'arboleda-nowhere'),
    ARBOLEDA_API_URL: served.url,
    ARBOLEDA_TOKEN: token,
  });

it('makes a workspace, whose token sees it alone, and lists what there is', async () => {
  const made = await cli(['workspace', 'create', 'team-a']);
  expect([made.code, made.stderr]).toEqual([0, '']);
  const token = made.stdout.trim();
  expect(token).toMatch(/^arb_/);
  expect((await world.tokens.authenticate(token))?.workspace).toBe('team-a');
  const [all, own] = await Promise.all([
    cli(['workspace', 'list', '--json']),
    cli(['workspace', 'list', '--json'], token),
  ]);
  const names = (text: string) => JSON.parse(text).workspaces.map((one: { name: string }) => one.name);
  expect([names(all.stdout), names(own.stdout)]).toEqual([['default', 'team-a'], ['team-a']]);
});

it("prints the settings of MLflow's client, for a shell or as JSON", async () => {
  const [shell, json] = await Promise.all([
    cli(['mlflow']),
    cli(['mlflow', '--token', 'arb_other', '--json']),
  ]);
  expect(shell.stdout.split('\n').slice(0, 2)).toEqual([
    `export MLFLOW_TRACKING_URI=${served.url}`,
    `export MLFLOW_TRACKING_TOKEN=${ADMIN_SECRET}`,
  ]);
  expect(shell.stdout).toContain('export MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=');
  expect(JSON.parse(json.stdout)).toMatchObject({ MLFLOW_TRACKING_TOKEN: 'arb_other' });
});
