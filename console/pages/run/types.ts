import type { Progress } from '../../../lib/tracking/progress.ts';
import type { Artifact, Run, StageRecord } from '../../../lib/tracking/types.ts';

/** A run as `GET /runs/{id}` gives it. */
export type Detail = Run & { stages: StageRecord[]; artifacts: Artifact[]; progress?: Progress };

/** The tag of a candidate's run that names the run that it is a part of. */
export const PARENT = 'mlflow.parentRunId';

export const TABS = ['overview', 'evaluation', 'data', 'lineage', 'logs', 'files', 'cost'] as const;
export type TabId = (typeof TABS)[number];
