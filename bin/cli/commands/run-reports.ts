import type { Command } from 'commander';
import type { RegisteredFromRun, RunCost } from '../../../lib/pipeline/run-reports/index.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { costText } from '../cost-text.ts';
import { wholeNumber } from '../options.ts';

interface RegisterOptions {
  as?: string;
  candidate?: number;
  description?: string;
}

/** register, cost. */
export function addRunReportCommands(program: Command): void {
  program
    .command('register')
    .description("make the model that a run selected a version, or another candidate's")
    .argument('<run>')
    .option('--as <model>', "the registered model; else the pipeline's own")
    .option('--candidate <item>', 'the number of a candidate', wholeNumber(0))
    .option('--description <text>', 'of the version')
    .action(async (runId: string, options: RegisterOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const { as: model, candidate, description } = options;
      const made = await (await client()).post<RegisteredFromRun>(path`/runs/${runId}/register`, {
        model,
        candidate,
        description,
      });
      out.result(
        made,
        () => `${made.model} version ${made.version}${made.created ? '' : ', which was there already'}`,
      );
    });

  program
    .command('cost')
    .description('an estimate of what a run cost on AWS, from its durations and sizes')
    .argument('<run>')
    .action(async (runId: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const cost = await (await client()).get<RunCost>(path`/runs/${runId}/cost`);
      out.result(cost, () => costText(cost));
    });
}
