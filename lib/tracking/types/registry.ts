import type { ModelStage } from '../model-stage.ts';
import type { SplitAudit } from '../splits/types.ts';

/** Models, their versions, and who changed what of them. */

export interface RegisteredModel {
  workspace: string;
  name: string;
  createdAt: string;
  description?: string;
  tags: Record<string, string>;
  /** Alias to version. */
  aliases: Record<string, string>;
  /** Alias to the version that a rollback would give it back to; absent where none can go back. */
  previous?: Record<string, string>;
  /** The highest number of the versions there are; 0 where there is none. */
  latestVersion: number;
  policy: ModelPolicy;
  /** When it was described, renamed, or a version made, moved between stages or deleted. Absent: `createdAt`. */
  lastUpdated?: string;
}

/** What a model's versions must have been through. */
export interface ModelPolicy {
  /** Only a version in stage Staging may come to hold `production`; a rollback may always. */
  requireStaging: boolean;
}

/** The model file that Arboleda itself trains, reads and serves. A version has all of it or, made elsewhere, nothing of it. */
export interface OwnModel {
  /** The S3 key of the model file, `models/<sha256>.arbm`. */
  modelKey: string;
  modelSha256: string;
  sizeBytes: number;
  algorithm: string;
  task: 'classification' | 'regression';
}

/** Where a version comes from, in MLflow's words. */
export interface VersionOrigin {
  runId?: string;
  /** The URI that it was registered from. */
  source?: string;
  /** Where its files are, if `source` is a reference to another model. */
  storageLocation?: string;
  /** The logged model that it is a version of. */
  modelId?: string;
  runLink?: string;
  userId?: string;
}

/** What a caller gives to make a model version. */
export interface NewModelVersion extends VersionOrigin, Partial<OwnModel> {
  /** The same identity is the same version: `${runId}/${modelSha256}`, say. */
  identity: string;
  description?: string;
  metrics?: Record<string, number>;
  tags?: Record<string, string>;
}

export interface ModelVersion extends VersionOrigin, Partial<OwnModel> {
  workspace: string;
  name: string;
  version: string;
  description?: string;
  statusMessage?: string;
  metrics: Record<string, number>;
  tags: Record<string, string>;
  createdAt: string;
  /** When it was described or moved to another stage. Absent: `createdAt`. */
  lastUpdated?: string;
  /** MLflow's stage, an attribute. The version that holds the alias `production` is in Production. */
  stage: ModelStage;
}

/** A version that went from one stage to another. */
export interface StageChange {
  version: string;
  from: ModelStage;
  to: ModelStage;
}

/** A version that is no more. Its number is not given again. */
export interface DeletedVersion {
  version: string;
  stage: ModelStage;
  /** The aliases that it held, which hold nothing since. */
  aliases: string[];
}

/** One change of a model's aliases, its versions' stages, its policy, traffic split or name: written in the same transaction. */
export interface AliasAudit {
  /** Its name at the time. */
  model: string;
  /** `move` and `rollback` of an alias; `stage`: a transition, which may move `production`; `policy`; `delete` of a version; `split`. */
  kind?: 'move' | 'rollback' | 'stage' | 'policy' | 'delete' | 'rename' | 'split';
  /** The alias that moved, if one did. */
  alias?: string;
  fromVersion?: string;
  /** Absent where the alias was taken away. */
  toVersion?: string;
  /** The versions whose stage changed. */
  stages?: StageChange[];
  /** The policy from then on. */
  requireStaging?: boolean;
  deleted?: DeletedVersion;
  /** The name that it had before. */
  renamedFrom?: string;
  actor: string;
  reason: string;
  at: string;
  /** What became of the traffic split. */
  split?: SplitAudit;
  /** The source that the same transaction gave back to the pipeline of the version. */
  data?: { pipeline: string; sha256: string };
}
