import { beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../../lib/http/index.ts';
import { mlflowRoutes } from '../../../lib/http/mlflow/index.ts';
import { makeWorld, type World } from './support/world.ts';

/**
 * Every route of the table, called by the admin of another workspace with the ids and names of this one: nothing of the
 * owner's comes out, and nothing of his changes. MLflow's ignore fields they do not know, so one body asks all of them; of ours
 * each that writes has its own.
 */

const MARK = 'owners-own-secret';
let world: World;
let owner: string;
let stranger: string;
const ids = { experiment: '', run: '', model: '', token: '' };

const fileOfOwner = () => `${ids.experiment}/${ids.run}/artifacts/${MARK}`;

const asOwner = async (method: string, path: string, json?: unknown) => {
  const answer = await world.call(method, `/api/2.0/mlflow/${path}`, {
    token: owner,
    ...(json === undefined ? {} : { json }),
  });
  expect(answer.status, `${path}: ${answer.text}`).toBe(200);
  return answer.json;
};

beforeAll(async () => {
  world = makeWorld();
  owner = await world.token('admin', 'owner');
  stranger = await world.token('admin', 'stranger');
  const tag = { key: MARK, value: MARK };
  // Ids count up in each workspace: the owner's is one that the stranger has not.
  await asOwner('POST', 'experiments/create', { name: 'first' });
  const made = await asOwner('POST', 'experiments/create', { name: MARK, tags: [tag] });
  ids.experiment = made.experiment_id;
  const run = await asOwner('POST', 'runs/create', {
    experiment_id: ids.experiment,
    run_name: MARK,
    tags: [tag],
  });
  ids.run = run.run.info.run_id;
  const metrics = [{ key: MARK, value: 1, timestamp: 1, step: 0 }];
  await asOwner('POST', 'runs/log-batch', { run_id: ids.run, metrics, params: [tag] });
  const logged = await asOwner('POST', 'logged-models', {
    experiment_id: ids.experiment,
    name: MARK,
    tags: [tag],
  });
  ids.model = logged.model.info.model_id;
  await asOwner('POST', 'registered-models/create', { name: MARK, tags: [tag], description: MARK });
  const source = `mlflow-artifacts:/${ids.experiment}/${ids.run}/artifacts/model`;
  await asOwner('POST', 'model-versions/create', { name: MARK, source, run_id: ids.run });
  await asOwner('POST', 'registered-models/alias', { name: MARK, alias: 'production', version: '1' });
  const path = `/api/2.0/mlflow-artifacts/artifacts/${fileOfOwner()}`;
  expect((await world.call('PUT', path, { token: owner, body: MARK })).status).toBe(200);
  const kept = { key: `owner/reports/${MARK}`, size: 1, contentType: 'text/plain' };
  await world.runs.addArtifact('owner', ids.run, { path: 'report.txt', ...kept });
  ids.token = (await world.tokens.create('owner', { role: 'viewer', name: MARK })).record.tokenId;
});

/** Every field that names something, pointing at the owner's. */
const asks = () => ({
  experiment_id: ids.experiment,
  experiment_ids: [ids.experiment],
  experiment_name: MARK,
  new_name: 'taken-over',
  name: MARK,
  run_id: ids.run,
  run_uuid: ids.run,
  run_ids: [ids.run],
  model_id: ids.model,
  key: MARK,
  metric_key: MARK,
  value: 'overwritten',
  timestamp: 5,
  step: 5,
  version: '1',
  alias: 'production',
  stage: 'Archived',
  source: `mlflow-artifacts:/${ids.experiment}/${ids.run}/artifacts/model`,
  path: 'model',
  status: 'FAILED',
  max_results: 100,
  view_type: 'ALL',
  metrics: [{ key: MARK, value: 9, timestamp: 9, step: 9 }],
  params: [{ key: 'stolen', value: 'x' }],
  tags: [{ key: 'stolen', value: 'x' }],
  models: [{ model_id: ids.model, step: 0 }],
});

/** What our own routes take, which refuse fields that they do not know. */
const BODIES: Readonly<Record<string, object>> = {
  createToken: { role: 'admin', name: 'mine', workspace: 'owner' },
  createWorkspace: { name: 'owner' },
  moveAlias: { version: '1' },
  rollback: {},
  rerunFrom: { from: 'clean' },
  transitionStage: { stage: 'Archived' },
  setPolicy: { requireStaging: true },
  setSplit: { kind: 'ab', arms: [{ version: '1', weight: 100 }], shadows: ['2'], reason: 'mine' },
  promoteSplit: { version: '1', reason: 'mine' },
};

/** The control of runs is a fake here that makes up what it is asked for. */
const MADE_UP: ReadonlySet<string> = new Set(['/runs/{id}/cancel', '/runs/{id}/retry', '/runs/{id}/rerun']);

const idOf = (path: string): string => {
  if (path.startsWith('/runs/')) return ids.run;
  if (path.startsWith('/experiments/')) return ids.experiment;
  return path.startsWith('/tokens/') ? ids.token : MARK;
};

/** All that the owner has, in the table and in the bucket. */
const held = async (): Promise<string> => {
  const keys = world.objects.keys().filter((key) => key.startsWith('owner/'));
  const files = keys.map(async (key) => [key, String(await world.objects.get(key))]);
  return JSON.stringify([
    world.items.dump().filter(({ pk }: { pk: string }) => pk.startsWith('owner#')),
    await Promise.all(files),
  ]);
};

describe('a stranger with the role of an admin', () => {
  it.each(apiRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      const before = await held();
      const path = route.path
        .replace('{model_id}', ids.model)
        .replace(
          '/artifacts/{path+}',
          route.dialect === 'mlflow' ? `/artifacts/${fileOfOwner()}` : '/report.txt',
        )
        .replace('{path+}', fileOfOwner())
        .replace('{id}', idOf(route.path))
        .replace('{version}', '1')
        .replace('{alias}', 'production')
        .replace(/\{\w+\+?\}/g, MARK);
      const query = Object.fromEntries(
        Object.entries(asks()).flatMap(([name, value]) =>
          typeof value === 'object' && typeof value[0] === 'object'
            ? []
            : [[name, Array.isArray(value) ? value.map(String) : String(value)]],
        ),
      );
      const isOurs = route.dialect !== 'mlflow';
      const answer = await world.call(route.method, path, {
        token: stranger,
        ...(route.method === 'GET'
          ? { query: isOurs ? {} : query }
          : { json: isOurs ? (BODIES[route.id] ?? {}) : asks() }),
      });
      const foreign = isOurs ? [401, 500] : [401, 403, 405, 500];
      expect(foreign).not.toContain(answer.status);
      expect(await held()).toBe(before);
      // A path that was asked for may be quoted in a refusal; what is the owner's may not stand in an answer, or a link.
      if (answer.status < 400 && !MADE_UP.has(route.path)) {
        const text = answer.text + (answer.headers.location ?? '');
        // A link for an upload repeats the path that was asked for, below the stranger's own key.
        const others = text.replaceAll(/\bstranger\/artifacts\/[^"]*/g, '');
        expect(others).not.toContain(ids.run);
        expect(others).not.toMatch(/\bowner["/]/);
      }
    },
  );

  it('finds none of it in any search', async () => {
    const searches = mlflowRoutes.filter(({ method, path }) => method === 'POST' && path.endsWith('/search'));
    expect(searches.length).toBeGreaterThan(1);
    for (const { path } of searches) {
      const { status, text } = await world.call('POST', path, {
        token: stranger,
        json: { max_results: 100, experiment_ids: [ids.experiment], view_type: 'ALL', run_view_type: 'ALL' },
      });
      expect([path, status, text.includes(ids.run) || text.includes(ids.model)]).toEqual([path, 200, false]);
    }
  });

  it('and the owner still has all of it', async () => {
    const { json } = await world.call('GET', '/api/2.0/mlflow/experiments/get-by-name', {
      token: owner,
      query: { experiment_name: MARK },
    });
    const { experiment } = json;
    expect(experiment).toMatchObject({ experiment_id: ids.experiment, lifecycle_stage: 'active' });
    expect(await world.registry.getVersion('owner', MARK, '1')).toMatchObject({ stage: 'Production' });
    expect(world.objects.keys()).toContain(`owner/artifacts/${fileOfOwner()}`);
  });
});
