import type { ObjectStore } from '../../store/ports.ts';
import type { Runs } from '../../tracking/index.ts';
import { type RunReport, reportParts } from './report-schema.ts';

/** Bytes of one report that are read: far above what a pipeline writes. */
const MAX_REPORT_BYTES = 4 * 1024 * 1024;

const PATHS = {
  evaluation: 'reports/evaluation.json',
  importance: 'reports/permutation_importance.json',
  shap: 'reports/shap_summary.json',
  dependence: 'reports/partial_dependence.json',
  candidates: 'reports/candidates.json',
} as const satisfies Record<keyof RunReport, string>;

/**
 * What a run's evaluation found, as the JSON reports that its stage wrote: confusion matrix and figures of each class or the
 * residuals, importance, SHAP values, partial dependence, and a line a candidate. A part that the run does not have is
 * absent. Only the platform's own files are read, never what a client uploaded under such a name.
 */
export async function readReport(
  deps: { objects: Pick<ObjectStore, 'get'>; runs: Pick<Runs, 'findArtifact'> },
  workspace: string,
  runId: string,
): Promise<RunReport> {
  const parts = await Promise.all(
    Object.entries(PATHS).map(async ([name, path]) => {
      const artifact = await deps.runs.findArtifact(workspace, runId, path);
      if (artifact === undefined || artifact.size > MAX_REPORT_BYTES) return [];
      const text = new TextDecoder().decode(await deps.objects.get(artifact.key));
      // Reports of an older platform may have another form: what cannot be shown is left out.
      const parsed = reportParts[name as keyof RunReport].safeParse(JSON.parse(text));
      return parsed.success ? [[name, parsed.data]] : [];
    }),
  );
  return Object.fromEntries(parts.flat()) as RunReport;
}
