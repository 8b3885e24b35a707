import * as z from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import type { ModelParts } from '../types.ts';
import { canonicalJson } from './canonical-json.ts';
import { MOST_SECTIONS, pack, sha256Hex, unpack } from './container.ts';
import { parseManifestJson } from './manifest-json.ts';
import { laySections, readSections, sectionSchema } from './sections.ts';

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
  sections: z.array(sectionSchema).max(MOST_SECTIONS),
});

/**
 * A part as bytes, in the container of model files (container.ts) with a manifest of its own. The same part gives the
 * same bytes.
 */
export function writePartFile({ algorithm, from, to, parts }: PartFile): Uint8Array {
  const { entries, bodies } = laySections(parts.sections);
  const manifest = {
    format: 'arboleda-part',
    version: 1,
    algorithm,
    from,
    to,
    facts: parts.facts,
    sections: entries,
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
  const known = options.sha256 !== undefined;
  if (known && sha256Hex(bytes) !== options.sha256) {
    throw new IntegrityError('the part of a model is another than the one asked for: its SHA-256 differs');
  }
  const { manifest: text, body } = unpack(bytes, known);
  const parsed = manifestSchema.safeParse(parseManifestJson(text, 'part of a model'));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new IntegrityError(`the part of a model is wrong at "${issue!.path.join('.')}": ${issue!.message}`);
  }
  const { algorithm, from, to, facts, sections } = parsed.data;
  return { algorithm, from, to, parts: { facts, sections: readSections(body, sections, known) } };
}
