import { ArboledaError } from '../errors/index.ts';
import { CHAMPION, type LoadedVersion } from '../serving/index.ts';
import { type ApiDeps, PUBLIC_WORKSPACE } from './deps.ts';
import type { DocumentedModel } from './model-schemas.ts';

/** As many as serving keeps in memory, so that reading the document never pushes out what it has just read. */
const MAX_MODELS = 16;

/**
 * The champions of the public workspace with the schema of their rows, from the model files themselves. A model that
 * cannot be read is left out: the document of the routes must stand while one model is broken.
 */
export async function documentedModels(
  deps: Pick<ApiDeps, 'serving'> & { registry: Pick<ApiDeps['registry'], 'listModels'> },
): Promise<DocumentedModel[]> {
  const { items } = await deps.registry.listModels(PUBLIC_WORKSPACE, { limit: 100 });
  const promoted = items.filter((model) => model.aliases[CHAMPION] !== undefined).slice(0, MAX_MODELS);
  const found = await Promise.all(promoted.map((model) => documentedModel(deps, model.name)));
  return found.filter((model) => model !== undefined);
}

/** One champion; undefined where there is none that can be read. */
export async function documentedModel(
  deps: Pick<ApiDeps, 'serving'>,
  name: string,
): Promise<DocumentedModel | undefined> {
  try {
    return describeModel(await deps.serving.load(PUBLIC_WORKSPACE, name));
  } catch (error) {
    if (error instanceof ArboledaError) return undefined;
    throw error;
  }
}

/** What a loaded version says of the rows that it takes. */
export function describeModel({ version, model }: LoadedVersion): DocumentedModel {
  const { target, rowSchema, preprocessing, profile } = model.manifest;
  return {
    name: version.name,
    version: version.version,
    target,
    rowSchema,
    input: preprocessing?.input,
    profile,
  };
}
