import { createHash } from 'node:crypto';
import { IntegrityError } from '../../errors/index.ts';

/**
 * The container of a model file, version 1. Little-endian throughout.
 *
 *     0   4  magic "ARBM"
 *     4   4  format version, 1
 *     8   4  length of the manifest in bytes
 *    12   4  zero
 *    16  32  SHA-256 of bytes 0 to 15, then of the manifest with its padding
 *    48      manifest: canonical JSON in UTF-8, then zeros up to a multiple of 8
 *            the sections in the manifest's order, each followed by zeros up to a multiple of 8
 *
 * The manifest names each section's type, length, offset and SHA-256, so the hash at 16 covers the whole file: header
 * and manifest directly, sections through their hashes; padding must be zero and nothing may follow. Every byte is
 * hashed once. There is no clock, no path and no machine in it: equal models have equal bytes.
 */
const MAGIC = 0x4d425241;
const FORMAT_VERSION = 1;
export const HEADER_BYTES = 48;
const HASHED_HEADER = 16;
const ALIGNMENT = 8;

/** Bounds that are checked before anything is allocated. */
const MOST_MANIFEST_BYTES = 64 * 1024 * 1024;
export const MOST_SECTIONS = 64;

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

const rootHash = (header: Uint8Array, manifest: Uint8Array): Uint8Array =>
  createHash('sha256').update(header.subarray(0, HASHED_HEADER)).update(manifest).digest();

/** Where the bytes of a section lie. */
export interface Extent {
  offset: number;
  byteLength: number;
  sha256: string;
}

/** Header, manifest and sections as one file. Offsets count from the end of the padded manifest. */
export function pack(manifest: string, sections: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(manifest);
  const manifestEnd = HEADER_BYTES + aligned(text.length);
  const length = sections.reduce((sum, section) => sum + aligned(section.length), manifestEnd);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FORMAT_VERSION, true);
  view.setUint32(8, text.length, true);
  bytes.set(text, HEADER_BYTES);
  bytes.set(rootHash(bytes, bytes.subarray(HEADER_BYTES, manifestEnd)), HASHED_HEADER);
  let at = manifestEnd;
  for (const section of sections) {
    bytes.set(section, at);
    at += aligned(section.length);
  }
  return bytes;
}

/**
 * The length of the manifest, unverified: to refuse a huge one before it is hashed and parsed. 0 where the bytes are no
 * model file or do not hold so many, which `unpack` says better.
 */
export function manifestBytesOf(bytes: Uint8Array): number {
  if (bytes.length < HEADER_BYTES) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(8, true);
  return view.getUint32(0, true) === MAGIC && HEADER_BYTES + length <= bytes.length ? length : 0;
}

/**
 * The manifest's text and the bytes after it, header and root hash verified.
 *
 * @param known true where the whole file has been hashed already and is the one asked for
 * @throws IntegrityError
 */
export function unpack(bytes: Uint8Array, known = false): { manifest: string; body: Uint8Array } {
  if (bytes.length < HEADER_BYTES)
    throw new IntegrityError(`a model file has ${HEADER_BYTES} bytes at least`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC)
    throw new IntegrityError('this is not a model file: it lacks the mark ARBM');
  const version = view.getUint32(4, true);
  if (version !== FORMAT_VERSION) {
    throw new IntegrityError(
      `the model file is of format ${version}, and this release reads ${FORMAT_VERSION}`,
      {
        remedy: 'Read it with the release that wrote it, or train again.',
      },
    );
  }
  const length = view.getUint32(8, true);
  const manifestEnd = HEADER_BYTES + aligned(length);
  if (length > MOST_MANIFEST_BYTES || manifestEnd > bytes.length) {
    throw new IntegrityError('the manifest of the model file is longer than the file');
  }
  const manifest = bytes.subarray(HEADER_BYTES, manifestEnd);
  const stored = bytes.subarray(HASHED_HEADER, HEADER_BYTES);
  if (!known && Buffer.compare(rootHash(bytes, manifest), stored) !== 0) {
    throw new IntegrityError('the header or manifest of the model file was changed: its hash is another');
  }
  if (!isZero(bytes, HEADER_BYTES + length, manifestEnd) || view.getUint32(12, true) !== 0)
    throw new IntegrityError('padding holds data');
  return { manifest: decode(manifest.subarray(0, length)), body: bytes.subarray(manifestEnd) };
}

/**
 * The sections of the body, each hash verified. They are views into the body, not copies.
 *
 * @param known true where the whole file has been hashed already
 * @throws IntegrityError naming the section
 */
export function takeSections(
  body: Uint8Array,
  extents: readonly (Extent & { name: string })[],
  known = false,
): Uint8Array[] {
  let at = 0;
  const sections = extents.map(({ name, offset, byteLength, sha256 }) => {
    const end = offset + aligned(byteLength);
    if (offset !== at || !(end <= body.length))
      throw new IntegrityError(`section "${name}" lies outside the file`);
    at = end;
    const section = body.subarray(offset, offset + byteLength);
    if (!known && sha256Hex(section) !== sha256)
      throw new IntegrityError(`section "${name}" was changed: its hash is another`);
    if (!isZero(body, offset + byteLength, end)) {
      throw new IntegrityError(`the padding after section "${name}" holds data`);
    }
    return section;
  });
  if (at !== body.length) throw new IntegrityError('the model file has bytes after its last section');
  return sections;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new IntegrityError('the manifest of the model file is not UTF-8', { cause });
  }
}
