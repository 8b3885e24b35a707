import type { MetricPoint, RunStatus } from '../types.ts';

/** What a client logs together: params and tags all or none, points first. */
export interface LoggedBatch {
  params?: readonly Entry[];
  /** In this order: of two of one key the last stands. */
  tags?: readonly Entry[];
  metrics?: readonly MetricPoint[];
}

export interface Entry {
  key: string;
  value: string;
}

/** What a client may change of a run it made; what is absent stays. */
export interface RunChange {
  status?: RunStatus;
  /** Epoch milliseconds; 0 takes the end away. */
  endTime?: number;
  /** Empty: no change. */
  name?: string;
}
