import * as z from 'zod';
import { CHAMPION } from '../../serving/index.ts';
import { checkInterchangeable } from '../../serving/traffic/interchangeable.ts';
import { NoChampionError } from '../../tracking/splits/errors.ts';
import { versionReports } from '../../tracking/splits/report.ts';
import { SPLIT_KINDS } from '../../tracking/splits/types.ts';
import type { PredictionFacts } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import { keepSnapshots } from '../keep-snapshots.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { aliasMove, nameParam, versionQuery } from '../schemas.ts';
import { split, splitArms, splitGuard, splitShadows, versionReport } from '../split-schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
const reason = z.string().max(1000);
const path = '/models/{name}/split';

/** Requests of a report: it is read as often as a page is looked at. */
const REPORTED = 2_000;

const splitBody = z
  .strictObject({
    kind: z.enum(SPLIT_KINDS),
    arms: splitArms,
    shadows: splitShadows.optional(),
    guard: splitGuard.optional(),
    revision: z
      .int()
      .nullable()
      .optional()
      .meta({ description: 'Only if the split is at this revision now; null: only if there is none' }),
    reason,
  })
  .meta({
    id: 'SplitRequest',
    examples: [
      {
        kind: 'ab',
        arms: [
          { version: '1', weight: 90 },
          { version: '2', weight: 10 },
        ],
        reason: 'is version 2 better?',
      },
    ],
  });

const conflict = {
  description:
    'SPLIT_CHANGED, ALIAS_MOVED: another change came first; NO_CHAMPION, SPLIT_MISMATCH, STAGING_REQUIRED',
};

/** How a model's traffic is divided: A/B, shadows, and blue-green with a guard. */
export const splitRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getSplit',
    method: 'GET',
    path,
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: "How a model's traffic is split beside the version in production",
    request: { params },
    responses: {
      200: {
        description: 'null where the champion answers everything',
        schema: z.object({ split: split.nullable() }),
      },
    },
    handle: async (context) => ({
      body: { split: await context.deps.splits.get(callerOf(context).workspace, context.params.name) },
    }),
  }),
  route({
    id: 'getSplitReport',
    method: 'GET',
    path: `${path}/report`,
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary:
      'Versions side by side: requests, failures and latencies of the newest 2,000 requests that a split shared out',
    request: { params },
    responses: {
      200: {
        description:
          'Those that answered and those that ran in the shadow, since the split was begun or last reverted',
        schema: z.object({ split: split.nullable(), versions: z.array(versionReport) }),
      },
    },
    handle: async (context) => {
      const { deps, params: given } = context;
      const { workspace } = callerOf(context);
      const found = await deps.splits.get(workspace, given.name);
      const facts: PredictionFacts[] = [];
      if (found !== null) {
        const since = { from: found.createdAt, limit: REPORTED };
        for await (const one of deps.predictions.facts(workspace, given.name, since)) {
          if (one.splitRevision !== undefined) facts.push(one);
        }
      }
      return { body: { split: found, versions: versionReports(facts) } };
    },
  }),
  route({
    id: 'setSplit',
    method: 'PUT',
    path,
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: 'Split the traffic, or change how it is split: weights, shadows, guard; with an audit record',
    request: { params, body: splitBody },
    responses: {
      200: { description: 'The split as it runs now', schema: z.object({ split }) },
      404: { description: 'No such model or version' },
      409: conflict,
    },
    handle: async (context) => {
      const { deps, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const { name: model } = context.params;
      const { revision, reason: why, ...wanted } = body;
      const champion = await championOf(deps, workspace, model);
      const versions = [...wanted.arms.map(({ version }) => version), ...(wanted.shadows ?? [])];
      await checkVersions(deps, workspace, model, champion, versions);
      const set = await deps.splits.set(workspace, {
        model,
        split: wanted,
        expectedRevision: revision,
        expectedChampion: champion,
        actor,
        reason: why,
      });
      await keepSnapshots(deps, workspace, model, [champion]);
      return { body: { split: set } };
    },
  }),
  route({
    id: 'stopSplit',
    method: 'DELETE',
    path,
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: 'Stop the split: the champion answers everything; without one nothing happens',
    request: {
      params,
      query: z.object({
        revision: z
          .string()
          .regex(/^\d{1,9}$/, 'a revision as digits')
          .transform(Number)
          .optional()
          .meta({ description: 'Only if the split is at this revision now' }),
        reason: reason.optional(),
      }),
    },
    responses: {
      200: {
        description: 'The split as it was; null where there was none',
        schema: z.object({ split: z.null(), stopped: split.nullable() }),
      },
      409: conflict,
    },
    handle: async (context) => {
      const { deps, query, params: given } = context;
      const { workspace, name: actor } = callerOf(context);
      const { name: model } = given;
      const stopped = await deps.splits.stop(workspace, {
        model,
        ...(query.revision !== undefined && { expectedRevision: query.revision }),
        actor,
        reason: query.reason ?? 'stopped by a caller',
      });
      await keepSnapshots(deps, workspace, model, [await holderOf(deps, workspace, model)]);
      return { body: { split: null, stopped } };
    },
  }),
  route({
    id: 'promoteSplit',
    method: 'POST',
    path: `${path}/promote`,
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: 'Give production to a version of the split and end the split, in one transaction',
    request: {
      params,
      body: z.strictObject({
        version: versionQuery.optional().meta({
          description: 'Absent: the one version beside the champion; with it a repeat does no more',
        }),
        revision: z.int().optional().meta({ description: 'Only if the split is at this revision now' }),
        reason,
      }),
    },
    responses: {
      200: { description: 'What production holds now', schema: aliasMove },
      409: {
        description:
          'NO_SPLIT, SPLIT_REVERTED (name the version to promote it all the same), SPLIT_CHANGED, STAGING_REQUIRED',
      },
    },
    handle: async (context) => {
      const { deps, body } = context;
      const { workspace, name: actor } = callerOf(context);
      const { version: wanted, revision, reason: why } = body;
      const done = await deps.splits.promote(workspace, {
        model: context.params.name,
        ...(wanted !== undefined && { version: wanted }),
        ...(revision !== undefined && { expectedRevision: revision }),
        actor,
        reason: why,
      });
      const { model, version, previousVersion } = done;
      await keepSnapshots(deps, workspace, model.name, [version, previousVersion]);
      const { name, aliases } = model;
      return { body: { model: name, alias: CHAMPION, version, previousVersion, aliases } };
    },
  }),
];

const holderOf = async (deps: ApiDeps, workspace: string, model: string): Promise<string | undefined> =>
  (await deps.registry.getModel(workspace, model)).aliases[CHAMPION];

async function championOf(deps: ApiDeps, workspace: string, model: string): Promise<string> {
  const champion = await holderOf(deps, workspace, model);
  if (champion !== undefined) return champion;
  throw new NoChampionError(`no version of model ${model} holds ${CHAMPION}`);
}

/** Each version is loaded before it gets traffic: one whose file is gone, or that takes other rows, gets none. */
async function checkVersions(
  deps: ApiDeps,
  workspace: string,
  model: string,
  champion: string,
  versions: readonly string[],
): Promise<void> {
  const loaded = await deps.serving.load(workspace, model, { version: champion });
  for (const version of new Set(versions)) {
    if (version === champion) continue;
    checkInterchangeable(loaded, await deps.serving.load(workspace, model, { version }));
  }
}
