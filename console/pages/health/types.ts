/** What the routes of monitoring answer, as far as the page reads it. */

export interface Bucket {
  /** When it begins; ISO 8601, UTC. */
  at: string;
  version: string;
  requests: number;
  rows: number;
  errors: number;
  /** Computed beside the answer, never given to a caller. */
  shadow?: boolean;
  latencyMs?: { p50?: number | null; p95?: number | null; p99?: number | null };
  /** Labels that came in for these rows. */
  labels: number;
  metrics?: Record<string, number | null>;
}

export interface Bin {
  label: string;
  /** Shares of the rows with a value. */
  reference: number;
  current: number;
}

export interface FeatureDrift {
  name: string;
  kind: string;
  psi: number | null;
  test: 'ks' | 'chi2';
  statistic: number | null;
  pValue: number | null;
  adjustedPValue: number | null;
  drifted: boolean;
  reasons?: readonly string[];
  missing: { reference: number | null; current: number | null };
  newCategories: readonly (string | { value: string; count: number })[];
  bins: readonly Bin[];
}

export type DriftStatus = 'ok' | 'drift' | 'too-few-rows';

export interface DriftSummary {
  id: string;
  version: string;
  from: string;
  to: string;
  rows: number;
  status: DriftStatus;
  /** Names of features; `prediction` is the answer. */
  drifted?: readonly string[];
  highestPsi?: number | null;
}

export interface DriftReport extends DriftSummary {
  model: string;
  features: readonly FeatureDrift[];
  prediction?: FeatureDrift;
  notes?: readonly string[];
}

export interface Alarm {
  name: string;
  state: 'ok' | 'alarm';
  since?: string;
  reason: string;
  remedy: string;
  version?: string;
  /** The run that it started last. */
  runId?: string;
}
