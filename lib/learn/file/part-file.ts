import { z } from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import type { ModelParts } from '../types.ts';
import { canonicalJson } from './canonical-json.ts';
import { aligned, pack, sha256Hex, takeSections, unpack } from './container.ts';
import { type SectionType, sectionTypes } from './manifest.ts';
import { littleEndian, typedArray, typeOf } from './model-file.ts';

/** One shard's share of a model, between the function that fits it and the one that merges. */
export interface PartFile {
  algorithm: string;
  /** The pieces (trees) `from` to `to - 1`. */
  from: number;
  to: number;
  parts: ModelParts;
}

const count = z.int().min(0);
const manifestSchema = z.strictObject({
  format: z.literal('arboleda-part'),
  version: z.literal(1),
  algorithm: z.string().min(1),
  from: count,
  to: count,
  facts: z.record(z.string(), z.unknown()),
  sections: z.array(
    z.strictObject({
      name: z.string().min(1).max(100),
      type: z.enum(Object.keys(sectionTypes) as [SectionType, ...SectionType[]]),
      length: count,
      offset: count,
      sha256: z.string(),
    }),
  ),
});

/**
 * A part as bytes, in the container of model files (container.ts) with a manifest of its own. The same part gives the
 * same bytes.
 */
export function writePartFile({ algorithm, from, to, parts }: PartFile): Uint8Array {
  let offset = 0;
  const bodies: Uint8Array[] = [];
  const sections = Object.entries(parts.sections).map(([name, array]) => {
    const bytes = littleEndian(array);
    const entry = { name, type: typeOf(array), length: array.length, offset, sha256: sha256Hex(bytes) };
    offset += aligned(bytes.length);
    bodies.push(bytes);
    return entry;
  });
  const manifest = {
    format: 'arboleda-part',
    version: 1,
    algorithm,
    from,
    to,
    facts: parts.facts,
    sections,
  };
  return pack(canonicalJson(manifest), bodies);
}

/**
 * Reads what {@link writePartFile} wrote.
 *
 * @param options.sha256 hash that the whole file must have (its content address), in hex
 * @throws IntegrityError on any changed byte, and on a file that is no part
 */
export function readPartFile(bytes: Uint8Array, options: { sha256?: string } = {}): PartFile {
  if (options.sha256 !== undefined && sha256Hex(bytes) !== options.sha256) {
    throw new IntegrityError('the part of a model is another than the one asked for: its SHA-256 differs');
  }
  const { manifest: text, body } = unpack(bytes);
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new IntegrityError(`the part of a model is wrong at "${issue!.path.join('.')}": ${issue!.message}`);
  }
  const { algorithm, from, to, facts, sections } = parsed.data;
  const extents = sections.map(({ type, length, ...rest }) => ({
    ...rest,
    byteLength: length * sectionTypes[type].BYTES_PER_ELEMENT,
  }));
  const found = takeSections(body, extents);
  const arrays = sections.map(
    ({ name, type, length }, i) => [name, typedArray(type, found[i]!, length)] as const,
  );
  return { algorithm, from, to, parts: { facts, sections: Object.fromEntries(arrays) } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IntegrityError('the manifest of a model part is not JSON', { cause });
  }
}
