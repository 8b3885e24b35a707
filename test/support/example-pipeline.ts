import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PipelineDefinition } from '../../lib/pipeline/index.ts';

/** The first block of TypeScript in a page: `''` where it has none. */
export const firstCode = (page: string): string => /```ts\n([\s\S]+?)```/.exec(page)?.[1] ?? '';

/** A page's pipeline as its reader would save it, with imports that resolve from a folder outside the repo. */
export async function examplePipeline(page: string, folder: string): Promise<PipelineDefinition> {
  const path = join(folder, 'pipeline.ts');
  await writeFile(
    path,
    firstCode(page)
      .replace("'zod'", `'${import.meta.resolve('zod')}'`)
      .replace("'../../lib/pipeline/index.ts'", `'${pathToFileURL(resolve('lib/pipeline/index.ts'))}'`),
  );
  return ((await import(pathToFileURL(path).href)) as { default: PipelineDefinition }).default;
}
