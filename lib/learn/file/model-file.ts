import { ArboledaError, IntegrityError } from '../../errors/index.ts';
import type { FittedPreprocessing, RowSchema, TrainingProfile } from '../../table/index.ts';
import { getAlgorithm } from '../algorithms.ts';
import type { Model, ModelParts } from '../types.ts';
import { canonicalJson } from './canonical-json.ts';
import { pack, sha256Hex, unpack } from './container.ts';
import { MANIFEST_VERSION, type ModelManifest, parseManifest } from './manifest.ts';
import { laySections, readSections } from './sections.ts';

/** All that a model file holds. */
export interface ModelFileInput {
  /** Name of the registered model. */
  name: string;
  model: Model;
  preprocessing: FittedPreprocessing;
  rowSchema: RowSchema;
  target: string;
  params: Record<string, unknown>;
  seed: number;
  /** Profile of the training data, against which drift is measured. */
  profile?: TrainingProfile;
}

/** A model as it was read from its file. */
export interface LoadedModel {
  manifest: ModelManifest;
  model: Model;
}

/**
 * A model with all that prediction needs, as bytes; container.ts has the layout. The same input gives the same bytes.
 *
 * @throws BadDefinitionError where params, preprocessing or profile hold what JSON cannot
 */
export function writeModelFile(input: ModelFileInput): Uint8Array {
  const { facts, sections } = input.model.toFile();
  const { entries, bodies } = laySections(sections);
  const manifest = {
    format: 'arboleda-model',
    version: MANIFEST_VERSION,
    name: input.name,
    algorithm: input.model.algorithm,
    task: input.model.task,
    target: input.target,
    features: input.model.features,
    categories: input.model.categories,
    classes: input.model.classes,
    params: input.params,
    seed: input.seed,
    facts,
    preprocessing: input.preprocessing,
    rowSchema: input.rowSchema,
    profile: input.profile,
    sections: entries,
  };
  return pack(canonicalJson(manifest), bodies);
}

/**
 * Reads a model file. Runs no code from it; sizes are bounded by the file's own length before anything is allocated.
 * The model works on these very bytes, which from now on must not change; they are copied only where they do not
 * begin at a multiple of 8 of their buffer.
 *
 * @param options.sha256 hash that the whole file must have (its content address), in hex; the hashes inside the file
 *   then say nothing more and are not worked out again
 * @throws IntegrityError on any changed byte, and on any file that is not sound
 * @example
 * const { manifest, model } = readModelFile(bytes, { sha256: version.modelSha256 });
 */
export function readModelFile(bytes: Uint8Array, options: { sha256?: string } = {}): LoadedModel {
  const known = options.sha256 !== undefined;
  if (known && sha256Hex(bytes) !== options.sha256) {
    throw anotherFile();
  }
  const { manifest: text, body } = unpack(bytes, known);
  const manifest = parseManifest(text);
  const sections = readSections(body, manifest.sections, known);
  const { task, features, classes } = manifest;
  const algorithm = algorithmOf(manifest.algorithm);
  if (!algorithm.tasks.includes(task)) throw new IntegrityError(`${manifest.algorithm} does no ${task}`);
  const categories = manifest.categories?.map((names) => names ?? undefined);
  if (categories !== undefined && algorithm.nativeCategories !== true) {
    throw new IntegrityError(`${manifest.algorithm} has no native categories`);
  }
  const shape = { task, features, classes, ...(categories === undefined ? {} : { categories }) };
  return { manifest, model: algorithm.fromFile({ facts: manifest.facts, sections }, shape) };
}

/**
 * What a model file says of itself, without making a model of it.
 *
 * @param options.sha256 hash that the whole file must have
 * @throws IntegrityError as `readModelFile` does
 */
export function readManifest(bytes: Uint8Array, options: { sha256: string }): ModelManifest {
  if (sha256Hex(bytes) !== options.sha256) throw anotherFile();
  return parseManifest(unpack(bytes, true).manifest);
}

const anotherFile = (): IntegrityError =>
  new IntegrityError('the model file is another than the one asked for: its SHA-256 differs');

/**
 * A model file's manifest and arrays as they are, without making a model of them: to compare two files.
 *
 * @throws IntegrityError on any changed byte
 */
export function modelSections(bytes: Uint8Array): {
  manifest: Record<string, unknown>;
  sections: ModelParts['sections'];
} {
  const { manifest: text, body } = unpack(bytes);
  const manifest = parseManifest(text);
  return { manifest: { ...manifest }, sections: readSections(body, manifest.sections) };
}

function algorithmOf(name: string) {
  try {
    return getAlgorithm(name);
  } catch (cause) {
    if (!(cause instanceof ArboledaError)) throw cause;
    throw new IntegrityError(
      `the model file is of the algorithm ${JSON.stringify(name)}, which is not known here`,
      {
        cause,
        remedy: 'Read it with the release that wrote it.',
      },
    );
  }
}
