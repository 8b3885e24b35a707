import { apiRoutes } from '../../lib/http/routes/index.ts';
import { appOf, gatewayHandler } from '../shared/http.ts';
import { apiDeps } from '../shared/http-api.ts';

/** Every route; the gateway sends predictions to the lean function, but this one can answer them as well. */
export const handler = gatewayHandler(async () => {
  const { deps, tokens } = await apiDeps();
  return appOf(apiRoutes, deps, tokens);
});
