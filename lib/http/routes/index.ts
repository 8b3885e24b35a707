import type { ApiDeps } from '../deps.ts';
import { mlflowRoutes } from '../mlflow/index.ts';
import type { Route } from '../route.ts';
import { adminRoutes } from './admin.ts';
import { aliasRoutes } from './aliases.ts';
import { batchRoutes } from './batch-predictions.ts';
import { collectorRoutes } from './collector.ts';
import { dataRoutes } from './data.ts';
import { datasetRoutes } from './datasets.ts';
import { experimentRoutes } from './experiments.ts';
import { feedbackRoutes } from './feedback.ts';
import { importRoutes } from './imports.ts';
import { meRoutes } from './me.ts';
import { modelSchemaRoutes } from './model-schema.ts';
import { modelStageRoutes } from './model-stages.ts';
import { modelRoutes } from './models.ts';
import { monitoringRoutes } from './monitoring.ts';
import { pageRoutes } from './pages.ts';
import { pipelineRoutes } from './pipelines.ts';
import { predictionRoutes } from './predictions.ts';
import { runControlRoutes } from './run-control.ts';
import { runReportRoutes } from './run-reports.ts';
import { runRoutes } from './runs.ts';
import { servingRoutes } from './serving.ts';
import { splitRoutes } from './splits.ts';
import { stageRoutes } from './stages.ts';
import { tokenRoutes } from './tokens.ts';
import { workspaceRoutes } from './workspaces.ts';

/** The whole route table: what the api function serves. */
export const apiRoutes: readonly Route<ApiDeps>[] = [
  ...pageRoutes(() => apiRoutes),
  ...servingRoutes,
  ...predictionRoutes,
  ...batchRoutes,
  ...feedbackRoutes,
  ...monitoringRoutes,
  ...pipelineRoutes,
  ...stageRoutes,
  ...collectorRoutes,
  ...dataRoutes,
  ...datasetRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...runControlRoutes,
  ...runReportRoutes,
  ...modelRoutes,
  ...modelSchemaRoutes,
  ...importRoutes,
  ...aliasRoutes,
  ...modelStageRoutes,
  ...meRoutes,
  ...splitRoutes,
  ...tokenRoutes,
  ...workspaceRoutes,
  ...adminRoutes,
  ...mlflowRoutes,
];
