import { exampleRow } from '../../table/example-row.ts';
import type { ApiDeps } from '../deps.ts';
import { documentedModel } from '../documented-models.ts';
import { consoleHtml } from '../pages/console.ts';
import { HTML, inlineHash, pageHeaders, uploadOrigin } from '../pages/security.ts';
import { type Route, routeFor } from '../route.ts';
import { uploadUrlLike } from '../uploads.ts';
import { docsRoutes } from './docs.ts';

const route = routeFor<ApiDeps>();

/** Routes that a browser reads. The table is given by a function, because it holds these routes themselves. */
export function pageRoutes(table: () => readonly Route<ApiDeps>[]): Route<ApiDeps>[] {
  return [
    route({
      id: 'consolePage',
      method: 'GET',
      path: '/',
      permission: 'public',
      fn: 'api',
      tag: 'pages',
      summary: 'The console: runs, models, and a form for each model; it asks for a token',
      responses: { 200: { description: 'A page', contentType: 'text/html' } },
      handle: async ({ deps }) => {
        const model =
          deps.defaultModel === undefined ? undefined : await documentedModel(deps, deps.defaultModel);
        const text = async (name: string) =>
          Buffer.from(await deps.asset(`console/${name}`)).toString('utf8');
        const [script, style, upload] = await Promise.all([
          text('page.js'),
          text('page.css'),
          // Only its host is wanted, where a file that is to be predicted is put by its caller.
          uploadUrlLike(deps),
        ]);
        return {
          headers: pageHeaders(HTML, inlineHash(script), inlineHash(style), uploadOrigin(upload)),
          body: consoleHtml({
            script,
            style,
            version: deps.version,
            exampleRow: model === undefined ? { feature: 1 } : exampleRow(model),
          }),
        };
      },
    }),
    ...docsRoutes(table),
  ];
}
