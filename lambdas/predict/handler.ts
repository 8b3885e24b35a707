import { servingRoutes } from '../../lib/http/routes/serving.ts';
import { openServingStores, readEnvironment } from '../../lib/store/index.ts';
import { RegistryReader } from '../../lib/tracking/registry-reader.ts';
import { SplitTraffic } from '../../lib/tracking/splits/traffic.ts';
import { appOf, clock, gatewayHandler, servingSide } from '../shared/http.ts';

/**
 * POST /predict, POST /models/{name}/predict, GET /health: the lean function, for a short cold start. It carries what a
 * prediction needs and no more (docs/decisions/0023), so it opens its own stores and reads, and does not change, the registry.
 */
export const handler = gatewayHandler(async () => {
  const environment = readEnvironment(process.env);
  const stores = openServingStores(environment);
  const { deps, tokens } = servingSide(environment, stores, {
    registry: new RegistryReader(stores.items, clock),
    traffic: new SplitTraffic(stores.items, clock),
  });
  return appOf(servingRoutes, deps, tokens);
});
