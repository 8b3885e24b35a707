import { type Command, Option } from 'commander';
import { clientSettings, exportLines } from '../../../lib/http/mlflow/client-settings.ts';
import { ROLES } from '../../../lib/tracking/types.ts';
import type { CreatedWorkspace, WorkspaceList } from '../api-types.ts';
import { contextOf } from '../context.ts';
import { table } from '../output.ts';
import { findTarget } from '../target.ts';

/** workspace create, list. */
export function addWorkspaceCommands(program: Command): void {
  const workspace = program
    .command('workspace')
    .description('workspaces: each token belongs to one and sees no other');
  workspace
    .command('create')
    .description('make a workspace and print its first token, shown this once')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .addOption(new Option('--role <role>', 'what the token may do').choices(ROLES).default('admin'))
    .action(async (name: string, { role }: { role: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const made = await (await client()).post<CreatedWorkspace>('/workspaces', { name, role });
      out.result(made, () => made.token);
    });
  workspace
    .command('list')
    .description('the workspaces there are')
    .action(async (_: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const answer = await (await client()).get<WorkspaceList>('/workspaces');
      out.result(answer, () =>
        table(
          ['name', 'created'],
          answer.workspaces.map(({ name, createdAt }) => [name, createdAt]),
        ),
      );
    });
}

/** mlflow: the settings of MLflow's client for the stack that this command line uses. */
export function addMlflowCommand(program: Command): void {
  program
    .command('mlflow')
    .description('print the settings for MLflow\'s client, for `eval "$(npx arboleda mlflow)"`')
    .option('--token <token>', "a token to put into them; by default the command line's own")
    .action(async ({ token }: { token?: string }, command: Command) => {
      const { out } = contextOf(command);
      const target = await findTarget(command.optsWithGlobals<{ stack?: string }>().stack);
      const settings = clientSettings(target.apiUrl, token ?? target.token);
      out.result(settings, () => exportLines(settings));
    });
}
