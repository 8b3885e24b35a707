/** `ab`: several versions beside the champion are compared. `blue-green`: one version is to take the champion's place. */
export const SPLIT_KINDS = ['ab', 'blue-green'] as const;
export type SplitKind = (typeof SPLIT_KINDS)[number];

/** A version and the share of the traffic that it answers. */
export interface SplitArm {
  version: string;
  /** Whole percent, 0 to 100; those of a split sum to 100. */
  weight: number;
}

/** When a split ends itself: a challenger that passes a bound sends all traffic back to the champion. */
export interface SplitGuard {
  /** Share of a challenger's requests that it failed by our fault, 0 to 1; a share above it reverts. */
  maxErrorRate: number;
  /** Milliseconds; a 95th percentile of a challenger's warm requests above it reverts. */
  maxLatencyMs: number;
  /** Requests of a challenger in the window below which nothing is judged. */
  minRequests: number;
  /** How far back is looked. */
  windowMinutes: number;
}

/** `reverted`: the guard ended it. The record stays to tell why; the champion answers everything. */
export type SplitState = 'running' | 'reverted';

/** How a model's traffic is divided beside its champion, the version that holds `production`. */
export interface Split {
  model: string;
  kind: SplitKind;
  arms: SplitArm[];
  /** Versions that compute what another answered, for the log alone. */
  shadows: string[];
  guard?: SplitGuard;
  /** The number of its audit record: each change has a greater one, and none comes twice in a model's life. */
  revision: number;
  /** ISO 8601, UTC: when a split of these versions was begun. A change of weights keeps it. */
  createdAt: string;
  createdBy: string;
  state: SplitState;
  revertedReason?: string;
  revertedAt?: string;
}

/** What a caller asks for. */
export type NewSplit = Pick<Split, 'kind' | 'arms' | 'guard'> & { shadows?: string[] };

/** What an audit record tells of a split. */
export interface SplitAudit {
  action: 'set' | 'stop' | 'revert';
  /** Of the split as it is from then on; of one that was stopped, as it was. */
  revision: number;
  kind: SplitKind;
  arms: SplitArm[];
  shadows: string[];
  guard?: SplitGuard;
}
