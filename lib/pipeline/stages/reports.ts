import {
  classificationReport,
  confusionMatrixSvg,
  type Evaluation,
  type ExplanationReport,
  explanationFiles,
  residualPlotSvg,
  svgToPng,
} from '../../learn/index.ts';
import { canonicalJson, sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { StageContext } from '../run-stage.ts';
import type { ArtifactRef, DatasetManifest, TrainOutputs } from './types.ts';

/** What the reports tell of. */
export interface Judged {
  evaluation: Evaluation;
  explanation: ExplanationReport;
  results: readonly (TrainOutputs & { item: number })[];
  dataset: DatasetManifest;
  /** More texts, by path. */
  texts: Record<string, string>;
}

type Report = [path: string, body: string | Uint8Array, contentType: string];

/**
 * The reports of a judged model: figures as JSON, the classification report as text, the pictures as SVG and PNG, why
 * it answers as it does (importance, SHAP values, partial dependence), the data profile, and one line a candidate.
 * Content-addressed, so that a skipped evaluation still has them.
 */
export async function writeReports(
  context: StageContext,
  { evaluation, explanation, results, dataset, texts }: Judged,
): Promise<ArtifactRef[]> {
  const assets = await context.deps.reportAssets();
  const drawn = async (name: string, svg: string): Promise<Report[]> => [
    [`reports/${name}.svg`, svg, 'image/svg+xml'],
    [`reports/${name}.png`, await svgToPng(svg, assets), 'image/png'],
  ];
  const classified = evaluation.task === 'classification';
  const reports: Report[] = [
    ['reports/evaluation.json', canonicalJson(evaluation), 'application/json'],
    ...(classified
      ? await drawn('confusion_matrix', confusionMatrixSvg(evaluation))
      : await drawn('residuals', residualPlotSvg(evaluation))),
    ['reports/candidates.json', canonicalJson(results), 'application/json'],
    ['data/profile.json', canonicalJson(dataset.profile), 'application/json'],
  ];
  for (const { name, json, svg } of explanationFiles(explanation)) {
    reports.push(
      [`reports/${name}.json`, canonicalJson(json), 'application/json'],
      ...(await drawn(name, svg)),
    );
  }
  for (const [path, text] of Object.entries(texts)) reports.push([path, text, 'text/plain; charset=utf-8']);
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
