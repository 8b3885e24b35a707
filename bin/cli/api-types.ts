import type { PipelineSummary } from '../../lib/http/types.ts';
import type { RowExplanation } from '../../lib/learn/explain/explain-predictions.ts';
import type { Progress } from '../../lib/tracking/progress.ts';
import type {
  AliasAudit,
  Artifact,
  ListedPrediction,
  ModelVersion,
  RegisteredModel,
  Run,
  StageRecord,
  Token,
  Workspace,
} from '../../lib/tracking/types.ts';

export type { RegisteredImport } from '../../lib/pipeline/control/register-import.ts';

/** The API's answers as the command line reads them. */
export type RunDetail = Run & { stages: StageRecord[]; artifacts: Artifact[]; progress?: Progress };
export interface RunList {
  runs: Run[];
  cursor?: string;
}
export interface PipelineList {
  pipelines: PipelineSummary[];
}
export interface ModelList {
  models: RegisteredModel[];
}
export interface VersionList {
  versions: ModelVersion[];
}
export interface PredictionList {
  predictions: ListedPrediction[];
  cursor?: string;
}
export interface TokenList {
  tokens: Token[];
}
export interface CreatedToken {
  token: string;
  record: Token;
}
export interface WorkspaceList {
  workspaces: Workspace[];
}
export interface CreatedWorkspace extends CreatedToken {
  workspace: Workspace;
}
export interface AuditList {
  audit: AliasAudit[];
}
export interface LogLine {
  time?: string;
  stage?: string;
  level?: string;
  message?: string;
  [field: string]: unknown;
}
export interface Upload {
  uploadId: string;
  url: string;
  headers?: Record<string, string>;
}
export interface PredictionAnswer {
  model: string;
  version: string;
  requestId: string;
  predictions: { prediction: string | number; probabilities?: Record<string, number> }[];
  warnings?: unknown[];
  /** With `?explain=true`: one a row. */
  explanations?: RowExplanation[];
}

export interface ModelSchema {
  model: string;
  version: string;
  target: string;
  /** JSON Schema of one row. */
  schema: RowJsonSchema;
  example: Record<string, unknown>;
}
export interface RowJsonSchema {
  properties: Record<string, ColumnJsonSchema>;
  required: string[];
}
export interface ColumnJsonSchema {
  type: string | string[];
  enum?: (string | null)[];
  minimum?: number;
  maximum?: number;
}
export interface StageMove {
  model: string;
  version: string;
  stage: string;
  previousStage: string;
  archived: string[];
  aliases: Record<string, string>;
}
export interface AliasMoved {
  model: string;
  alias: string;
  version: string;
  previousVersion: string | null;
}

/** A run that has ended cannot change any more. */
export const hasEnded = (run: Pick<Run, 'status'>): boolean =>
  run.status === 'FINISHED' || run.status === 'FAILED' || run.status === 'KILLED';
