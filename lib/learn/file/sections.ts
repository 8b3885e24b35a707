import * as z from 'zod';
import type { ModelParts } from '../types.ts';
import { aligned, sha256Hex, takeSections } from './container.ts';

/** The array types that a section may have. */
const sectionTypes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;
type SectionType = keyof typeof sectionTypes;

/** What a manifest says of a section: `length` counts entries, `offset` bytes from the manifest's padded end. */
export const sectionSchema = z.strictObject({
  name: z.string().min(1).max(100),
  type: z.enum(Object.keys(sectionTypes) as [SectionType, ...SectionType[]]),
  length: z
    .int()
    .min(0)
    .max(2 ** 32),
  offset: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SectionEntry = z.output<typeof sectionSchema>;

type Sections = ModelParts['sections'];
type Section = Sections[string];

/** The entries of a manifest for these arrays, and the arrays' bytes in the file's order. */
export function laySections(sections: Sections): { entries: SectionEntry[]; bodies: Uint8Array[] } {
  const entries: SectionEntry[] = [];
  const bodies: Uint8Array[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(sections)) {
    const bytes = littleEndian(array);
    entries.push({ name, type: typeOf(array), length: array.length, offset, sha256: sha256Hex(bytes) });
    bodies.push(bytes);
    offset += aligned(bytes.length);
  }
  return { entries, bodies };
}

/**
 * The arrays of a file. They lie on its bytes, which are copied only where they do not begin at a multiple of 8 of
 * their buffer (or where this machine is big-endian).
 *
 * @param known true where the whole file has been hashed already and is the one asked for
 * @throws IntegrityError naming the section that is damaged or outside the file
 */
export function readSections(body: Uint8Array, entries: readonly SectionEntry[], known = false): Sections {
  const laid = body.byteOffset % aligned(1) === 0 ? body : new Uint8Array(body);
  const extents = entries.map(({ type, length, ...rest }) => ({
    ...rest,
    byteLength: length * sectionTypes[type].BYTES_PER_ELEMENT,
  }));
  const found = takeSections(laid, extents, known);
  return Object.fromEntries(
    entries.map(({ name, type, length }, i) => [name, arrayOn(found[i]!, type, length)]),
  );
}

function typeOf(array: Section): SectionType {
  const found = Object.entries(sectionTypes).find(([, type]) => array instanceof type);
  return found![0] as SectionType;
}

const machineIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndian(array: Section): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return machineIsLittleEndian ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

function arrayOn(bytes: Uint8Array, type: SectionType, length: number): Section {
  const Type = sectionTypes[type];
  const own = machineIsLittleEndian ? bytes : swapped(bytes, Type.BYTES_PER_ELEMENT);
  return new Type(own.buffer as ArrayBuffer, own.byteOffset, length);
}

/** A copy with the bytes of each entry turned round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}
