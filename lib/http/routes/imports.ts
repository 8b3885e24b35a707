import * as z from 'zod';
import { registerImport } from '../../pipeline/control/register-import.ts';
import { checkServedBytes, readServable } from '../../serving/servable.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam } from '../schemas.ts';
import { fileName, readUpload, sha256Hex, uploadId } from '../uploads.ts';

const route = routeFor<ApiDeps>();

const source = z
  .strictObject({
    fileName,
    format: z.enum(['onnx', 'ml-random-forest']),
    bytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    sha256: sha256Hex,
    producer: z
      .string()
      .regex(/^\P{C}{1,200}$/u, 'visible characters, 1 to 200')
      .optional()
      .meta({ description: 'What wrote it, as the file says', examples: ['skl2onnx 1.19'] }),
  })
  .meta({
    id: 'ImportSource',
    description: 'The file that the model was converted from; it is not uploaded',
  });

const registered = z
  .object({
    model: z.string(),
    version: z.string(),
    runId: z.string().meta({ description: 'The run that keeps where the version came from' }),
    modelSha256: z.string(),
    created: z.boolean().meta({ description: 'False where the same file was registered before' }),
  })
  .meta({ id: 'RegisteredImport' });

export const importRoutes: Route<ApiDeps>[] = [
  route({
    id: 'registerImport',
    method: 'POST',
    path: '/models/{name}/versions',
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary:
      'Register an uploaded model file, trained elsewhere, as the next version; the same file is the same version',
    request: {
      params: z.object({ name: nameParam }),
      body: z.strictObject({ uploadId, source }),
    },
    responses: {
      200: { description: 'The version, ready to be promoted and to predict', schema: registered },
      409: { description: 'The file was not put yet' },
      413: { description: 'The model is larger than a function can serve' },
      422: { description: 'The bytes are not what was declared, no sound model file, or cannot be served' },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const { workspace, tokenId: actor } = callerOf(context);
      const { bytes, declared } = await readUpload(deps.objects, workspace, body.uploadId, checkServedBytes);
      // Nothing is written before the file is known to be sound and servable.
      const loaded = readServable(bytes, params.name);
      const { sha256 } = declared;
      const { source } = body;
      return {
        body: await registerImport(deps, workspace, {
          model: params.name,
          loaded,
          bytes,
          sha256,
          source,
          actor,
        }),
      };
    },
  }),
];
