import type { ApiDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { artifactRoutes } from './artifacts.ts';
import { experimentSearchRoutes } from './experiment-search.ts';
import { experimentRoutes } from './experiments.ts';
import { loggedModelRoutes } from './logged-models.ts';
import { metricRoutes } from './metrics.ts';
import { modelAliasRoutes } from './model-aliases.ts';
import { modelVersionRoutes } from './model-versions.ts';
import { proxiedArtifactRoutes } from './proxied-artifacts.ts';
import { registeredModelRoutes } from './registered-models.ts';
import { runLinkRoutes } from './run-links.ts';
import { runLoggingRoutes } from './run-logging.ts';
import { runSearchRoutes } from './run-search.ts';
import { runRoutes } from './runs.ts';
import { serverRoutes } from './server.ts';

/** The routes of MLflow's protocol: a part of the one route table. */
export const mlflowRoutes: readonly Route<ApiDeps>[] = [
  ...serverRoutes,
  ...experimentRoutes,
  ...experimentSearchRoutes,
  ...loggedModelRoutes,
  ...runRoutes,
  ...runSearchRoutes,
  ...runLoggingRoutes,
  ...runLinkRoutes,
  ...metricRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
  ...modelAliasRoutes,
  ...artifactRoutes,
  ...proxiedArtifactRoutes,
];
