import type { Run } from '../../tracking/types.ts';

type Value = string | number | boolean | null;
/** One thing that differs; null where that side does not have it. */
export interface Difference {
  key: string;
  a: Value;
  b: Value;
}

/** What differs between two runs: parameters, metrics, data and code. Equal things are left out. */
export function diffRuns(a: Run, b: Run) {
  const data = (run: Run) => ({
    source: run.lineage.sourceSha256,
    dataset: run.lineage.datasetSha256,
    definition: run.lineage.definitionSha256,
    rows: run.tags['data.rows'],
    synthetic: run.tags['data.synthetic'],
  });
  const code = (run: Run) => ({
    ...run.lineage.codeVersions,
    lockfile: run.lineage.lockfileSha256,
    node: run.lineage.nodeVersion,
  });
  return {
    a: a.runId,
    b: b.runId,
    params: differences(a.params, b.params),
    metrics: differences(a.metrics, b.metrics),
    data: differences(data(a), data(b)),
    code: differences(code(a), code(b)),
  };
}

/** Two records side by side, by name: what is equal is left out. */
export function differences(
  a: Record<string, Value | undefined>,
  b: Record<string, Value | undefined>,
): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names
    .map((key) => ({ key, a: a[key] ?? null, b: b[key] ?? null }))
    .filter((entry) => !Object.is(entry.a, entry.b));
}
