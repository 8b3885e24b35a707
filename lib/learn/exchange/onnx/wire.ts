import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ArboledaError, IntegrityError } from '../../../errors/index.ts';
import type { Field, Message, OnnxModel, Scalar } from './schema.ts';
import { modelMessage } from './schema.ts';

/** Larger files are refused before they are read: some 5 million nodes. */
export const MOST_ONNX_BYTES = 256 * 1024 * 1024;

type Fields = Record<string, unknown>;

const wireTypes: Record<Scalar, WireType> = {
  int: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
};

/**
 * The messages of an ONNX file. Bounded: nothing is allocated beyond a small multiple of the file's own length, and
 * nesting is that of the schema, so no file can exhaust memory or stack.
 *
 * @throws IntegrityError where the bytes are no ONNX model or more than `MOST_ONNX_BYTES`
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  if (bytes.length > MOST_ONNX_BYTES) {
    throw new IntegrityError(
      `the ONNX file has ${bytes.length} bytes, and ${MOST_ONNX_BYTES} are read at most`,
      {
        remedy: 'Convert a model of fewer or shallower trees.',
      },
    );
  }
  try {
    const model = decode(new BinaryReader(bytes), modelMessage, new StringPool()) as unknown as OnnxModel;
    if (model.graph === undefined) throw new IntegrityError('it has no graph');
    return model;
  } catch (cause) {
    // The reader of the wire format throws RangeError and Error for what runs past the end or has no valid type.
    const why = cause instanceof ArboledaError || cause instanceof Error ? cause.message : String(cause);
    throw new IntegrityError(`the file is not an ONNX model: ${why}`, {
      cause,
      remedy: 'Give a file that a converter to ONNX wrote, whole.',
    });
  }
}

/** An ONNX model as bytes: what `decodeOnnx` reads. Fields in the order of the schema, so equal models have equal bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter();
  encode(writer, modelMessage, model as unknown as Fields);
  return writer.finish();
}

function decode(reader: BinaryReader, message: Message, pool: StringPool): Fields {
  const out = blank(message);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = message[number];
    if (field === undefined) {
      reader.skip(wire, number);
      continue;
    }
    const value = out[field.name];
    const items = field.repeated ? (value as unknown[]) : undefined;
    const { kind } = field;
    if (typeof kind === 'object') {
      requireWire(field, wire, WireType.LengthDelimited);
      const inner = decode(new BinaryReader(reader.bytes()), kind, pool);
      if (items) items.push(inner);
      else out[field.name] = inner;
      continue;
    }
    const numeric = kind !== 'string' && kind !== 'bytes';
    if (items && numeric && wire === WireType.LengthDelimited) {
      const run = new BinaryReader(reader.bytes());
      while (run.pos < run.len) items.push(scalar(run, kind, pool));
      continue;
    }
    requireWire(field, wire, wireTypes[kind]);
    const read = scalar(reader, kind, pool);
    if (items) items.push(read);
    else out[field.name] = read;
  }
  return out;
}

function requireWire(field: Field, found: WireType, wanted: WireType): void {
  if (found !== wanted) throw new IntegrityError(`its field "${field.name}" has another type than it should`);
}

const blanks: Record<Scalar, unknown> = { int: 0, float: 0, double: 0, string: '', bytes: undefined };

/** All fields of a message at the values that stand for "not there". */
function blank(message: Message): Fields {
  const out: Fields = {};
  for (const { name, kind, repeated } of Object.values(message)) {
    if (repeated) out[name] = [];
    else if (typeof kind === 'string' && kind !== 'bytes') out[name] = blanks[kind];
  }
  return out;
}

function scalar(reader: BinaryReader, kind: Scalar, pool: StringPool): unknown {
  if (kind === 'int') return integer(reader);
  if (kind === 'float') return reader.float();
  if (kind === 'double') return reader.double();
  return kind === 'string' ? pool.text(reader.string()) : reader.bytes().slice();
}

/** An int64 as a number. Most take few bytes, and for those no BigInt need be made. */
function integer(reader: BinaryReader): number {
  const start = reader.pos;
  const low = reader.uint32();
  if (reader.pos - start < 5) return low;
  reader.pos = start;
  const value = Number(reader.int64());
  if (!Number.isSafeInteger(value)) throw new IntegrityError(`the number ${value} is too large`);
  return value;
}

/** Texts such as the modes of nodes come by the million and are few: each is kept once. */
class StringPool {
  readonly #known = new Map<string, string>();

  text(read: string): string {
    const known = this.#known.get(read);
    if (known !== undefined) return known;
    if (this.#known.size < 1000) this.#known.set(read, read);
    return read;
  }
}

function encode(writer: BinaryWriter, message: Message, value: Fields): void {
  for (const [key, field] of Object.entries(message)) {
    const number = Number(key);
    const content = value[field.name];
    if (content === undefined) continue;
    if (field.packed) writeRun(writer, number, field, content as number[]);
    else
      for (const item of field.repeated ? (content as unknown[]) : [content])
        write(writer, number, field, item);
  }
}

function writeRun(writer: BinaryWriter, number: number, field: Field, items: readonly number[]): void {
  if (items.length === 0) return;
  writer.tag(number, WireType.LengthDelimited).fork();
  for (const item of items) writeScalar(writer, field.kind as Scalar, item);
  writer.join();
}

function write(writer: BinaryWriter, number: number, field: Field, item: unknown): void {
  const { kind } = field;
  if (typeof kind === 'object') {
    writer.tag(number, WireType.LengthDelimited).fork();
    encode(writer, kind, item as Fields);
    writer.join();
    return;
  }
  // What stands for "not there" is left out, except in lists, where every item counts.
  if (!field.repeated && (item === 0 || item === '')) return;
  writer.tag(number, wireTypes[kind]);
  writeScalar(writer, kind, item);
}

function writeScalar(writer: BinaryWriter, kind: Scalar, item: unknown): void {
  if (kind === 'int') writer.int64(item as number);
  else if (kind === 'float') writer.float(item as number);
  else if (kind === 'double') writer.double(item as number);
  else if (kind === 'string') writer.string(item as string);
  else writer.bytes(item as Uint8Array);
}
