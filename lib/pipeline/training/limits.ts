/** The functions that train, and how long they should: what a deploy has, told to plan by its variables. */
export interface TrainingLimits {
  /** MB of the function `train`. */
  memory: number;
  /** MB of `train-large`, where it is deployed. */
  largeMemory?: number | undefined;
  /** Seconds of work at which a candidate is split, or refused where it cannot be. */
  seconds: number;
  /** Items that train at once. */
  concurrency: number;
}

/** Lambda ends a function after 900 seconds; a third is left for a slower core and a wrong estimate. */
export const DEFAULT_LIMITS: TrainingLimits = { memory: 3_008, seconds: 600, concurrency: 4 };

/** Lambda's most. */
export const MOST_MEMORY = 10_240;

/** More Map items than this would not fit an inline Map's history. */
export const MAX_TRAIN_ITEMS = 200;

/** All of a run's training together; an execution ends after six hours, and other stages need theirs. */
export const MAX_TRAIN_SECONDS = 5 * 3_600;
