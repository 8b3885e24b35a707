import { CHIEF, chiefMetrics, figure, table } from '../cli/output.ts';
import { triedText } from './search.ts';
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

/** Lines of a comparison that a person reads; metrics.json has all. */
const MOST_SHOWN = 20;

function comparisonText({ compared, crossValidation }: TrainReport): string[] {
  if (compared === undefined) return [];
  const shown = compared.slice(0, MOST_SHOWN);
  const searched = shown.some(({ tried }) => tried !== undefined);
  const rows = shown.map(({ algorithm, tried, metrics, deviation, trainSeconds }) => [
    algorithm,
    ...(searched ? [triedText(tried)] : []),
    deviation === undefined
      ? chiefMetrics(metrics)
      : withDeviation(metrics, deviation, crossValidation?.metric),
    figure(trainSeconds),
  ]);
  const where = crossValidation === undefined ? 'on held-out training rows' : foldsText(crossValidation);
  const head = ['algorithm', ...(searched ? ['tried'] : []), where, 'seconds'];
  const more = compared.length - shown.length;
  return [table(head, rows).trimEnd(), ...(more > 0 ? [`and ${more} more, in metrics.json`] : [])];
}

function foldsText({ folds, repeats, group }: NonNullable<TrainReport['crossValidation']>): string {
  const often = repeats === 1 ? '' : `, ${repeats} times`;
  return `mean ± deviation over ${folds} folds${often}${group === undefined ? '' : `, by ${group}`}`;
}

/** The metric that decides first. */
function withDeviation(
  metrics: Record<string, number>,
  deviation: Record<string, number>,
  first: string | undefined,
): string {
  const names = Object.keys(metrics).filter((name) => name === first || CHIEF.includes(name));
  return names
    .sort((a, b) => Number(b === first) - Number(a === first))
    .slice(0, 2)
    .map((name) => `${name} ${figure(metrics[name]!)} ± ${figure(Number(deviation[name]!.toPrecision(2)))}`)
    .join(', ');
}
