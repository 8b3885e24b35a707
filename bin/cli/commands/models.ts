import type { Command } from 'commander';
import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import type { ModelList, VersionList } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { chiefMetrics, table } from '../output.ts';

/** models, promote, rollback. */
export function addModelCommands(program: Command): void {
  program
    .command('models')
    .description('registered models, or the versions of one')
    .argument('[model]')
    .action(async (model: string | undefined, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      if (model === undefined) {
        const answer = await api.get<ModelList>('/models');
        out.result(answer, () => modelsText(answer.models));
        return;
      }
      const answer = await withKnownName(api, 'model', model, async () => {
        const { aliases } = await api.get<RegisteredModel>(path`/models/${model}`);
        return { aliases, ...(await api.get<VersionList>(path`/models/${model}/versions`)) };
      });
      out.result(answer, () => versionsText(answer.versions));
    });

  program
    .command('promote')
    .description('move an alias of a model to a version')
    .argument('<model>')
    .argument('<version>')
    .option('--alias <name>', 'which alias', 'production')
    .option('--expected <version>', 'only where the alias is at this version now')
    .option('--reason <text>', 'for the audit')
    .action(
      async (
        model: string,
        version: string,
        options: { alias: string; expected?: string; reason?: string },
        command: Command,
      ) => {
        const { out, client } = contextOf(command);
        const api = await client();
        const answer = await withKnownName(api, 'model', model, () =>
          api.put(path`/models/${model}/aliases/${options.alias}`, {
            version,
            ...(options.expected === undefined ? {} : { expectedVersion: options.expected }),
            ...(options.reason === undefined ? {} : { reason: options.reason }),
          }),
        );
        out.result(answer, () => `${model}: ${options.alias} is version ${version}`);
      },
    );

  program
    .command('rollback')
    .description('move an alias back to the version that held it before')
    .argument('<model>')
    .option('--alias <name>', 'which alias', 'production')
    .option('--reason <text>', 'for the audit')
    .action(async (model: string, options: { alias: string; reason?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const answer = await withKnownName(api, 'model', model, () =>
        api.post<{ toVersion?: string; version?: string }>(path`/models/${model}/rollback`, options),
      );
      out.result(
        answer,
        () => `${model}: ${options.alias} is version ${answer.toVersion ?? answer.version} again`,
      );
    });
}

const modelsText = (models: readonly RegisteredModel[]): string =>
  table(
    ['model', 'versions', 'aliases', 'created'],
    models.map((model) => [
      model.name,
      model.latestVersion,
      Object.entries(model.aliases)
        .map(([alias, version]) => `${alias}=${version}`)
        .join(', '),
      model.createdAt,
    ]),
  );

const versionsText = (versions: readonly ModelVersion[]): string =>
  table(
    ['version', 'algorithm', 'metrics', 'run', 'created'],
    versions.map((version) => [
      version.version,
      version.algorithm,
      chiefMetrics(version.metrics),
      version.runId,
      version.createdAt,
    ]),
  );
