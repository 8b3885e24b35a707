import { join } from 'node:path';
import { ArboledaError } from '../lib/errors/index.ts';
import { createApp } from '../lib/infra/index.ts';
import { collectorUrl, loadPipelines, sourceFiles, sourcesOf } from '../lib/pipeline/index.ts';

/** The CDK app: `npx cdk synth` and `npx cdk deploy` run this file (cdk.json). Settings: `-c name=value`. */
const root = join(import.meta.dirname, '..');

try {
  const definitions = await loadPipelines(join(root, 'data'));
  const pipelines = definitions.map((definition) => ({
    name: definition.name,
    schedule: definition.schedule,
    file: sourceFiles(definition)[0]?.path,
    collects: sourcesOf(definition).some(({ kind }) => kind === 'batches'),
    collectorUrl: collectorUrl(definition, process.env),
  }));
  (await createApp({ root, pipelines })).synth();
} catch (error) {
  if (!(error instanceof ArboledaError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.remedy}\n`);
  process.exitCode = 1;
}
