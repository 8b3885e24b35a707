import type { FeatureCategories, Task } from '../types.ts';
import type { Ensemble } from './ensemble.ts';
import type { Link } from './links.ts';

/** Trees and all that makes a model of them. */
export interface EnsembleModelInput {
  algorithm: string;
  task: Task;
  features: readonly string[];
  /** Names of native categories; their numbers are `ensemble.categoryCounts`. */
  categories?: FeatureCategories | undefined;
  /** Sorted; empty for a regression. */
  classes: readonly string[];
  ensemble: Ensemble;
  /** One non-negative number a feature, summing to 1 or all zero. */
  importance: Float64Array;
  /** The algorithm's own facts: JSON. `ensemble` and `notes` are names that this room uses. */
  facts?: Record<string, unknown>;
  notes?: readonly string[];
  link: Link;
  /** Least and greatest value that a regression may predict: the hull of the training targets. */
  range?: readonly [least: number, greatest: number] | undefined;
}
