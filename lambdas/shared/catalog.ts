import { Catalog } from '../../lib/pipeline/catalog.ts';
import type { PipelineDefinition } from '../../lib/pipeline/definition/index.ts';

let loaded: Promise<Catalog> | undefined;

/** The deployed pipelines: a bundle of its own beside this one, so that editing one changes no stage's code version. */
export function catalog(): Promise<Catalog> {
  loaded ??= import(new URL('./pipelines.mjs', import.meta.url).href).then(
    (module: { pipelines: PipelineDefinition[] }) => new Catalog(module.pipelines),
  );
  return loaded;
}
