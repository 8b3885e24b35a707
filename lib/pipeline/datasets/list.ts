import type { PipelineState, Runs } from '../../tracking/index.ts';
import type { PipelineSource, Run } from '../../tracking/types.ts';

/** Data that runs of a pipeline read, and what came of cleaning it. */
export interface ListedDataset {
  pipeline: string;
  sourceSha256: string;
  /** Absent where no run got as far as cleaning. */
  datasetSha256?: string;
  /** Rows delivered and accepted. */
  rows: number | null;
  synthetic: boolean;
  /** `pushed`, `pinned`, `file`, `https`, `generate`, ... */
  source: string | null;
  /** Start of the first and the last run among those searched, ISO 8601. */
  firstUsedAt: string;
  lastUsedAt: string;
  /** The last run on this data. */
  runId: string;
  runs: number;
}

/** What the next run of a pipeline reads, where somebody pushed or pinned it. */
export type NextSource = PipelineSource & { pipeline: string };

export interface DatasetList {
  datasets: ListedDataset[];
  sources: NextSource[];
  /** How many runs were looked at, newest first, and whether those were all. */
  searchedRuns: number;
  complete: boolean;
}

const PAGE = 100;
const MOST_RUNS = 1_000;

/** The newest runs, 1,000 at most: what data they stood on is in their lineage. */
export async function runsWithData(
  runs: Pick<Runs, 'list'>,
  workspace: string,
  pipeline?: string,
): Promise<{ runs: Run[]; complete: boolean }> {
  const found: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.list(workspace, {
      limit: PAGE,
      ...(pipeline !== undefined && { pipeline }),
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < MOST_RUNS);
  return { runs: found, complete: cursor === undefined };
}

/** The data of one pipeline, or of all, last used first. */
export async function listDatasets(
  deps: { runs: Pick<Runs, 'list'>; state: Pick<PipelineState, 'getSource'> },
  workspace: string,
  pipelines: readonly string[],
  pipeline?: string,
): Promise<DatasetList> {
  const { runs, complete } = await runsWithData(deps.runs, workspace, pipeline);
  const byData = new Map<string, ListedDataset>();
  for (const run of runs) {
    const { sourceSha256, datasetSha256 } = run.lineage;
    if (run.pipeline === undefined || sourceSha256 === undefined) continue;
    const id = [run.pipeline, sourceSha256, datasetSha256].join(' ');
    const seen = byData.get(id);
    if (seen === undefined) byData.set(id, listed(run, run.pipeline, sourceSha256));
    else byData.set(id, { ...seen, firstUsedAt: run.startTime, runs: seen.runs + 1 });
  }
  const named = pipeline === undefined ? pipelines : [pipeline];
  const sources = await Promise.all(
    named.map(async (name): Promise<NextSource[]> => {
      const source = await deps.state.getSource(workspace, name);
      return source === undefined ? [] : [{ pipeline: name, ...source }];
    }),
  );
  return { datasets: [...byData.values()], sources: sources.flat(), searchedRuns: runs.length, complete };
}

/** Runs come newest first: the first that is met is the last one. */
function listed(
  { runId, startTime, lineage, tags }: Run,
  pipeline: string,
  sourceSha256: string,
): ListedDataset {
  const rows = Number(tags['data.rows']);
  return {
    pipeline,
    sourceSha256,
    ...(lineage.datasetSha256 !== undefined && { datasetSha256: lineage.datasetSha256 }),
    rows: tags['data.rows'] !== undefined && Number.isFinite(rows) ? rows : null,
    synthetic: tags['data.synthetic'] === 'true',
    source: tags['data.source'] ?? null,
    firstUsedAt: startTime,
    lastUsedAt: startTime,
    runId,
    runs: 1,
  };
}
