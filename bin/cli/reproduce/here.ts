import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFunctions } from '../../../lib/infra/bundle/index.ts';
import {
  Catalog,
  definitionHash,
  describeDefinition,
  type PipelineDefinition,
} from '../../../lib/pipeline/index.ts';
import { REPEATED, type Surroundings } from '../../../lib/pipeline/reproduce/index.ts';

/** What this working copy would deploy. */
export interface Here {
  catalog: Catalog;
  surroundings(pipeline: string): Surroundings;
}

/**
 * Bundles the stages and the catalogue of pipelines of a working copy, as a deploy does: a code version is the hash of a
 * bundle, and a definition's hash takes in the text of its functions, which bundling changes. The definitions that run
 * are those of the bundle.
 *
 * @param root the working copy's folder
 * @throws esbuild's BuildFailure for code that does not bundle
 */
export async function hereIn(root: string): Promise<Here> {
  const bundles = await bundleFunctions({
    root,
    entries: Object.fromEntries(REPEATED.map((stage) => [stage, `lambdas/${stage}/handler.ts`])),
    pipelines: await pipelineFiles(root),
  });
  const module = (await import(pathToFileURL(join(bundles.plan!.directory, 'pipelines.mjs')).href)) as {
    pipelines: PipelineDefinition[];
  };
  const catalog = new Catalog(module.pipelines);
  const lockfile = await readFile(join(root, 'package-lock.json'));
  const codeVersions = Object.fromEntries(REPEATED.map((stage) => [stage, bundles[stage]!.codeVersion]));
  return {
    catalog,
    surroundings: (pipeline) => {
      const definition = catalog.get(pipeline);
      return {
        definitionSha256: definitionHash(definition),
        definition: describeDefinition(definition),
        codeVersions,
        lockfileSha256: createHash('sha256').update(lockfile).digest('hex'),
        nodeVersion: process.version,
      };
    },
  };
}

/** `data/<name>/pipeline.ts` of every folder that has one, as the CDK app takes them. */
async function pipelineFiles(root: string): Promise<string[]> {
  const folders = (await readdir(join(root, 'data'), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const files = await Promise.all(
    folders.map(async ({ name }) =>
      (await readdir(join(root, 'data', name))).includes('pipeline.ts') ? [`data/${name}/pipeline.ts`] : [],
    ),
  );
  return files.flat().sort();
}
