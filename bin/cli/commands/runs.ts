import { randomUUID } from 'node:crypto';
import { Argument, type Command, Option } from 'commander';
import type { StartedRun } from '../../../lib/http/types.ts';
import { PIPELINE_STAGES, STAGES } from '../../../lib/tracking/types.ts';
import { interruptSignal } from '../../local/stay.ts';
import type { LogLine, RunDetail, RunList } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { experimentsOf, experimentsText, MOST_CHILDREN } from '../experiments.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';
import { chiefMetrics, table } from '../output.ts';
import { pushLocalData } from '../push.ts';
import { dataText, finishedText, showFailure } from '../run-text.ts';
import { watchRun } from '../watch.ts';

interface RunOptions {
  from?: string;
  to?: string;
  force?: boolean;
  wait?: boolean;
  key?: string;
}

interface RunsOptions {
  pipeline?: string;
  parent?: string;
  limit: number;
}

/** run, cancel, retry, runs, show, logs. */
export function addRunCommands(program: Command): void {
  program
    .command('run')
    .description('start a pipeline')
    .argument('<pipeline>')
    .addOption(new Option('--from <stage>', 'start at this stage').choices(PIPELINE_STAGES.slice(1)))
    .addOption(new Option('--to <stage>', 'stop after this stage').choices(PIPELINE_STAGES.slice(1)))
    .option('--force', 'run every stage, also those whose inputs, parameters and code are unchanged')
    .option('--wait', 'show its progress and wait for its end; exit code 1 where it fails')
    .option('--key <identity>', 'the identity of this start: the same key is the same run')
    .action(async (pipeline: string, options: RunOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const { from, to, force, wait, key = randomUUID() } = options;
      const started = await withKnownName(api, 'pipeline', pipeline, async () => {
        await pushLocalData(api, pipeline, out.note);
        return api.post<StartedRun>(
          path`/pipelines/${pipeline}/runs`,
          { from, to, force },
          { headers: { 'idempotency-key': key } },
        );
      });
      if (!wait) return out.result(started, () => `run ${started.runId} of ${pipeline} started`);
      out.note(`run ${started.runId} of ${pipeline}`);
      const run = await follow(api, started.runId);
      out.result(run, () => finishedText(run));
      showFailure(run);
    });

  for (const [name, description] of [
    ['cancel', 'ask a run to stop'],
    ['retry', 'start a failed or cancelled run again, from the stage that failed'],
  ] as const) {
    const command = program.command(name).description(description).argument('<run>');
    if (name === 'retry') command.option('--wait', 'show its progress and wait for its end');
    command.action(async (runId: string, { wait }: { wait?: boolean }, self: Command) => {
      const { out, client } = contextOf(self);
      const api = await client();
      const answer = await api.post<StartedRun>(path`/runs/${runId}/${name}`);
      if (!wait)
        return out.result(
          answer,
          () =>
            `run ${runId}: ${name === 'retry' ? `attempt ${answer.attempt} started` : 'cancel requested'}`,
        );
      const run = await follow(api, runId);
      out.result(run, () => finishedText(run));
      showFailure(run);
    });
  }

  program
    .command('rerun')
    .description('start a new run at a stage, on what the earlier stages of this run made')
    .argument('<run>')
    .addOption(
      new Option('--from <stage>', 'start at this stage')
        .choices(PIPELINE_STAGES.slice(1))
        .makeOptionMandatory(),
    )
    .addOption(new Option('--to <stage>', 'stop after this stage').choices(PIPELINE_STAGES.slice(1)))
    .option('--force', 'work again though inputs, parameters and code are unchanged')
    .option('--wait', 'show its progress and wait for its end; exit code 1 where it fails')
    .action(async (runId: string, options: RunOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const { from, to, force, wait } = options;
      const headers = { 'idempotency-key': randomUUID() };
      const started = await api.post<StartedRun>(
        path`/runs/${runId}/rerun`,
        { from, to, force },
        { headers },
      );
      if (!wait) return out.result(started, () => `run ${started.runId} started at ${from}`);
      out.note(`run ${started.runId} of ${started.pipeline}`);
      const run = await follow(api, started.runId);
      out.result(run, () => finishedText(run));
      showFailure(run);
    });

  program
    .command('runs')
    .description('runs, newest first; of one pipeline with the models that each trained, best first')
    .argument('[pipeline]', 'its experiments: every run with its batches or candidates under it')
    .option('--pipeline <name>', 'the runs of this pipeline alone')
    .option(
      '--parent <run>',
      'the child runs of this run: one for each candidate it trained; they are in no other list',
    )
    .option('--limit <n>', 'at most so many', wholeNumber(1), 20)
    .action(async (experiment: string | undefined, options: RunsOptions, command: Command) => {
      const { pipeline, parent, limit } = options;
      const { out, client } = contextOf(command);
      if (experiment !== undefined) {
        const experiments = await experimentsOf(await client(), experiment, limit);
        return out.result(experiments, () => experimentsText(experiments));
      }
      const answer = await (await client()).get<RunList>('/runs', { pipeline, parent, limit });
      out.result(answer, () =>
        table(
          ['run', 'pipeline', 'data', 'status', 'started', 'metrics'],
          answer.runs.map((run) => [
            run.runId,
            // A run of no pipeline says by its name what it is: `import of NAME`.
            run.pipeline ?? run.name,
            dataText(run),
            run.status,
            run.startTime,
            chiefMetrics(run.metrics),
          ]),
        ),
      );
    });

  program
    .command('show')
    .description('one run: stages, parameters, metrics, lineage, artifacts')
    .argument('<run>')
    .action(async (runId: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const run = await api.get<RunDetail>(path`/runs/${runId}`);
      const { runs: children } = await api.get<RunList>('/runs', { parent: run.runId, limit: MOST_CHILDREN });
      const byName = children.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
      out.result({ ...run, children: byName }, () => finishedText(run, true, byName));
    });

  program
    .command('logs')
    .description('what the stages of a run logged')
    .argument('<run>')
    .addOption(new Option('--stage <stage>', 'of this stage only').choices(STAGES))
    .action(async (runId: string, { stage }: { stage?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const answer = await (await client()).get<{ lines: LogLine[] }>(path`/runs/${runId}/logs`, { stage });
      out.result(answer, () => answer.lines.map(logText).join('\n') || 'nothing was logged');
    });

  program
    .command('dag')
    .description('the stages and candidates of a pipeline as a Mermaid graph')
    .addArgument(new Argument('<pipeline>'))
    .action(async (pipeline: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const dag = await withKnownName(api, 'pipeline', pipeline, () =>
        api.get<{ mermaid: string }>(path`/pipelines/${pipeline}/dag`),
      );
      out.result(dag, () => dag.mermaid);
    });
}

const follow = (api: Parameters<typeof watchRun>[0], runId: string): Promise<RunDetail> =>
  watchRun(api, runId, {
    write: (text) => process.stderr.write(text),
    tty: process.stderr.isTTY === true,
    signal: interruptSignal().signal,
  });

function logText(line: LogLine): string {
  const { time, stage, level, message, ...rest } = line;
  const facts = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  return [time, stage, level, message].filter(Boolean).join(' ') + facts;
}
