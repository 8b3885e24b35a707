import type { Command } from 'commander';
import type { ListedPrediction, PredictionRecord } from '../../../lib/tracking/types.ts';
import type { PredictionList } from '../api-types.ts';
import { type ApiClient, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';
import { figure, table } from '../output.ts';

interface PredictionsOptions {
  id?: string;
  version?: string;
  from?: string;
  to?: string;
  limit: number;
}

/** As many as the API gives at once. */
const PAGE = 1_000;

/** predictions: what a model of the stack has answered, or one answer by its request id. */
export function addPredictionsCommand(program: Command): void {
  program
    .command('predictions')
    .description('what a model has answered, newest first, with its probabilities; kept for 30 days')
    .argument('[model]')
    .option('--id <request>', 'one request, with its rows')
    .option('--version <version>', 'of this version only')
    .option('--from <time>', 'at or after this day or time')
    .option('--to <time>', 'before this day or time')
    .option('--limit <n>', 'at most so many requests', wholeNumber(1), 20)
    .action(async (model: string | undefined, options: PredictionsOptions, command: Command) => {
      const { out, client } = contextOf(command);
      if ((model === undefined) === (options.id === undefined)) {
        command.error('error: give a model, or --id REQUEST');
      }
      const api = await client();
      if (options.id !== undefined) {
        const one = await api.get<PredictionRecord>(path`/predictions/${options.id}`);
        out.result(one, () => recordText(one));
        return;
      }
      const predictions = await withKnownName(api, 'model', model!, () => listed(api, model!, options));
      out.result({ predictions }, () => listText(predictions));
    });
}

/** Page after page, as a page may be shorter than asked. */
async function listed(
  api: ApiClient,
  model: string,
  { version, from, to, limit }: PredictionsOptions,
): Promise<ListedPrediction[]> {
  const found: ListedPrediction[] = [];
  let cursor: string | undefined;
  do {
    const left = Math.min(PAGE, limit - found.length);
    const query = { model, version, from, to, limit: left, cursor };
    const page: PredictionList = await api.get<PredictionList>('/predictions', query);
    found.push(...page.predictions);
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < limit);
  return found;
}

const listText = (predictions: readonly ListedPrediction[]): string =>
  table(
    ['request', 'at', 'version', 'rows', 'prediction', 'probability', 'ms'],
    predictions.map(({ requestId, at, version, count, predictions: answers, error, latencyMs }) => {
      const only = count === 1 ? answers?.[0] : undefined;
      const said = error === undefined ? only && shown(only.prediction) : `failed: ${error.code}`;
      return [requestId, at, version, count, said, only && probability(only), latencyMs];
    }),
  );

function recordText(record: PredictionRecord): string {
  const { requestId, model, version, at, rows, predictions } = record;
  const lines = predictions.map((one, i) => [
    JSON.stringify(rows[i]),
    shown(one.prediction),
    Object.entries(one.probabilities ?? {})
      .sort(([, a], [, b]) => b - a)
      .map(([name, p]) => `${name} ${p.toFixed(4)}`)
      .join(', '),
  ]);
  return [
    `${model} version ${version}, request ${requestId}, ${at}`,
    ...served(record),
    table(['row', 'prediction', 'probabilities'], lines),
  ].join('\n');
}

/** How it was answered, and what else computed it. */
function served({
  latencyMs,
  cold,
  error,
  failedOver,
  splitRevision,
  arm,
  shadows = [],
}: PredictionRecord): string[] {
  const time = (ms: number, loaded = false) => `${ms} ms${loaded ? ', the model loaded' : ''}`;
  return [
    ...(latencyMs === undefined ? [] : [`  ${time(latencyMs, cold)}`]),
    ...(error ? [`  failed: ${error.code}`] : []),
    ...(splitRevision === undefined ? [] : [`  ${arm} of the split at revision ${splitRevision}`]),
    ...(failedOver
      ? [`  in place of version ${failedOver.version}, which failed: ${failedOver.error?.code}`]
      : []),
    ...shadows.map(({ version, latencyMs: ms, error: wrong, predictions = [] }) => {
      const said = predictions.slice(0, 3).map(({ prediction }) => shown(prediction));
      return `  shadow: version ${version}, ${time(ms)}: ${wrong ? wrong.code : said.join(', ')}`;
    }),
  ];
}

const shown = (value: string | number): string => (typeof value === 'number' ? figure(value) : value);
const probability = (one: { prediction: string | number; probabilities?: Record<string, number> }) =>
  one.probabilities?.[String(one.prediction)]?.toFixed(4);
