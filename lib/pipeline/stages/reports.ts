import {
  classificationReport,
  confusionMatrixSvg,
  type Evaluation,
  residualPlotSvg,
  svgToPng,
} from '../../learn/index.ts';
import { canonicalJson, sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { StageContext } from '../run-stage.ts';
import type { ArtifactRef, DatasetManifest, TrainOutputs } from './types.ts';

/**
 * The reports of a judged model: figures as JSON, the classification report as text, the picture as SVG and PNG, the
 * data profile, and one line a candidate. Content-addressed, so that a skipped evaluation still has them.
 */
export async function writeReports(
  context: StageContext,
  evaluation: Evaluation,
  results: readonly (TrainOutputs & { item: number })[],
  dataset: DatasetManifest,
): Promise<ArtifactRef[]> {
  const classified = evaluation.task === 'classification';
  const svg = classified ? confusionMatrixSvg(evaluation) : residualPlotSvg(evaluation);
  const png = await svgToPng(svg, await context.deps.reportAssets());
  const picture = classified ? 'confusion_matrix' : 'residuals';
  const reports: [path: string, body: string | Uint8Array, contentType: string][] = [
    ['reports/evaluation.json', canonicalJson(evaluation), 'application/json'],
    [`reports/${picture}.svg`, svg, 'image/svg+xml'],
    [`reports/${picture}.png`, png, 'image/png'],
    ['reports/candidates.json', canonicalJson(results), 'application/json'],
    ['data/profile.json', canonicalJson(dataset.profile), 'application/json'],
  ];
  if (classified) {
    reports.push([
      'reports/classification_report.txt',
      classificationReport(evaluation),
      'text/plain; charset=utf-8',
    ]);
  }
  return Promise.all(reports.map(([path, body, contentType]) => store(context, path, body, contentType)));
}

async function store(
  { deps, workspace }: StageContext,
  path: string,
  body: string | Uint8Array,
  contentType: string,
): Promise<ArtifactRef> {
  const sha = sha256(body);
  const key = keys.report(workspace, sha, path.slice(path.lastIndexOf('.') + 1));
  await deps.objects.putIfAbsent(key, body, { contentType });
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return { path, key, size, contentType, sha256: sha };
}
