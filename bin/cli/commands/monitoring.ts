import type { Command } from 'commander';
import { ArboledaError, type ErrorBody } from '../../../lib/errors/index.ts';
import type { DriftReport } from '../../../lib/serving/monitor/types.ts';
import { counted, grouped } from '../../../lib/table/counted.ts';
import type {
  DriftSummary,
  Labelled,
  ModelAlarm,
  TrafficBucket,
} from '../../../lib/tracking/monitoring/index.ts';
import { ApiError, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { readGivenFile } from '../given-file.ts';
import { driftListText, driftReportText, trafficText } from '../monitoring-text.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';

/** Labels of one request to the API. */
const AT_ONCE = 500;

/** drift, traffic, feedback: how a model does in service. */
export function addMonitoringCommands(program: Command): void {
  addDrift(program);
  addTraffic(program);
  addFeedback(program);
}

function addDrift(program: Command): void {
  program
    .command('drift')
    .description("how a model's recent rows and answers compare with its training, and its alarms")
    .argument('<model>')
    .argument('[report]', 'one report whole, by its id; latest is the newest')
    .option('--now', 'look at the model now, before its next window is over')
    .option('--limit <n>', 'at most so many reports', wholeNumber(1), 20)
    .action(
      async (
        model: string,
        report: string | undefined,
        options: { now?: boolean; limit: number },
        command: Command,
      ) => {
        const { out, client } = contextOf(command);
        const api = await client();
        await withKnownName(api, 'model', model, async () => {
          if (options.now) await api.post(path`/models/${model}/monitor`);
          const { reports } = await api.get<{ reports: DriftSummary[] }>(path`/models/${model}/drift`, {
            limit: options.limit,
          });
          if (report !== undefined) {
            const id = report === 'latest' ? (reports[0]?.id ?? 'latest') : report;
            const found = await api.get<DriftReport>(path`/models/${model}/drift/${id}`);
            out.result(found, () => driftReportText(found));
            return;
          }
          const { alarms } = await api.get<{ alarms: ModelAlarm[] }>(path`/models/${model}/alarms`);
          out.result({ alarms, reports }, () => driftListText(alarms, reports));
        });
      },
    );
}

function addTraffic(program: Command): void {
  program
    .command('traffic')
    .description('requests, errors, latencies and accuracy of a model by version over time')
    .argument('<model>')
    .option('--by <width>', '5m, hour or day', 'hour')
    .option('--from <time>', 'at or after this day or time')
    .option('--to <time>', 'before this day or time')
    .action(async (model: string, query: { by: string; from?: string; to?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const found = await withKnownName(api, 'model', model, () =>
        api.get<{ buckets: TrafficBucket[] }>(path`/models/${model}/traffic`, { ...query }),
      );
      out.result(found, () => trafficText(found.buckets));
    });
}

function addFeedback(program: Command): void {
  program
    .command('feedback')
    .description('tell what turned out to be true of logged predictions')
    .argument('<model>')
    .argument('<file>', 'JSON, JSON lines or CSV: requestId, row (0 unless told) and label')
    .action(async (model: string, file: string, _options: object, command: Command) => {
      const { out, client } = contextOf(command);
      const text = (await readGivenFile(file, 'Give the path of a CSV, JSON or JSON lines file.')).toString(
        'utf8',
      );
      const api = await client();
      const { task } = await withKnownName(api, 'model', model, () =>
        api.get<{ task: string }>(path`/models/${model}/schema`),
      );
      // What reads tables is loaded by the command that does.
      const { feedbackItems } = await import('../feedback-file.ts');
      const items = feedbackItems(text, task === 'regression');
      const total: Labelled = { accepted: 0, corrected: 0, unchanged: 0 };
      for (let i = 0; i < items.length; i += AT_ONCE) {
        const some = items.slice(i, i + AT_ONCE);
        const done = await api
          .post<Labelled>(path`/models/${model}/feedback`, { items: some })
          .catch((error: unknown) => {
            throw i === 0 ? error : afterOthers(error, i);
          });
        for (const name of ['accepted', 'corrected', 'unchanged'] as const) total[name] += done[name];
      }
      out.result(
        total,
        () =>
          `${counted(total.accepted, 'label')} taken, ${grouped(total.corrected)} corrected, ${grouped(total.unchanged)} known already\n`,
      );
    });
}

/** The API names the place within its own call: of a long file the labels before are to be told, and that they are taken. */
function afterOthers(error: unknown, before: number): unknown {
  if (!(error instanceof ArboledaError)) return error;
  const { code, field, details } = error.toJSON();
  const body: ErrorBody = {
    code,
    message: `after label ${before} of the file, counted from there: ${error.message}`,
    remedy: `${error.remedy} The ${before} labels before are taken; the whole file may be sent again.`,
    ...(field !== undefined && { field }),
    ...(details !== undefined && { details }),
  };
  return new ApiError(error.status, body);
}
