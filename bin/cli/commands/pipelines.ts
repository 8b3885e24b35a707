import { type Command, Option } from 'commander';
import type { PipelineSummary } from '../../../lib/http/types.ts';
import type { PipelineList } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { table } from '../output.ts';

/** pipelines, schedule pause|resume, reconcile. */
export function addPipelineCommands(program: Command): void {
  program
    .command('pipelines')
    .description('the pipelines of the stack')
    .action(async (_: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const answer = await (await client()).get<PipelineList>('/pipelines');
      out.result(answer, () => pipelinesText(answer.pipelines));
    });

  const schedule = program.command('schedule').description('the schedule of a pipeline');
  for (const [verb, state] of [
    ['pause', 'paused'],
    ['resume', 'active'],
  ] as const) {
    schedule
      .command(verb)
      .argument('<pipeline>')
      .description(verb === 'pause' ? 'no run by schedule until resumed' : 'run by schedule again')
      .action(async (pipeline: string, _: unknown, command: Command) => {
        const { out, client } = contextOf(command);
        const api = await client();
        const answer = await withKnownName(api, 'pipeline', pipeline, () =>
          api.put(path`/pipelines/${pipeline}/schedule`, { state }),
        );
        out.result(answer, () => `the schedule of ${pipeline} is ${state}`);
      });
  }

  program
    .command('reconcile')
    .description('find what a killed emulator or a lost write left behind')
    .addOption(new Option('--fix', 'mend it too'))
    .action(async ({ fix = false }: { fix?: boolean }, command: Command) => {
      const { out, client } = contextOf(command);
      const answer = await (await client()).post<{ findings: unknown[] }>('/admin/reconcile', { fix });
      out.result(answer, () =>
        answer.findings.length === 0
          ? 'nothing to mend'
          : answer.findings.map((finding) => JSON.stringify(finding)).join('\n'),
      );
    });
}

const pipelinesText = (pipelines: readonly PipelineSummary[]): string =>
  table(
    ['pipeline', 'task', 'target', 'model', 'schedule', 'next run (UTC)'],
    pipelines.map((one) => [
      one.name,
      one.task,
      one.target,
      one.model,
      one.schedule ? `${one.schedule} (${one.scheduleState})` : '',
      one.nextRun?.replace('T', ' ').slice(0, 16) ?? one.noNextRun ?? '',
    ]),
  );
