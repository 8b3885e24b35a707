/**
 * Runs a forest pipeline in this process and prints the SHA-256 of every model it made and of the dataset:
 * `node test/support/model-bytes.ts`. A test compares it with runs in its own process.
 */
import { mlRandomForest } from '../../lib/pipeline/index.ts';
import { tinyClasses, tinyClassesCsv } from './definitions.ts';
import { pipelineWorld, runToEnd } from './pipeline.ts';

const definition = tinyClasses({
  candidates: [mlRandomForest({ trees: 5 }), mlRandomForest({ trees: 5, maxFeatures: 1 })],
});

/** `count` runs of one world, each forced. */
export async function modelBytes(
  count: number,
): Promise<{ models: string[]; datasetSha256: string | undefined }[]> {
  const world = pipelineWorld([definition], { 'tiny-classes': tinyClassesCsv(150) });
  const found = [];
  for (let i = 0; i < count; i++) {
    const run = await runToEnd(world.deps, 'tiny-classes', { force: true });
    const records = await world.deps.stages.list('default', run.runId);
    const items = records.filter(({ stage, item }) => stage === 'train' && item !== undefined);
    const models = items.map(({ outputs }) => String(outputs.modelSha256));
    found.push({ models, datasetSha256: run.lineage.datasetSha256 });
  }
  return found;
}

if (import.meta.main) {
  const [run] = await modelBytes(1);
  console.log(`RESULT ${JSON.stringify(run)}`);
}
