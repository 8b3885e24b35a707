import type { ExplanationReport } from '../explain/report.ts';
import { metricDirection } from '../metrics/names.ts';
import { barsSvg } from './bars.ts';
import { dependenceSvg } from './dependence.ts';

/** A file of a report: JSON to read by program, SVG to look at. */
export interface ReportFile {
  /** Without an extension, such as `permutation_importance`. */
  name: string;
  json: unknown;
  svg: string;
}

const SCORES = { probability: 'probability', margin: 'margin', value: 'prediction' } as const;

/**
 * The files that show an explanation: `permutation_importance`, `shap_summary` (where the model has one) and
 * `partial_dependence`. What was sampled or left out stands in each, in words.
 */
export function explanationFiles({ permutation, shap, dependence }: ExplanationReport): ReportFile[] {
  const told = (of: number, notes: readonly string[]): string =>
    notes.length > 0 ? notes.join('; ') : `${of.toLocaleString('en-US')} test rows`;
  const worse = metricDirection(permutation.metric) === 'maximize' ? 'loss' : 'rise';
  const files: ReportFile[] = [
    {
      name: 'permutation_importance',
      json: permutation,
      svg: barsSvg(
        permutation.features.map(({ feature, mean, std }) => ({ name: feature, value: mean, spread: std })),
        {
          title: 'Permutation importance',
          subtitle: told(permutation.of, permutation.notes),
          axis: `${worse} of ${permutation.metric} where the feature is shuffled`,
        },
      ),
    },
  ];
  if (shap !== undefined) {
    files.push({
      name: 'shap_summary',
      json: shap,
      svg: barsSvg(
        shap.features.map(({ feature, mean }) => ({ name: feature, value: mean })),
        {
          title: 'SHAP values',
          subtitle: told(shap.of, shap.notes),
          axis: `mean |contribution| to the ${SCORES[shap.score]}`,
        },
      ),
    });
  }
  files.push({
    name: 'partial_dependence',
    json: dependence,
    svg: dependenceSvg(dependence.features, told(dependence.of, dependence.notes)),
  });
  return files;
}
