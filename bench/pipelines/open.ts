/** A pipeline in memory on its real data, for what wants to look inside it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import {
  folderFiles,
  loadPipelines,
  type PipelineDefinition,
  sha256,
  sourceFiles,
} from '../../lib/pipeline/index.ts';
import type { DatasetManifest } from '../../lib/pipeline/stages/index.ts';
import { readParquet, tableToRows } from '../../lib/table/index.ts';
import type { Run, Stage } from '../../lib/tracking/types.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../test/support/pipeline.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataFolder = process.env.ARBOLEDA_DATA ?? join(root, '..', 'shared', 'data');

/** A pipeline's run that has ended, and the world it ran in. */
export interface Ran {
  definition: PipelineDefinition;
  world: PipelineWorld;
  run: Run;
  dataset: DatasetManifest;
}

/** All pipelines of the repository. */
export const allPipelines = (): Promise<PipelineDefinition[]> => loadPipelines(join(root, 'data'));

/**
 * Runs a pipeline to the stage `to`, in memory, on the file of ARBOLEDA_DATA (`../shared/data` by default).
 *
 * @param seed of the split and the training, in place of the definition's own
 * @throws Error where the run fails
 */
export async function runInMemory(
  given: PipelineDefinition,
  { seed = given.split.seed, to }: { seed?: number; to: Stage },
): Promise<Ran> {
  // Another seed may put more equal rows on both sides than the guard lets pass: all who are compared have the same.
  const guards = { ...given.guards, maxDuplicateShare: 1 };
  const definition = { ...given, guards, split: { ...given.split, seed } };
  const { name } = definition;
  const [own] = sourceFiles(definition);
  const repoFiles = own === undefined ? {} : { [name]: await readFile(join(root, 'data', name, own.path)) };
  const world = pipelineWorld([definition], repoFiles);
  const [pushed] = folderFiles(definition);
  if (pushed !== undefined) await push(world, name, pushed.path);
  const run = await runToEnd(world.deps, name, { to });
  if (run.status !== 'FINISHED') throw new Error(JSON.stringify(run.error));
  const { datasetKey } = (await outputsOf(world, run, 'clean')) as { datasetKey: string };
  const text = new TextDecoder().decode(await world.objects.get(datasetKey));
  return { definition, world, run, dataset: JSON.parse(text) as DatasetManifest };
}

async function push(world: PipelineWorld, pipeline: string, path: string): Promise<void> {
  const bytes = await readFile(join(dataFolder, path));
  const key = 'default/uploads/1';
  await world.objects.put(key, bytes, { contentType: 'application/gzip' });
  await world.deps.state.setSource('default', pipeline, {
    key,
    sha256: sha256(bytes),
    fileName: path,
    bytes: bytes.byteLength,
    synthetic: false,
    pushedAt: new Date(0).toISOString(),
  });
}

/** What the whole stage left. */
export async function outputsOf(world: PipelineWorld, { runId }: Run, stage: Stage): Promise<unknown> {
  const records = await world.deps.stages.list('default', runId);
  return records.find((record) => record.stage === stage && record.item === undefined)?.outputs;
}

/** Writes the clean splits as `train.csv`, `validation.csv`, `test.csv`, and `dataset.json` on what they are. */
export async function exportSplits({ definition, world, dataset }: Ran, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const [split, part] of Object.entries(dataset.splits)) {
    const rows = tableToRows(await readParquet(await world.objects.get(part.key)));
    const cast = { boolean: (value: boolean) => String(Number(value)) };
    await writeFile(join(out, `${split}.csv`), stringify(rows, { header: true, cast }));
  }
  const { target, task, rowsIn, rowsOut } = dataset;
  const facts = { name: definition.name, target, task, rowsIn, rowsOut, seed: definition.split.seed };
  await writeFile(join(out, 'dataset.json'), JSON.stringify(facts));
}
