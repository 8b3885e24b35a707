import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import type { PipelineDescription } from '../../../lib/http/types.ts';
import type {
  DatasetList,
  DescribedDataset,
  DescribedSource,
  ListedDataset,
} from '../../../lib/pipeline/datasets/index.ts';
import type { PipelineList } from '../api-types.ts';
import { type ApiClient, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { type Downloaded, download } from '../download.ts';
import { withKnownName } from '../names.ts';
import { figure, table } from '../output.ts';
import { pushFile } from '../push.ts';

/** data push, list, pull, release. */
export function addDataCommands(program: Command): void {
  const data = program.command('data').description('the data that pipelines read');

  data
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

  data
    .command('list')
    .description('data that runs stood on: sources and the datasets cleaned from them, by hash')
    .argument('[pipeline]')
    .action(async (pipeline: string | undefined, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const get = () => api.get<DatasetList>('/datasets', { pipeline });
      const list = pipeline === undefined ? await get() : await withKnownName(api, 'pipeline', pipeline, get);
      out.result(list, () => listText(list));
    });

  data
    .command('pull')
    .description('download data by its hash: a source as it was delivered, or the tables of a dataset')
    .argument('<hash>', 'a SHA-256, or at least six of its first digits')
    .option('--out <path>', 'the file for a source, the folder for a dataset')
    .action(async (hash: string, options: { out?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const pulled = await pull(await client(), hash, options.out);
      out.result(pulled, () => pullText(pulled.files));
    });

  data
    .command('release')
    .description("forget what was pushed or pinned: the pipeline reads its definition's own sources again")
    .argument('<pipeline>')
    .action(async (pipeline: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const answer = await withKnownName(api, 'pipeline', pipeline, () =>
        api.delete<{ released: { sha256: string } | null }>(path`/pipelines/${pipeline}/data`),
      );
      out.result(answer, () =>
        answer.released === null
          ? `${pipeline} reads its own sources: nothing was pushed or pinned`
          : `${pipeline} reads its own sources again (until now ${answer.released.sha256.slice(0, 12)})`,
      );
    });
}

async function pull(api: ApiClient, hash: string, to?: string) {
  const found = await api.get<DescribedDataset | DescribedSource>(path`/datasets/${hash}`);
  const { kind, sha256 } = found;
  const short = sha256.slice(0, 12);
  const files: Downloaded[] = [];
  for (const { name, sha256: own } of found.files) {
    const place = kind === 'source' ? (to ?? `source-${short}`) : join(to ?? `dataset-${short}`, name);
    files.push(await download(api, path`/datasets/${sha256}/files/${name}`, place, own));
  }
  return { kind, sha256, files };
}

const pullText = (files: readonly Downloaded[]): string =>
  files
    .map(({ file, bytes, sha256, written }) =>
      written
        ? `${file}: ${figure(bytes)} bytes, SHA-256 ${sha256} as promised`
        : `${file}: there already, the very same`,
    )
    .join('\n');

function listText({ datasets, sources, complete, searchedRuns }: DatasetList): string {
  const short = (sha256: string | undefined) => sha256?.slice(0, 12);
  const kind = ({ source, synthetic }: ListedDataset) => `${source ?? ''}${synthetic ? ' (synthetic)' : ''}`;
  const lines = [
    table(
      ['pipeline', 'source', 'dataset', 'rows', 'from', 'last used', 'run', 'runs'],
      datasets.map((one) => [
        one.pipeline,
        short(one.sourceSha256),
        short(one.datasetSha256),
        one.rows === null ? '' : figure(one.rows),
        kind(one),
        one.lastUsedAt,
        one.runId.slice(0, 8),
        one.runs,
      ]),
    ),
    ...sources.map(({ pipeline, sha256, fileName, pinned }) => {
      const how = pinned ? `pinned, ${fileName}` : `pushed, ${fileName}`;
      return `${pipeline} reads ${short(sha256)} from its next run on (${how})\n`;
    }),
  ];
  if (!complete) lines.push(`of the newest ${searchedRuns} runs; older ones were not searched\n`);
  return lines.join('');
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
