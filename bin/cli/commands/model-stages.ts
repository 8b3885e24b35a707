import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { MODEL_STAGES, readStage } from '../../../lib/tracking/model-stage.ts';
import type { StageMove } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';

interface StageOptions {
  archiveExisting?: boolean;
  expected?: string;
  reason?: string;
}
interface Policy {
  model: string;
  requireStaging: boolean;
}

/** stage, policy. */
export function addModelStageCommands(program: Command): void {
  program
    .command('stage')
    .description('move a version of a model to a stage; Production moves the alias production too')
    .argument('<model>')
    .argument('<version>')
    .addArgument(
      new Argument('<stage>', `${MODEL_STAGES.join(', ')} (Development is None)`).argParser(stageWord),
    )
    .option('--archive-existing', 'archive the other versions of Staging or Production in the same step')
    .addOption(new Option('--expected <stage>', 'only where it is in this stage now').argParser(stageWord))
    .option('--reason <text>', 'for the audit')
    .action(
      async (model: string, version: string, stage: string, options: StageOptions, command: Command) => {
        const { out, client } = contextOf(command);
        const { archiveExisting, expected: expectedStage, reason } = options;
        const api = await client();
        const answer = await withKnownName(api, 'model', model, () =>
          api.put<StageMove>(path`/models/${model}/versions/${version}/stage`, {
            stage,
            archiveExisting,
            expectedStage,
            reason,
          }),
        );
        out.result(answer, () => stageText(answer));
      },
    );

  program
    .command('policy')
    .description('show or set what the versions of a model must have been through')
    .argument('<model>')
    .addOption(
      new Option(
        '--require-staging <switch>',
        'let only a version in Staging come to hold production (a rollback always may)',
      ).choices(['on', 'off']),
    )
    .option('--reason <text>', 'for the audit')
    .action(
      async (model: string, options: { requireStaging?: string; reason?: string }, command: Command) => {
        const { out, client } = contextOf(command);
        const { requireStaging, reason } = options;
        const api = await client();
        const route = path`/models/${model}/policy`;
        const answer = await withKnownName(api, 'model', model, () =>
          requireStaging === undefined
            ? api.get<Policy>(route)
            : api.put<Policy>(route, { requireStaging: requireStaging === 'on', reason }),
        );
        const rule = answer.requireStaging ? 'only a version in Staging' : 'any version';
        out.result(answer, () => `${model}: ${rule} can be promoted to production`);
      },
    );
}

function stageWord(word: string): string {
  const stage = readStage(word);
  if (stage === undefined) throw new InvalidArgumentError(`one of ${MODEL_STAGES.join(', ')}`);
  return stage;
}

function stageText({ model, version, stage, previousStage, archived, aliases }: StageMove): string {
  const moved = previousStage === stage ? `is in ${stage}` : `went from ${previousStage} to ${stage}`;
  const others = archived.length > 0 ? `; archived: ${archived.join(', ')}` : '';
  const production = aliases.production ? `version ${aliases.production}` : 'nobody';
  return `${model}: version ${version} ${moved}${others}; production is ${production}`;
}
