import { ArboledaError, IntegrityError } from '../../errors/index.ts';
import type { FittedPreprocessing, RowSchema, TableProfile } from '../../table/index.ts';
import { getTrainer } from '../trainers.ts';
import type { Model, ModelParts } from '../types.ts';
import { canonicalJson } from './canonical-json.ts';
import { aligned, pack, sha256Hex, takeSections, unpack } from './container.ts';
import { type ModelManifest, parseManifest, type SectionType, sectionTypes } from './manifest.ts';

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
  profile?: TableProfile;
}

/** A model as it was read from its file. */
export interface LoadedModel {
  manifest: ModelManifest;
  model: Model;
}

type Section = ModelParts['sections'][string];

/**
 * A model with all that prediction needs, as bytes; container.ts has the layout. The same input gives the same bytes.
 *
 * @throws BadDefinitionError where params, preprocessing or profile hold what JSON cannot
 */
export function writeModelFile(input: ModelFileInput): Uint8Array {
  const { facts, sections } = input.model.toFile();
  const arrays = Object.entries(sections).map(([name, array]) => ({
    name,
    array,
    bytes: littleEndian(array),
  }));
  let offset = 0;
  const described = arrays.map(({ name, array, bytes }) => {
    const entry = { name, type: typeOf(array), length: array.length, offset, sha256: sha256Hex(bytes) };
    offset += aligned(bytes.length);
    return entry;
  });
  const manifest = {
    format: 'arboleda-model',
    version: 1,
    name: input.name,
    algorithm: input.model.algorithm,
    task: input.model.task,
    target: input.target,
    features: input.model.features,
    classes: input.model.classes,
    params: input.params,
    seed: input.seed,
    facts,
    preprocessing: input.preprocessing,
    rowSchema: input.rowSchema,
    profile: input.profile,
    sections: described,
  };
  return pack(
    canonicalJson(manifest),
    arrays.map(({ bytes }) => bytes),
  );
}

/**
 * Reads a model file. Runs no code from it; sizes are bounded by the file's own length before anything is allocated.
 *
 * @param options.sha256 hash that the whole file must have (its content address), in hex
 * @throws IntegrityError on any changed byte, and on any file that is not sound
 * @example
 * const { manifest, model } = readModelFile(bytes, { sha256: version.modelSha256 });
 */
export function readModelFile(bytes: Uint8Array, options: { sha256?: string } = {}): LoadedModel {
  if (options.sha256 !== undefined && sha256Hex(bytes) !== options.sha256) {
    throw new IntegrityError('the model file is another than the one asked for: its SHA-256 differs');
  }
  const { manifest: text, body } = unpack(bytes);
  const manifest = parseManifest(text);
  const extents = manifest.sections.map(({ type, length, ...rest }) => ({
    ...rest,
    byteLength: length * sectionTypes[type].BYTES_PER_ELEMENT,
  }));
  const found = takeSections(body, extents);
  const sections = Object.fromEntries(
    manifest.sections.map(({ name, type, length }, i) => [name, typedArray(type, found[i]!, length)]),
  );
  const { task, features, classes } = manifest;
  const trainer = trainerOf(manifest.algorithm);
  if (!trainer.tasks.includes(task)) throw new IntegrityError(`${manifest.algorithm} does no ${task}`);
  return {
    manifest,
    model: trainer.fromFile({ facts: manifest.facts, sections }, { task, features, classes }),
  };
}

function trainerOf(algorithm: string) {
  try {
    return getTrainer(algorithm);
  } catch (cause) {
    if (!(cause instanceof ArboledaError)) throw cause;
    throw new IntegrityError(
      `the model file is of the algorithm ${JSON.stringify(algorithm)}, which is not known here`,
      {
        cause,
        remedy: 'Read it with the release that wrote it.',
      },
    );
  }
}

/** The name of an array's type in a manifest. */
export function typeOf(array: Section): SectionType {
  const found = Object.entries(sectionTypes).find(([, type]) => array instanceof type);
  return found![0] as SectionType;
}

const machineIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** An array's bytes in the file's order. */
export function littleEndian(array: Section): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
  return machineIsLittleEndian ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

/** The array of a section's bytes, which {@link littleEndian} made. */
export function typedArray(type: SectionType, bytes: Uint8Array, length: number): Section {
  const Type = sectionTypes[type];
  const own = machineIsLittleEndian ? bytes : swapped(bytes, Type.BYTES_PER_ELEMENT);
  // `slice` above laid the bytes at the front of a buffer of their own, so every element type is aligned.
  return new Type(own.buffer as ArrayBuffer, own.byteOffset, length);
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
