/** Operations that are asked together by the long run: each a few minutes, so that a failure is seen early. */
export const GROUPS: readonly (readonly [name: string, paths: string])[] = [
  ['pages and health', '^/(|openapi\\.json|docs.*|health|ping|version)$'],
  ['prediction', '/(predict|invocations)$'],
  [
    'predictions, feedback, watching',
    '^/predictions|^/models/[^/]+/(feedback|traffic|drift.*|alarms|monitor)$',
  ],
  ['batches and splits', '^/models/[^/]+/(batch-predictions|split)'],
  ['pipelines', '^/pipelines(/[^/]+(/(dag|history|runs|schedule|collector|collector/poll))?)?$'],
  ['stages', '^/pipelines/[^/]+/(stages/.*|download|clean|train)$'],
  ['data', '^/(data|datasets)|^/pipelines/[^/]+/data$'],
  ['runs: reading', '^/runs(/[^/]+(/(metrics/.*|logs|artifacts.*))?)?$|^/experiments'],
  [
    'runs: more of them',
    '^/runs/[^/]+/(diff|cancel|retry|report|data|quarantine|lineage|cost|register|rerun)$',
  ],
  ['models', '^/models(/[^/]+(/(versions.*|audit|schema|aliases/.*|rollback|policy))?)?$'],
  ['access and upkeep', '^/(me|tokens|workspaces|admin)'],
  ['MLflow: experiments', '^/api/2.0/mlflow/experiments/'],
  ['MLflow: logged models', '^/api/2.0/mlflow/logged-models'],
  ['MLflow: runs', '^/api/(2.0/mlflow/(runs|metrics)/|3.0/)'],
  ['MLflow: registered models', '^/api/2.0/mlflow/registered-models/'],
  ['MLflow: model versions', '^/api/2.0/mlflow/model-versions/'],
  ['MLflow: artifacts', '^/api/2.0/(mlflow-artifacts|mlflow/artifacts)'],
];
