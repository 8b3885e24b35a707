/** Experiments, runs, metrics, artifacts, lineage; the registry; pipeline state; tokens; the prediction log. */
export * from './artifacts/index.ts';
export * from './client-runs/index.ts';
export * from './collection.ts';
export * from './collection-types.ts';
export * from './errors.ts';
export { requireActive } from './experiment-item.ts';
export { Experiments } from './experiments.ts';
export * from './logged-models/index.ts';
export {
  formatModelReference,
  InvalidReferenceError,
  type ModelReference,
  parseModelReference,
  selectorOf,
  type VersionSelector,
} from './model-reference.ts';
export {
  isActive,
  MODEL_STAGES,
  type ModelStage,
  PRODUCTION_ALIAS,
  parseStage,
  readStage,
} from './model-stage.ts';
export {
  checkAlias,
  checkArtifactPath,
  checkExperimentName,
  checkModelName,
  checkPipelineName,
  checkRequestId,
  checkRunId,
  checkVersion,
  checkWorkspace,
} from './names.ts';
export { trackingOver } from './over.ts';
export { isOwn, ownModel } from './own-model.ts';
export { type Acquired, type LastResult, PipelineState } from './pipeline-state.ts';
export { predictionFacts } from './prediction-facts.ts';
export { PredictionLog } from './prediction-log.ts';
export type { PredictionFilter } from './prediction-page.ts';
export { ITEMS_TAG, type Progress, trainingProgress } from './progress.ts';
export { type Finding, type FindingKind, type ReconcileStores, reconcile } from './reconcile/index.ts';
export { type AliasMove, Registry, type RegistryExport } from './registry.ts';
export { type Found, type RegistrySearch, sourceOf } from './registry-search.ts';
export type { StageTransition, TransitionResult } from './registry-stages.ts';
export { isTerminal } from './run-item.ts';
export { PARENT_RUN_TAG } from './run-writes.ts';
export { type RunBatch, type RunFilter, Runs } from './runs.ts';
export {
  type NewRunSnapshot,
  type RunSnapshot,
  readSnapshot,
  runSnapshotSchema,
  type SnapshotSources,
  snapshotKey,
  snapshotRun,
  writeSnapshot,
} from './snapshot.ts';
export * from './splits/index.ts';
export { Stages } from './stages.ts';
export { DEFAULT_WORKSPACE, TOKEN_PREFIX, Tokens } from './tokens.ts';
export * from './types.ts';
export { Workspaces } from './workspaces.ts';
