import type { ColumnKind } from '../../table/types.ts';

/** From when on a difference is drift. It must be both certain and large: many rows make small differences certain. */
export interface DriftBounds {
  /** The chance at most that a report has a drifted feature though nothing drifted. */
  alpha: number;
  /** The population stability index from which a difference matters. */
  psi: number;
  /** By how much the share of rows without a value may differ. */
  missing: number;
  /** The share of rows that may hold a category which training never saw. */
  newCategories: number;
  /** Fewer rows raise no alarm, whatever they hold. */
  minRows: number;
}

export const DRIFT_BOUNDS: DriftBounds = {
  alpha: 0.01,
  psi: 0.1,
  missing: 0.05,
  newCategories: 0.01,
  minRows: 100,
};

/** What about a feature drifted. */
export type DriftReason = 'distribution' | 'missing' | 'new-categories';

/** One feature's recent values beside those of training. Figures are null where a side has no value. */
export interface FeatureDrift {
  name: string;
  kind: ColumnKind;
  /** Population stability index over `bins`. */
  psi: number | null;
  test: 'ks' | 'chi2';
  statistic: number | null;
  pValue: number | null;
  /** By Holm's method over all tests of the report. */
  adjustedPValue: number | null;
  drifted: boolean;
  reasons: DriftReason[];
  /** Shares of rows without a value. */
  missing: { reference: number | null; current: number | null; adjustedPValue: number };
  /** Values that no training row had, with their rows, most frequent first; 20 at most. */
  newCategories: { value: string; count: number }[];
  /** Shares of the present values. */
  bins: { label: string; reference: number; current: number }[];
}

export type DriftStatus = 'ok' | 'drift' | 'too-few-rows';

/** Recent inputs and answers of one version, beside those of its training. */
export interface DriftFigures {
  /** Rows looked at. */
  rows: number;
  status: DriftStatus;
  features: FeatureDrift[];
  /** Of what was predicted; absent where the model file does not tell what it answered to rows it was not trained on. */
  prediction?: FeatureDrift;
  /** What the figures cannot tell, in sentences. */
  notes: string[];
}
