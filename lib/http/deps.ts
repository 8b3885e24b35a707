import type { Datasets } from '../pipeline/datasets/index.ts';
import type { RunReports } from '../pipeline/run-reports/index.ts';
import type { PredictionService } from '../serving/index.ts';
import type { Monitoring } from '../serving/monitor/index.ts';
import type { Clock, ObjectStore } from '../store/ports.ts';
import type {
  Artifacts,
  ClientRuns,
  Experiments,
  LoggedModels,
  PredictionLog,
  Registry,
  Runs,
  Splits,
  Stages,
  Tokens,
  Workspaces,
} from '../tracking/index.ts';
import type { RunControl } from './types.ts';

/** What the serving routes need: all that the lean predict function is given. */
export interface ServingDeps {
  serving: Pick<PredictionService, 'predict' | 'load'>;
  predictions: Pick<PredictionLog, 'record' | 'recordBatch'>;
  clock: Clock;
  /** The registered model that POST /predict and /health speak of. */
  defaultModel: string | undefined;
}

/** What all routes need. */
export interface ApiDeps extends ServingDeps {
  predictions: Pick<PredictionLog, 'record' | 'recordBatch' | 'get' | 'list' | 'facts'>;
  objects: Pick<ObjectStore, 'get' | 'head' | 'list' | 'put' | 'putIfAbsent' | 'presignGet' | 'presignPut'>;
  experiments: Pick<
    Experiments,
    'get' | 'list' | 'all' | 'getByName' | 'create' | 'rename' | 'setTag' | 'deleteTag' | 'setLifecycle'
  >;
  runs: Pick<
    Runs,
    | 'get'
    | 'detail'
    | 'list'
    | 'search'
    | 'metricHistory'
    | 'listArtifacts'
    | 'create'
    | 'nextAttempt'
    | 'setLineage'
    | 'addArtifact'
    | 'addModelOutputs'
    | 'setTags'
    | 'finish'
  >;
  /** Runs as MLflow's clients make and log them. */
  clientRuns: Pick<
    ClientRuns,
    | 'create'
    | 'get'
    | 'update'
    | 'setLifecycle'
    | 'logBatch'
    | 'deleteTag'
    | 'logInputs'
    | 'logOutputs'
    | 'addModelToHistory'
    | 'history'
    | 'sample'
  >;
  stages: Pick<Stages, 'list'>;
  loggedModels: Pick<
    LoggedModels,
    | 'create'
    | 'get'
    | 'finalize'
    | 'delete'
    | 'setTags'
    | 'changeTag'
    | 'deleteTag'
    | 'logParams'
    | 'logMetrics'
    | 'search'
  >;
  /** Files of runs and logged models. */
  artifacts: Pick<
    Artifacts,
    | 'put'
    | 'list'
    | 'download'
    | 'remove'
    | 'openUpload'
    | 'completeUpload'
    | 'abortUpload'
    | 'ofRun'
    | 'findOfRun'
  >;
  registry: Pick<
    Registry,
    | 'getModel'
    | 'listModels'
    | 'listModelsInProduction'
    | 'getVersion'
    | 'listVersions'
    | 'moveAlias'
    | 'transitionStage'
    | 'setPolicy'
    | 'rollback'
    | 'audit'
    | 'resolve'
    | 'exportVersion'
    | 'createModel'
    | 'createVersion'
    | 'createNewModel'
    | 'modelWithVersions'
    | 'deleteAlias'
    | 'deleteVersion'
    | 'deleteModel'
    | 'renameModel'
    | 'setDescription'
    | 'changeTags'
    | 'searchModels'
    | 'searchVersions'
  >;
  splits: Pick<Splits, 'get' | 'set' | 'stop' | 'promote'>;
  tokens: Pick<Tokens, 'create' | 'list' | 'revoke'>;
  workspaces: Pick<Workspaces, 'create' | 'ensure' | 'list'>;
  control: RunControl;
  /** Traffic, feedback, drift and alarms of models. */
  monitoring: Pick<Monitoring, 'feedback' | 'traffic' | 'reports' | 'report' | 'alarms' | 'watch'>;
  /** What a run found, used and cost, and the version that is made from it. */
  runReports: Pick<RunReports, 'report' | 'data' | 'quarantine' | 'lineage' | 'cost' | 'register'>;
  /** Data by its hash, what differs, and the way back to it. */
  datasets: Pick<Datasets, 'list' | 'describe' | 'file' | 'diff' | 'diffVersions' | 'rollBack' | 'release'>;
  reconcile(workspace: string, options: { fix: boolean }): Promise<readonly object[]>;
  /** A static file that is deployed beside the function, such as `swagger-ui/swagger-ui.css`. Throws NotFoundError. */
  asset(name: string): Promise<Uint8Array>;
  /** The platform's version, for the OpenAPI document. */
  version: string;
}

/** The workspace that unauthenticated routes speak of: the one that a deploy makes. */
export const PUBLIC_WORKSPACE = 'default';
