import type { Command } from 'commander';
import type { Split } from '../../../lib/tracking/splits/types.ts';
import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import type { AliasMoved, ModelList, VersionList } from '../api-types.ts';
import { type ApiClient, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { chiefMetrics, table } from '../output.ts';

interface RollbackOptions {
  alias: string;
  withData?: boolean;
  expected?: string;
  reason?: string;
}

interface RollbackAnswer {
  version: string;
  data?: { pipeline: string; sha256: string };
}

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
      out.result(answer, () => versionsText(answer.versions, answer.aliases));
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
        const { answer, splitEnded } = await withKnownName(api, 'model', model, () =>
          tellingOfSplit(api, model, () =>
            api.put<AliasMoved>(path`/models/${model}/aliases/${options.alias}`, {
              version,
              ...(options.expected === undefined ? {} : { expectedVersion: options.expected }),
              ...(options.reason === undefined ? {} : { reason: options.reason }),
            }),
          ),
        );
        out.result(answer, () => `${model}: ${options.alias} is version ${version}${splitEnded}`);
      },
    );

  program
    .command('rollback')
    .description('move an alias back to the version that held it before')
    .argument('<model>')
    .option('--alias <name>', 'which alias', 'production')
    .option('--with-data', 'also give the pipeline back the data that this version was trained on')
    .option('--expected <version>', 'only where the alias is at this version now')
    .option('--reason <text>', 'for the audit')
    .action(async (model: string, options: RollbackOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const { expected: expectedVersion, ...rest } = options;
      const { answer, splitEnded } = await withKnownName(api, 'model', model, () =>
        tellingOfSplit(api, model, () =>
          api.post<RollbackAnswer>(path`/models/${model}/rollback`, { ...rest, expectedVersion }),
        ),
      );
      out.result(answer, () => rollbackText(model, options.alias, answer, splitEnded));
    });
}

/** Moves an alias; whatever moves `production` ends a traffic split, of which its reader may not have known. */
async function tellingOfSplit<T>(
  api: ApiClient,
  model: string,
  move: () => Promise<T>,
): Promise<{ answer: T; splitEnded: string }> {
  const running = async () => {
    const { split } = await api.get<{ split: Split | null }>(path`/models/${model}/split`);
    return split?.state === 'running';
  };
  const before = await running();
  const answer = await move();
  return { answer, splitEnded: before && !(await running()) ? '; the traffic split ended with it' : '' };
}

function rollbackText(
  model: string,
  alias: string,
  { version, data }: RollbackAnswer,
  splitEnded: string,
): string {
  const moved = `${model}: ${alias} is version ${version} again${splitEnded}`;
  if (data === undefined) return moved;
  return `${moved}\n${data.pipeline} reads the data it was trained on (${data.sha256.slice(0, 12)}) from its next run on`;
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

const versionsText = (versions: readonly ModelVersion[], aliases: Record<string, string>): string =>
  table(
    ['version', 'stage', 'aliases', 'algorithm', 'metrics', 'run', 'created'],
    versions.map(({ version, stage, algorithm, metrics, runId, createdAt }) => [
      version,
      stage,
      Object.keys(aliases)
        .filter((alias) => aliases[alias] === version)
        .join(', '),
      algorithm ?? 'MLflow model',
      chiefMetrics(metrics),
      runId ?? '',
      createdAt,
    ]),
  );
