import { servingRoutes } from '../../lib/http/routes/serving.ts';
import { appOf, gatewayHandler, servingDeps } from '../shared/http.ts';

/** POST /predict, POST /models/{name}/predict, GET /health: the lean function, for a short cold start. */
export const handler = gatewayHandler(async () => {
  const { deps, tokens } = servingDeps();
  return appOf(servingRoutes, deps, tokens);
});
