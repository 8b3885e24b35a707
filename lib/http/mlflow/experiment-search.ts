import type { Subject } from '../../tracking/search/index.ts';
import {
  comparator,
  decodePageToken,
  encodePageToken,
  matches,
  parseFilter,
  parseOrderBy,
} from '../../tracking/search/index.ts';
import type { Experiment, LifecycleStage } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { toMlflowExperiment } from './experiments.ts';
import { enumeration, int64, repeated, string } from './fields.ts';
import { mlflowRoute } from './route.ts';
import { checkMaxResults } from './rules.ts';

const BASE = '/api/2.0/mlflow/experiments';

/** MLflow's view types, for whatever has a lifecycle. */
export const VIEW_TYPES = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;
export type ViewType = keyof typeof VIEW_TYPES;

/** What a view type shows; absent: what is active. */
export const isInView = (stage: LifecycleStage, view: ViewType = 'ACTIVE_ONLY'): boolean =>
  view === 'ALL' || (view === 'ACTIVE_ONLY') === (stage === 'active');

/** A page must fit into a function's answer; what is left comes with the next token. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

interface Search {
  view: ViewType | undefined;
  maxResults: number;
  filter: string | undefined;
  orderBy: readonly string[];
  pageToken: string | undefined;
}

/** Experiments are few, hundreds at most: the whole partition is read, and searched in memory. */
async function search(deps: ApiDeps, workspace: string, asked: Search): Promise<object> {
  const { view = 'ACTIVE_ONLY', maxResults, filter, orderBy, pageToken } = asked;
  checkMaxResults(maxResults);
  const clauses = parseFilter(filter ?? '', 'experiment');
  const order = comparator(parseOrderBy(orderBy, 'experiment'));
  const query = ['experiments', workspace, view, filter ?? '', orderBy];
  const from = decodePageToken<number>(query, pageToken) ?? 0;
  const found = (await deps.experiments.all(workspace))
    .filter(({ lifecycleStage }) => isInView(lifecycleStage, view))
    .map((experiment) => ({ experiment, subject: subjectOf(experiment) }))
    .filter(({ subject }) => matches(clauses, subject))
    .sort((a, b) => order(a.subject, b.subject));
  const page: object[] = [];
  let bytes = 0;
  for (const { experiment } of found.slice(from, from + maxResults)) {
    const shown = toMlflowExperiment(experiment);
    bytes += Buffer.byteLength(JSON.stringify(shown));
    if (bytes > MAX_PAGE_BYTES && page.length > 0) break;
    page.push(shown);
  }
  const to = from + page.length;
  return {
    ...(page.length > 0 && { experiments: page }),
    ...(to < found.length && page.length > 0 && { next_page_token: encodePageToken(query, to) }),
  };
}

function subjectOf(experiment: Experiment): Subject {
  return {
    attributes: {
      experiment_id: Number(experiment.experimentId),
      name: experiment.name,
      creation_time: Date.parse(experiment.createdAt),
      last_update_time: Date.parse(experiment.lastUpdateTime),
    },
    tags: experiment.tags,
  };
}

const fields = {
  view_type: enumeration(VIEW_TYPES, 'int'),
  max_results: int64('int'),
  order_by: repeated(string(), 'array'),
  filter: string('string'),
  page_token: string('string'),
};

export const experimentSearchRoutes: Route<ApiDeps>[] = [
  ...(['POST', 'GET'] as const).map((method) =>
    mlflowRoute({
      id: method === 'POST' ? 'mlflowSearchExperiments' : 'mlflowSearchExperimentsByGet',
      method,
      path: `${BASE}/search`,
      permission: 'read',
      summary: 'Search experiments',
      fields,
      handle: ({ deps, workspace, input }) =>
        search(deps, workspace, {
          view: input.view_type,
          // Like MLflow's server, which has no default here: its clients always send one.
          maxResults: input.max_results ?? 0,
          filter: input.filter,
          orderBy: input.order_by,
          pageToken: input.page_token,
        }),
    }),
  ),
  mlflowRoute({
    id: 'mlflowListExperiments',
    method: 'GET',
    path: `${BASE}/list`,
    permission: 'read',
    summary: 'All experiments, for clients from before experiments/search',
    fields: { view_type: fields.view_type, max_results: fields.max_results, page_token: fields.page_token },
    handle: ({ deps, workspace, input }) =>
      search(deps, workspace, {
        view: input.view_type,
        maxResults: input.max_results ?? 1000,
        filter: undefined,
        orderBy: ['experiment_id ASC'],
        pageToken: input.page_token,
      }),
  }),
];
