import type { Command } from 'commander';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import type { RunDiff } from '../../../lib/http/types.ts';
import type { DatasetDiff, VersionDiff } from '../../../lib/pipeline/datasets/index.ts';
import { parseModelReference } from '../../../lib/tracking/model-reference.ts';
import { type ApiClient, path } from '../client.ts';
import { contextOf } from '../context.ts';
import { datasetDiffText, runDiffText, versionDiffText } from '../diff-text.ts';

type Diff =
  | ({ kind: 'runs' } & RunDiff)
  | ({ kind: 'datasets' } & DatasetDiff)
  | ({ kind: 'versions' } & VersionDiff);

/** diff: two runs, two datasets or two model versions. */
export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description('what differs between two runs, two datasets (or sources), or two model versions')
    .argument(
      '<a>',
      'a run id; a hash of data or its first digits; or housing/1, housing@production, models:/housing/Staging',
    )
    .argument('<b>', 'another of the same kind')
    .action(async (a: string, b: string, _: unknown, command: Command) => {
      const { out, client } = contextOf(command);
      const kind = sameKind(a, b);
      const diff = await fetchDiff(await client(), kind, a, b);
      out.result(diff, () => textOf(diff));
    });
}

type Kind = Diff['kind'];

/** What a text names by its form alone: hex digits are a run's id where there are 32, else a hash. */
export function kindOf(text: string): Kind {
  if (/^[0-9a-f]{32}$/i.test(text)) return 'runs';
  if (/^[0-9a-f]{6,64}$/i.test(text)) return 'datasets';
  return 'versions';
}

function sameKind(a: string, b: string): Kind {
  const [one, other] = [kindOf(a), kindOf(b)];
  if (one === other) return one;
  const named: Record<Kind, string> = { runs: 'a run', datasets: 'data', versions: 'a model version' };
  throw new InvalidInputError(`"${a}" names ${named[one]} and "${b}" names ${named[other]}`, {
    remedy: 'Compare two of a kind: run ids, hashes of data, or versions such as housing/1.',
  });
}

async function fetchDiff(api: ApiClient, kind: Kind, a: string, b: string): Promise<Diff> {
  if (kind === 'runs') return { kind, ...(await api.get<RunDiff>(path`/runs/${a}/diff`, { with: b })) };
  if (kind === 'datasets')
    return { kind, ...(await api.get<DatasetDiff>(path`/datasets/${a}/diff`, { with: b })) };
  const reference = parseModelReference(a);
  const which = { model: '@production', latest: 'latest' } as const;
  const version =
    reference.kind === 'version'
      ? reference.version
      : reference.kind === 'alias'
        ? `@${reference.alias}`
        : reference.kind === 'stage'
          ? reference.stage
          : which[reference.kind];
  // A name alone means the one in production, of either.
  const other = parseModelReference(b);
  const against = other.kind === 'model' ? `${other.model}@production` : b;
  const address = path`/models/${reference.model}/versions/${version}/diff`;
  return { kind, ...(await api.get<VersionDiff>(address, { with: against })) };
}

function textOf(diff: Diff): string {
  if (diff.kind === 'runs') return runDiffText(diff);
  return diff.kind === 'datasets' ? datasetDiffText(diff) : versionDiffText(diff);
}
