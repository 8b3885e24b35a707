import { beforeAll, describe, expect, it } from 'vitest';
import { mlflowRoutes } from '../../../../lib/http/mlflow/index.ts';
import { makeWorld, type World } from '../support/world.ts';

/**
 * Every route of MLflow's protocol, called by the admin of another workspace with the ids and names of this one: nothing of
 * the owner's comes out, and nothing of his changes. Requests ignore fields they do not know, so one body asks all of them.
 */

const MARK = 'owners-own-secret';
let world: World;
let owner: string;
let stranger: string;
const ids = { experiment: '', run: '', model: '' };

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

const itemsOf = (workspace: string) =>
  world.items.dump().filter(({ pk }: { pk: string }) => pk.startsWith(`${workspace}#`));

describe('a stranger with the role of an admin', () => {
  it.each(mlflowRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      const before = JSON.stringify(itemsOf('owner'));
      const path = route.path
        .replace('{model_id}', ids.model)
        .replace(/\{path\+\}/, `${ids.experiment}/${ids.run}/artifacts/${MARK}`)
        .replace(/\{\w+\+?\}/g, MARK);
      const query = Object.fromEntries(
        Object.entries(asks()).flatMap(([name, value]) =>
          typeof value === 'object' && typeof value[0] === 'object'
            ? []
            : [[name, Array.isArray(value) ? value.map(String) : String(value)]],
        ),
      );
      const answer = await world.call(route.method, path, {
        token: stranger,
        ...(route.method === 'GET' ? { query } : { json: asks() }),
      });
      expect([401, 403, 405, 500]).not.toContain(answer.status);
      expect(JSON.stringify(itemsOf('owner'))).toBe(before);
      // What it asked for may be quoted in a refusal; what is the owner's may not stand in an answer.
      if (answer.status < 300) {
        // A link for an upload repeats the path that was asked for, below the stranger's own key.
        const others = answer.text.replaceAll(/\bstranger\/artifacts\/[^"]*/g, '');
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
  });
});
