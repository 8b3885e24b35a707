import * as z from 'zod';
import { NotFoundError } from '../../errors/index.ts';
import type { ApiDeps, ServingDeps } from '../deps.ts';
import { documentedModels } from '../documented-models.ts';
import { openApiDocument } from '../openapi.ts';
import { DOCS_INITIALIZER, docsHtml } from '../pages/docs.ts';
import { HTML, pageHeaders } from '../pages/security.ts';
import { type Route, routeFor } from '../route.ts';
import { nameParam } from '../schemas.ts';

/** What the document and its pages need: a server of one model has these too. */
export interface DocsDeps
  extends Pick<ServingDeps, 'serving' | 'defaultModel'>,
    Pick<ApiDeps, 'asset' | 'version'> {
  registry: Pick<ApiDeps['registry'], 'listModels'>;
}

/** What /docs loads, by name: nothing else beside the function can be asked for. */
const ASSET_TYPES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** The OpenAPI document of a route table, and Swagger UI over it. The table is given by a function, as it holds these too. */
export function docsRoutes<D extends DocsDeps>(table: () => readonly Route<D>[]): Route<D>[] {
  const route = routeFor<D>();
  return [
    route({
      id: 'openApi',
      method: 'GET',
      path: '/openapi.json',
      permission: 'public',
      fn: 'api',
      tag: 'pages',
      summary: 'This API as an OpenAPI 3.1 document, with the row schemas of the promoted models',
      responses: { 200: { description: 'The document', schema: z.looseObject({ openapi: z.string() }) } },
      handle: async ({ deps }) => ({
        body: openApiDocument(table(), {
          version: deps.version,
          models: await documentedModels(deps),
          defaultModel: deps.defaultModel,
        }),
      }),
    }),
    route({
      id: 'docs',
      method: 'GET',
      path: '/docs',
      permission: 'public',
      fn: 'api',
      tag: 'pages',
      summary: 'Swagger UI',
      responses: { 200: { description: 'A page', contentType: 'text/html' } },
      handle: ({ request }) => ({
        headers: pageHeaders(HTML, "'self'"),
        body: docsHtml(request.trailingSlash),
      }),
    }),
    route({
      id: 'docsAsset',
      method: 'GET',
      path: '/docs/{asset}',
      permission: 'public',
      fn: 'api',
      tag: 'pages',
      summary: 'The files of /docs',
      request: { params: z.object({ asset: nameParam }) },
      responses: {
        200: { description: 'The file', contentType: 'application/octet-stream' },
        404: { description: 'No such file' },
      },
      handle: async ({ deps, params: { asset } }) => {
        const headers = { 'cache-control': 'public, max-age=3600' };
        if (asset === 'swagger-initializer.js') {
          return {
            headers: { ...headers, 'content-type': 'text/javascript; charset=utf-8' },
            body: DOCS_INITIALIZER,
          };
        }
        const type = Object.hasOwn(ASSET_TYPES, asset) ? ASSET_TYPES[asset] : undefined;
        if (type === undefined) throw new NotFoundError(`no file "${asset}"`, { field: 'asset' });
        const bytes = await deps.asset(`swagger-ui/${asset}`);
        // Text goes as text: a gateway that is not asked for binary types passes base64 on as it is.
        const body = type.startsWith('text/') ? Buffer.from(bytes).toString('utf8') : bytes;
        return { headers: { ...headers, 'content-type': type }, body };
      },
    }),
  ];
}
