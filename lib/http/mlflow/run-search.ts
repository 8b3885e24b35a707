import { parseFilter, parseOrderBy } from '../../tracking/search/index.ts';
import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { enumeration, int32, repeated, string } from './fields.ts';
import { mlflowRoute } from './route.ts';
import { checkMaxResults, experimentIdOf, isHeldId, MAX_RESULTS } from './rules.ts';
import { runMessage } from './run-message.ts';

/** MLflow's default of a page. */
const PAGE = 1_000;
const VIEW_TYPES = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;

export const runSearchRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowSearchRuns',
    method: 'POST',
    path: '/api/2.0/mlflow/runs/search',
    permission: 'read',
    summary: 'Find runs by filter and order, child runs too',
    fields: {
      experiment_ids: repeated(string(), 'array'),
      filter: string('string'),
      run_view_type: enumeration(VIEW_TYPES),
      max_results: int32('int', { holds: (value) => Number(value) <= MAX_RESULTS }),
      order_by: repeated(string(), 'array', {
        holds: (value) => (value as unknown[]).every((item) => typeof item === 'string'),
      }),
      page_token: string(),
    },
    handle: async ({ deps, workspace, input }) => {
      // As in MLflow, what is wrong with the filter or the order is said before what is wrong with an id.
      const maxResults = checkMaxResults(input.max_results ?? PAGE);
      parseFilter(input.filter, 'run');
      parseOrderBy(input.order_by, 'run');
      const { runs, nextPageToken } = await deps.runs.search(workspace, {
        maxResults,
        experimentIds: input.experiment_ids.map(experimentIdOf).filter(isHeldId),
        filter: input.filter,
        viewType: input.run_view_type,
        orderBy: input.order_by,
        pageToken: input.page_token,
      });
      return {
        runs: runs.length === 0 ? undefined : runs.map((run) => runMessage(run)),
        next_page_token: nextPageToken,
      };
    },
  }),
];
