import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BadDefinitionError, maskedUrl, NotFoundError } from '../errors/index.ts';
import { inferTask } from '../learn/index.ts';
import { schemaFromZod } from '../table/index.ts';
import type { FileSource, FolderSource, Source } from './definition/index.ts';
import {
  collectedUrl,
  definitionSchema,
  hashOf,
  type PipelineDefinition,
  schemaFingerprint,
} from './definition/index.ts';

/** Every pipeline this deployment knows, by name. */
export class Catalog {
  readonly #byName: Map<string, PipelineDefinition>;

  /** @throws BadDefinitionError where two pipelines have one name. */
  constructor(definitions: readonly PipelineDefinition[]) {
    this.#byName = new Map();
    for (const definition of definitions) {
      if (this.#byName.has(definition.name)) {
        throw new BadDefinitionError(`two pipelines are named ${definition.name}`, { field: 'name' });
      }
      this.#byName.set(definition.name, definition);
    }
  }

  /** @throws NotFoundError that lists the names there are. */
  get(name: string): PipelineDefinition {
    const found = this.#byName.get(name);
    if (found === undefined) {
      const names = this.names().join(', ') || 'none';
      throw new NotFoundError(`no pipeline named "${name}"`, {
        remedy: `Use one of: ${names}.`,
        field: 'pipeline',
      });
    }
    return found;
  }

  names(): string[] {
    return [...this.#byName.keys()].sort();
  }
}

/** Reads `<dataDir>/<name>/pipeline.ts` of every folder: for synth and for the command line. */
export async function loadPipelines(dataDir: string): Promise<PipelineDefinition[]> {
  const folders = (await readdir(dataDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map((entry) => entry.name).sort();
  const found: PipelineDefinition[] = [];
  for (const name of names) {
    const path = join(dataDir, name, 'pipeline.ts');
    const files = await readdir(join(dataDir, name));
    if (!files.includes('pipeline.ts')) continue;
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    found.push(checkModule(module.default, name));
  }
  return found;
}

function checkModule(value: unknown, folder: string): PipelineDefinition {
  const parsed = definitionSchema.safeParse(value);
  if (!parsed.success) {
    throw new BadDefinitionError(`data/${folder}/pipeline.ts does not export default definePipeline({...})`);
  }
  if (parsed.data.name !== folder) {
    throw new BadDefinitionError(`data/${folder}/pipeline.ts names its pipeline "${parsed.data.name}"`, {
      field: 'name',
      remedy: 'Give the folder and the pipeline the same name.',
    });
  }
  return parsed.data;
}

export const sourcesOf = (definition: PipelineDefinition): Source[] =>
  Array.isArray(definition.source) ? definition.source : [definition.source];

/** Files in the pipeline's folder that must be deployed beside it. */
export const sourceFiles = (definition: PipelineDefinition): FileSource[] =>
  sourcesOf(definition).filter((source): source is FileSource => source.kind === 'file');

/** Files that the command line uploads where ARBOLEDA_DATA holds them. */
export const folderFiles = (definition: PipelineDefinition): FolderSource[] =>
  sourcesOf(definition).filter((source): source is FolderSource => source.kind === 'folder');

/**
 * What the deployer's environment says that the pipeline's collector asks, where the definition names a variable.
 * @throws BadDefinitionError where that is no URL which may be collected from.
 */
export function collectorUrl(
  definition: PipelineDefinition,
  environment: Record<string, string | undefined>,
): string | undefined {
  for (const source of sourcesOf(definition)) {
    if (source.kind !== 'batches' || typeof source.url !== 'object') continue;
    const { env } = source.url;
    const given = environment[env];
    if (given === undefined || given === '') return undefined;
    const parsed = collectedUrl.safeParse(given);
    if (parsed.success) return parsed.data;
    throw new BadDefinitionError(`${env}: ${parsed.error.issues[0]?.message}`, {
      field: env,
      remedy: `Set ${env} to the address of the API, or leave it unset.`,
    });
  }
  return undefined;
}

/** A definition with what follows from it: JSON only, fit for S3, hashing and display. */
export function describeDefinition(definition: PipelineDefinition) {
  const { row, source: _, metrics, ...rest } = definition;
  const schema = schemaFromZod(row);
  return {
    ...rest,
    task: definition.task ?? inferTask(schema, definition.target),
    experiment: definition.experiment ?? definition.name,
    model: definition.model ?? definition.name,
    schema,
    /** Of a function JSON holds no more than what tells whether it was edited. */
    ...(metrics && { metrics: { sha256: hashOf(metrics) } }),
    sources: sourcesOf(definition).map(describeSource),
  };
}

function describeSource(source: Source) {
  switch (source.kind) {
    case 'generate':
      return { kind: source.kind, seed: source.seed, rows: source.rows };
    case 'https':
      return {
        ...source,
        // It is shown to every reader, and kept beside each run.
        url: maskedUrl(source.url),
        ...(source.decode === undefined ? {} : { decode: { sha256: hashOf(source.decode) } }),
      };
    default:
      return { ...source };
  }
}
export type DescribedPipeline = ReturnType<typeof describeDefinition>;

/** SHA-256 of all that a definition says, the row's refinements and the generator's text included. */
export const definitionHash = (definition: PipelineDefinition): string =>
  hashOf({ ...definition, row: schemaFingerprint(definition.row) });
