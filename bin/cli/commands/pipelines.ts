import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import type { PipelineDescription, PipelineSummary } from '../../../lib/http/types.ts';
import type { PipelineList } from '../api-types.ts';
import { type ApiClient, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { table } from '../output.ts';
import { pushFile } from '../push.ts';

/** pipelines, schedule pause|resume, data push, reconcile. */
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
    .command('data')
    .description('the data that pipelines read')
    .command('push')
    .description('upload a CSV or CSV.gz; the pipeline reads it from its next run on')
    .argument('<file>')
    .option(
      '--pipeline <name>',
      'whose data it is; where not given, the one that names this file, or the only one',
    )
    .action(async (file: string, { pipeline }: { pipeline?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const name = pipeline ?? (await pipelineOf(api, file));
      const pushed = await withKnownName(api, 'pipeline', name, () => pushFile(api, file, name));
      out.result(
        pushed,
        () =>
          `${name} reads ${pushed.fileName} (${pushed.bytes} bytes, SHA-256 ${pushed.sha256}) from its next run on`,
      );
    });

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

async function pipelineOf(api: ApiClient, file: string): Promise<string> {
  const { pipelines } = await api.get<PipelineList>('/pipelines');
  const wanted = basename(file);
  const names: string[] = [];
  for (const { name } of pipelines) {
    const { definition } = await api.get<PipelineDescription>(path`/pipelines/${name}`);
    const sources = Array.isArray(definition.sources) ? (definition.sources as { path?: string }[]) : [];
    if (sources.some((source) => source.path !== undefined && basename(source.path) === wanted))
      names.push(name);
  }
  const only = names.length === 1 ? names[0] : pipelines.length === 1 ? pipelines[0]!.name : undefined;
  if (only) return only;
  throw new InvalidInputError(`which pipeline reads ${wanted}?`, {
    field: 'pipeline',
    remedy: `Name it: --pipeline ${pipelines.map(({ name }) => name).join('|')}`,
  });
}

const pipelinesText = (pipelines: readonly PipelineSummary[]): string =>
  table(
    ['pipeline', 'task', 'target', 'model', 'schedule'],
    pipelines.map((one) => [
      one.name,
      one.task,
      one.target,
      one.model,
      one.schedule ? `${one.schedule} (${one.scheduleState})` : '',
    ]),
  );
