import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  classificationReport,
  confusionMatrixSvg,
  type Evaluation,
  type ExplanationReport,
  explanationFiles,
  residualPlotSvg,
} from '../../lib/learn/index.ts';
import type { TrainReport } from './types.ts';

/** The files that `train` leaves: the model, its figures, and the report that people read. */
export async function writeResults(
  out: string,
  model: Uint8Array,
  report: TrainReport,
  evaluation: Evaluation,
  explanation: ExplanationReport,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const files: [name: string, body: string | Uint8Array][] = [
    ['model.arbm', model],
    ['metrics.json', `${JSON.stringify(report, null, 2)}\n`],
    ['evaluation.json', `${JSON.stringify(evaluation, null, 2)}\n`],
    ...(evaluation.task === 'classification'
      ? ([
          ['report.txt', classificationReport(evaluation)],
          ['confusion_matrix.svg', confusionMatrixSvg(evaluation)],
        ] as const)
      : ([
          ['report.txt', regressionReport(report)],
          ['residuals.svg', residualPlotSvg(evaluation)],
        ] as const)
    ).map(([name, body]): [string, string] => [name, body]),
    ...explanationFiles(explanation).flatMap(({ name, json, svg }): [string, string][] => [
      [`${name}.json`, `${JSON.stringify(json, null, 2)}\n`],
      [`${name}.svg`, svg],
    ]),
  ];
  await Promise.all(files.map(([name, body]) => writeFile(join(out, name), body)));
}

function regressionReport(report: TrainReport): string {
  const lines = Object.entries(report.metrics).map(([name, value]) => `${name.padEnd(12)} ${value}`);
  return `${report.algorithm} of ${report.target}, ${report.testRows} test rows\n\n${lines.join('\n')}\n`;
}
