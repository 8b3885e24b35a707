import type { Run } from '../../../lib/tracking/types.ts';
import type { Series } from '../../parts/charts/series.ts';

/** A point as MLflow's protocol gives it. What is no number comes as text. */
export interface MlflowPoint {
  key: string;
  value: number | string;
  step?: number | string;
  timestamp?: number | string;
  run_id?: string;
}

/** Figures of so few candidates are no curve: their table says more. */
const LEAST_CANDIDATES = 3;

/** Names of metrics whose latest point is past the first step: those have a curve. */
export const steppedMetrics = (latest: readonly MlflowPoint[]): string[] =>
  latest
    .filter(({ key, step }) => Number(step ?? 0) >= (key.startsWith('candidate_') ? LEAST_CANDIDATES - 1 : 1))
    .map(({ key }) => key);

/** All of the runs' curves once, what counts candidates instead of time last. */
export function curveNames(ofRuns: readonly (readonly string[])[]): string[] {
  const isCandidates = (name: string) => Number(name.startsWith('candidate_'));
  return [...new Set(ofRuns.flat())].sort((a, b) => isCandidates(a) - isCandidates(b) || (a < b ? -1 : 1));
}

/** One line a run, in the order of the runs; runs without a point are left out. What is no number leaves a gap. */
export function seriesOf(
  runs: readonly Pick<Run, 'runId' | 'name'>[],
  points: readonly MlflowPoint[],
): Series[] {
  return runs.flatMap(({ runId, name }) => {
    const own = points
      .filter(({ run_id }) => run_id === runId)
      .map(({ step, value }) => [Number(step ?? 0), Number(value)] as const)
      .filter(([, value]) => Number.isFinite(value));
    return own.length === 0 ? [] : [{ name: runs.length === 1 ? 'value' : name, points: own }];
  });
}
