import { type Command, InvalidArgumentError } from 'commander';
import { type BenchOptions, type BenchReport, benchPredict, mustBeSound } from '../bench/bench-predict.ts';
import { contextOf } from '../context.ts';
import { referenceQuery } from '../model-query.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';
import { figure, table } from '../output.ts';

/** bench-predict. */
export function addBenchPredictCommand(program: Command): void {
  program
    .command('bench-predict')
    .description(
      'latency of a model’s predictions: single rows, batches, and malformed bodies that must be refused',
    )
    .argument('<model>', 'its name, or a reference such as models:/NAME/Staging')
    .option('--requests <number>', 'of each kind', wholeNumber(1), 200)
    .option('--concurrency <number>', 'at a time', wholeNumber(1), 4)
    .option('--batch <rows>', 'rows in a batch, 1,000 at most', wholeNumber(1), 100)
    .option('--rate <number>', 'requests a second at most (default: as fast as they are answered)', positive)
    .option('--warm-up <number>', 'requests that do not count, first', wholeNumber(0), 20)
    .action(async (text: string, options: BenchOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const { model, query } = referenceQuery(text);
      const api = await client();
      const report = await withKnownName(api, 'model', model, () => benchPredict(api, model, query, options));
      mustBeSound(report);
      out.result(report, () => reportText(report));
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a number above 0');
  return value;
}

function reportText({
  model,
  version,
  apiUrl,
  concurrency,
  rate,
  single,
  batch,
  malformed,
}: BenchReport): string {
  const kinds = [
    ['single row', single],
    [`batch of ${batch.rowsPerRequest}`, batch],
    [`malformed, ${malformed.kinds} kinds`, malformed],
  ] as const;
  const rows = kinds.map(([name, { requests, throughput, latency, statuses }]) => [
    name,
    requests,
    ...(['p50', 'p90', 'p95', 'p99', 'max'] as const).map((each) => latency[each].toFixed(1)),
    figure(throughput),
    Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
  ]);
  const head = ['request', 'count', 'p50 ms', 'p90 ms', 'p95 ms', 'p99 ms', 'max ms', 'a second', 'statuses'];
  const pace = rate === undefined ? '' : `, ${rate} a second at most`;
  return `${model} version ${version} at ${apiUrl}, ${concurrency} at a time${pace}; ${figure(batch.rowsPerSecond)} rows a second in batches
${table(head, rows)}every malformed request was refused with a 4xx that names its field`;
}
