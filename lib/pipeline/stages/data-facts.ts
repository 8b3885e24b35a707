import type { PipelineDeps } from '../deps.ts';
import type { CleanOutputs, IngestOutputs } from './types.ts';

type Target = Pick<PipelineDeps, 'runs'>;

/** What a run says of the rows it stands on: as tags, and the delivered bytes' hash in its lineage. */
export async function tellIngest(
  { runs }: Target,
  workspace: string,
  runId: string,
  outputs: IngestOutputs,
): Promise<void> {
  await runs.setTags(workspace, runId, {
    'data.synthetic': String(outputs.synthetic),
    'data.source': outputs.source,
    'data.rows': String(outputs.rows),
    'data.badRows': String(outputs.badRows),
    ...(outputs.passedOver.length > 0
      ? { 'data.passedOver': outputs.passedOver.join('; ').slice(0, 1000) }
      : {}),
  });
  await runs.setLineage(workspace, runId, { sourceSha256: outputs.sourceSha256 });
}

/** The clean dataset's hash in the run's lineage, and its batches and split among the run's artifacts. */
export async function tellClean(
  { runs }: Target,
  workspace: string,
  runId: string,
  // A result of an earlier release names no artifacts.
  {
    datasetSha256,
    artifacts = [],
  }: Omit<CleanOutputs, 'artifacts'> & Partial<Pick<CleanOutputs, 'artifacts'>>,
): Promise<void> {
  await runs.setLineage(workspace, runId, { datasetSha256 });
  for (const artifact of artifacts) await runs.addArtifact(workspace, runId, artifact);
}
