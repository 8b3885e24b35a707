import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../../lib/errors/index.ts';
import { parseModelReference } from '../../lib/tracking/model-reference.ts';
import { ownModel } from '../../lib/tracking/own-model.ts';
import type { ModelVersion, OwnModel, RegisteredModel } from '../../lib/tracking/types.ts';
import type { VersionList } from './api-types.ts';
import { type ApiClient, path } from './client.ts';
import { type Downloaded, download } from './download.ts';

/** What `model pull` leaves beside the model file: `serve` tells the version by it. */
export const VERSION_FILE = 'version.json';

export interface PulledModel {
  version: ModelVersion & OwnModel;
  file: Downloaded;
}

/**
 * Downloads the file of a registered version into a folder that `predict --model` and `serve --model` take.
 *
 * @param text `housing`, `housing/2`, `housing@production`, `models:/housing/Staging`
 * @throws InvalidReferenceError, ApiError, ConflictError where another model is in the folder
 */
export async function pullModel(api: ApiClient, text: string, out: string): Promise<PulledModel> {
  const version = ownModel(await versionOf(api, text));
  const file = await download(
    api,
    path`/runs/${version.runId ?? ''}/artifacts/model/model.arbm`,
    join(out, 'model.arbm'),
    version.modelSha256,
  );
  await writeFile(join(out, VERSION_FILE), `${JSON.stringify(version, null, 2)}\n`);
  return { version, file };
}

async function versionOf(api: ApiClient, text: string): Promise<ModelVersion> {
  const reference = parseModelReference(text);
  const { kind, model } = reference;
  const get = (version: string) => api.get<ModelVersion>(path`/models/${model}/versions/${version}`);
  if (kind === 'version') return get(reference.version);
  const held = await api.get<RegisteredModel>(path`/models/${model}`);
  if (kind === 'latest') return get(String(held.latestVersion));
  // As the registry has it: Production is what holds the alias, where a version does.
  const production = Object.hasOwn(held.aliases, 'production') ? held.aliases.production : undefined;
  if (kind === 'stage' && reference.stage === 'Production' && production) return get(production);
  if (kind === 'stage') {
    const { versions } = await api.get<VersionList>(path`/models/${model}/versions`, { limit: 1000 });
    const found = versions.find(({ stage }) => stage === reference.stage);
    if (found !== undefined) return found;
    throw new NotFoundError(`model ${model} has no version in stage ${reference.stage}`);
  }
  const alias = kind === 'alias' ? reference.alias : 'production';
  const version = Object.hasOwn(held.aliases, alias) ? held.aliases[alias] : undefined;
  if (version === undefined) throw new NotFoundError(`model ${model} has no alias ${alias}`);
  return get(version);
}
