export { ClientRuns, type NewClientRun } from './client-runs.ts';
export { MAX_POINTS_PAGE } from './history.ts';
export type { LoggedBatch, RunChange } from './types.ts';
