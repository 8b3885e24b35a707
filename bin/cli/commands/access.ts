import { type Command, Option } from 'commander';
import { ROLES } from '../../../lib/tracking/types.ts';
import type { CreatedToken, TokenList } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { table } from '../output.ts';
import { findTarget } from '../target.ts';

interface CreateOptions {
  role: string;
  name: string;
  workspace?: string;
  expires?: string;
}

/** token create, list, revoke, show. */
export function addTokenCommands(program: Command): void {
  const token = program.command('token').description('tokens of the API');
  token
    .command('create')
    .description('make a token; it is shown this once')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .requiredOption('--name <name>', 'what it is for')
    .option('--workspace <name>', 'which workspace it sees')
    .option('--expires <time>', 'ISO 8601, such as 2027-01-31T00:00:00Z')
    .action(async ({ expires, ...rest }: CreateOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const body = { ...rest, ...(expires === undefined ? {} : { expiresAt: expires }) };
      const made = await (await client()).post<CreatedToken>('/tokens', body);
      out.result(made, () => made.token);
    });
  token
    .command('list')
    .description('the tokens there are; never their secrets')
    .action(async (_: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const answer = await (await client()).get<TokenList>('/tokens');
      out.result(answer, () =>
        table(
          ['id', 'name', 'role', 'workspace', 'created', 'expires', 'revoked'],
          answer.tokens.map((one) => [
            one.tokenId,
            one.name,
            one.role,
            one.workspace,
            one.createdAt,
            one.expiresAt,
            one.revokedAt,
          ]),
        ),
      );
    });
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<id>')
    .action(async (id: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      await (await client()).delete(path`/tokens/${id}`);
      out.result({ tokenId: id, revoked: true }, () => `token ${id} is revoked`);
    });
  token
    .command('show')
    .description('print the token that this command line uses, for `$(npx arboleda token show)`')
    .action(async (_: unknown, command: Command) => {
      const { out } = contextOf(command);
      const { token: secret, name } = await findTarget(command.optsWithGlobals<{ stack?: string }>().stack);
      out.result({ token: secret, stack: name }, () => secret);
    });
}
