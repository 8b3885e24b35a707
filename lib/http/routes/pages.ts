import { exampleRow } from '../../serving/example-row.ts';
import type { ApiDeps } from '../deps.ts';
import { documentedModel } from '../documented-models.ts';
import { LANDING_SCRIPT_SOURCE, landingHtml } from '../pages/landing.ts';
import { HTML, pageHeaders } from '../pages/security.ts';
import { type Route, routeFor } from '../route.ts';
import { docsRoutes } from './docs.ts';

const route = routeFor<ApiDeps>();

/** Routes that a browser reads. The table is given by a function, because it holds these routes themselves. */
export function pageRoutes(table: () => readonly Route<ApiDeps>[]): Route<ApiDeps>[] {
  return [
    route({
      id: 'landingPage',
      method: 'GET',
      path: '/',
      permission: 'public',
      fn: 'api',
      tag: 'pages',
      summary: 'Where to go from here',
      responses: { 200: { description: 'A page', contentType: 'text/html' } },
      handle: async ({ deps }) => {
        const model =
          deps.defaultModel === undefined ? undefined : await documentedModel(deps, deps.defaultModel);
        const row = model === undefined ? { feature: 1 } : exampleRow(model);
        return {
          headers: pageHeaders(HTML, LANDING_SCRIPT_SOURCE),
          body: landingHtml({ version: deps.version, exampleRow: row }),
        };
      },
    }),
    ...docsRoutes(table),
  ];
}
