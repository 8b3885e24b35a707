import { NotFoundError } from '../../errors/index.ts';
import type { Clock, ObjectStore } from '../../store/ports.ts';
import { isTerminal, type Runs, type Stages } from '../../tracking/index.ts';
import type { StageRecord } from '../../tracking/types.ts';
import { type CostEstimate, callsOf, dynamoOf, estimateCost, s3Of, transitionsOf } from '../cost/index.ts';
import { readManifest } from '../datasets/describe.ts';

type Deps = {
  objects: Pick<ObjectStore, 'get' | 'head'>;
  runs: Pick<Runs, 'get' | 'listArtifacts'>;
  stages: Pick<Stages, 'list'>;
  clock: Clock;
};

export interface RunCost extends CostEstimate {
  runId: string;
  /** False while the run goes on: what it used until now. */
  final: boolean;
}

/** An estimate of what a run cost on AWS, by its stages' records and the sizes of its files. @throws NotFoundError */
export async function costOfRun(deps: Deps, workspace: string, runId: string): Promise<RunCost> {
  const run = await deps.runs.get(workspace, runId);
  const [records, artifacts] = await Promise.all([
    deps.stages.list(workspace, runId),
    deps.runs.listArtifacts(workspace, runId),
  ]);
  const { datasetSha256 } = run.lineage;
  const manifest =
    datasetSha256 === undefined
      ? undefined
      : await readManifest(deps.objects, workspace, datasetSha256).catch(unlessGone);
  const ingested = await bytesOfIngest(deps.objects, records);
  const ended = isTerminal(run.status);
  const attempt = { attempt: run.attempt, ended };
  const files = { run, records, artifacts, ingested, ...(manifest && { manifest }) };
  return {
    runId,
    final: ended,
    ...estimateCost({
      // A client's run has no stage: nothing of ours worked for it.
      calls:
        records.length === 0 ? [] : callsOf(records, { ...attempt, now: deps.clock.now().toISOString() }),
      transitions: records.length === 0 ? 0 : transitionsOf(records, attempt),
      s3: s3Of(files),
      dynamo: dynamoOf(files),
    }),
  };
}

async function bytesOfIngest(
  objects: Pick<ObjectStore, 'head'>,
  records: readonly StageRecord[],
): Promise<number> {
  const outputs = records.find(({ stage, item }) => stage === 'ingest' && item === undefined)?.outputs ?? {};
  const keys = [outputs.rawKey, outputs.tableKey].filter((key) => typeof key === 'string');
  const infos = await Promise.all(keys.map((key) => objects.head(key)));
  return infos.reduce((sum, info) => sum + (info?.size ?? 0), 0);
}

/** Old datasets may have been swept. */
function unlessGone(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}
