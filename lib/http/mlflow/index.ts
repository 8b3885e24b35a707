import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { loggedModelRoutes } from './logged-models.ts';

/** The routes of MLflow's protocol: a part of the one route table. */
export const mlflowRoutes: readonly Route<ApiDeps>[] = [...loggedModelRoutes];
