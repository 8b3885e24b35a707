/**
 * Writes a pipeline's clean splits as CSV, so that another library is trained and judged on the very same rows:
 *   node bench/pipelines/export-splits.ts housing /tmp/splits
 * Runs ingest and clean in memory. ARBOLEDA_DATA names the data folder, `../shared/data` by default.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { folderFiles, loadPipelines, sha256, sourceFiles } from '../../lib/pipeline/index.ts';
import type { DatasetManifest } from '../../lib/pipeline/stages/index.ts';
import { readParquet } from '../../lib/table/index.ts';
import { tableToRows } from '../../lib/table/table.ts';
import { pipelineWorld, runToEnd } from '../../test/support/pipeline.ts';

const [name = 'housing', out = join('bench', 'out', 'splits')] = process.argv.slice(2);
const root = new URL('../..', import.meta.url).pathname;
const dataFolder = process.env.ARBOLEDA_DATA ?? join(root, '..', 'shared', 'data');

const definition = (await loadPipelines(join(root, 'data'))).find((pipeline) => pipeline.name === name);
if (definition === undefined) throw new Error(`no pipeline ${name}`);
const [own] = sourceFiles(definition);
const repoFiles = own === undefined ? {} : { [name]: await readFile(join(root, 'data', name, own.path)) };
const world = pipelineWorld([definition], repoFiles);
const [pushed] = folderFiles(definition);
if (pushed !== undefined) {
  const bytes = await readFile(join(dataFolder, pushed.path));
  const key = 'default/uploads/1';
  await world.objects.put(key, bytes, { contentType: 'application/gzip' });
  const source = {
    key,
    sha256: sha256(bytes),
    fileName: pushed.path,
    bytes: bytes.byteLength,
    synthetic: false as const,
  };
  await world.deps.state.setSource('default', name, { ...source, pushedAt: new Date(0).toISOString() });
}
const run = await runToEnd(world.deps, name, { to: 'clean' });
if (run.status !== 'FINISHED') throw new Error(JSON.stringify(run.error));
const records = await world.deps.stages.list('default', run.runId);
const { datasetKey } = records.find(({ stage }) => stage === 'clean')!.outputs as { datasetKey: string };
const dataset = JSON.parse(new TextDecoder().decode(await world.objects.get(datasetKey))) as DatasetManifest;
await mkdir(out, { recursive: true });
for (const [split, part] of Object.entries(dataset.splits)) {
  const table = await readParquet(await world.objects.get(part.key));
  await writeFile(
    join(out, `${split}.csv`),
    stringify(tableToRows(table), { header: true, cast: { boolean: (value) => String(Number(value)) } }),
  );
}
const { target, task, rowsIn, rowsOut } = dataset;
await writeFile(join(out, 'dataset.json'), JSON.stringify({ name, target, task, rowsIn, rowsOut }));
