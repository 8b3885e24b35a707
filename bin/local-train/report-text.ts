import { chiefMetrics, figure, table } from '../cli/output.ts';
import type { TrainReport } from './types.ts';

/** What `train` prints for a person. */
export function reportText(report: TrainReport): string {
  const { algorithm, task, target, trainRows, testRows, features, threads, outOfBag } = report;
  const metrics = Object.entries(report.metrics).map(
    ([name, value]) => `  ${name.padEnd(20)} ${figure(Number(value))}`,
  );
  const on = threads === undefined ? '' : ` on ${threads.length} thread${threads.length === 1 ? '' : 's'}`;
  return [
    ...comparisonText(report),
    `${algorithm} for ${task} of ${target}: ${trainRows} rows to train, ${testRows} to test, ${features} features`,
    ...metrics,
    ...(outOfBag === undefined
      ? []
      : [
          `  ${`out-of-bag ${outOfBag.metric}`.padEnd(20)} ${figure(outOfBag.score)} (${outOfBag.rows} training rows)`,
        ]),
    `trained in ${figure(report.trainSeconds)} s${on}; model ${report.out}/model.arbm (SHA-256 ${report.modelSha256})`,
  ].join('\n');
}

function comparisonText({ compared }: TrainReport): string[] {
  if (compared === undefined) return [];
  const rows = compared.map(({ algorithm, metrics, trainSeconds }) => [
    algorithm,
    chiefMetrics(metrics),
    figure(trainSeconds),
  ]);
  return [table(['algorithm', 'on held-out training rows', 'seconds'], rows).trimEnd()];
}
