import { IntegrityError } from '../../../errors/index.ts';
import { UnsupportedModelError } from '../errors.ts';
import { elementTypes, type OnnxAttribute, type OnnxNode, type OnnxTensor } from './schema.ts';

/** How messages name a node: its operator, and its name where it has one. */
export const nodeName = ({ opType, name }: OnnxNode): string => (name ? `${opType} "${name}"` : opType);

/** The attributes of one node, by name and type. */
export class Attributes {
  readonly #node: OnnxNode;
  readonly #byName: ReadonlyMap<string, OnnxAttribute>;

  constructor(node: OnnxNode) {
    this.#node = node;
    this.#byName = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
  }

  ints(name: string): readonly number[] {
    return this.#byName.get(name)?.ints ?? [];
  }

  strings(name: string): readonly string[] {
    return this.#byName.get(name)?.strings ?? [];
  }

  int(name: string, otherwise: number): number {
    return this.#byName.get(name)?.int ?? otherwise;
  }

  /** Empty text is as good as none: ONNX has no attribute where it means something. */
  string(name: string, otherwise: string): string {
    return this.#byName.get(name)?.string || otherwise;
  }

  /** Floats of `name`, or the doubles of `name_as_tensor`. */
  numbers(name: string): readonly number[] {
    const tensor = this.#byName.get(`${name}_as_tensor`)?.tensor;
    return tensor === undefined
      ? (this.#byName.get(name)?.floats ?? [])
      : tensorNumbers(tensor, nodeName(this.#node));
  }

  /** A list of exactly that length; a missing one is allowed where `otherwise` says what it stands for. */
  sized<T>(name: string, list: readonly T[], length: number, otherwise?: T): readonly T[] {
    if (list.length === length) return list;
    if (list.length === 0 && otherwise !== undefined) return new Array<T>(length).fill(otherwise);
    throw new IntegrityError(
      `${nodeName(this.#node)}: the attribute ${name} has ${list.length} entries where ${length} are wanted`,
      { remedy: 'The file is damaged, or its converter is at fault: convert the model again.' },
    );
  }
}

/**
 * The numbers of a tensor of float, double or int64.
 *
 * @throws UnsupportedModelError on other types, IntegrityError where the bytes do not fit
 */
export function tensorNumbers(tensor: OnnxTensor, where: string): readonly number[] {
  const { dataType, rawData, floatData, doubleData, int64Data, int32Data } = tensor;
  if (rawData !== undefined && rawData.length > 0) return rawNumbers(rawData, dataType, where);
  if (dataType === elementTypes.float) return floatData;
  if (dataType === elementTypes.double) return doubleData;
  if (dataType === elementTypes.int64) return int64Data;
  return dataType === elementTypes.int32 ? int32Data : refuseType(dataType, where);
}

function rawNumbers(bytes: Uint8Array, dataType: number, where: string): number[] {
  const width = {
    [elementTypes.float]: 4,
    [elementTypes.int32]: 4,
    [elementTypes.double]: 8,
    [elementTypes.int64]: 8,
  }[dataType];
  if (width === undefined) return refuseType(dataType, where);
  if (bytes.length % width !== 0) {
    throw new IntegrityError(`${where}: a tensor of ${bytes.length} bytes has no whole number of elements`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / width }, (_, i) => {
    if (dataType === elementTypes.float) return view.getFloat32(4 * i, true);
    if (dataType === elementTypes.double) return view.getFloat64(8 * i, true);
    return dataType === elementTypes.int32
      ? view.getInt32(4 * i, true)
      : Number(view.getBigInt64(8 * i, true));
  });
}

function refuseType(dataType: number, where: string): never {
  throw new UnsupportedModelError(
    `${where}: a tensor has the element type ${dataType}, which is not read here`,
  );
}
