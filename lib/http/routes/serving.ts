import type { ServingDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { healthRoutes } from './health.ts';
import { invocationRoutes } from './invocations.ts';
import { predictRoutes } from './predict.ts';

/** The routes of the lean predict function. Imports nothing that only other routes need. */
export const servingRoutes: readonly Route<ServingDeps>[] = [
  ...healthRoutes,
  ...predictRoutes,
  ...invocationRoutes,
];
