/**
 * Writes a pipeline's clean splits as CSV, so that another library is trained and judged on the very same rows:
 *   node bench/pipelines/export-splits.ts housing /tmp/splits [SEED]
 * Runs ingest and clean in memory. ARBOLEDA_DATA names the data folder, `../shared/data` by default.
 */
import { join } from 'node:path';
import { allPipelines, exportSplits, runInMemory } from './open.ts';

const [name = 'housing', out = join('bench', 'out', 'splits'), seed] = process.argv.slice(2);
const definition = (await allPipelines()).find((pipeline) => pipeline.name === name);
if (definition === undefined) throw new Error(`no pipeline ${name}`);
const options = { to: 'clean' as const, ...(seed !== undefined && { seed: Number(seed) }) };
await exportSplits(await runInMemory(definition, options), out);
